import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { WrittenTable } from '../testing/written-table.js';

const SQL = `
  CREATE TABLE cats (id INT PRIMARY KEY, title VARCHAR(50) NOT NULL, code VARCHAR(20) NOT NULL, weight FLOAT NOT NULL DEFAULT 0, full_title VARCHAR(80) GENERATED ALWAYS AS (CONCAT(code, ': ', title)) STORED, UNIQUE KEY (code)) ENGINE=InnoDB;
  CREATE TABLE cat_items (id INT PRIMARY KEY, cat_id INT NOT NULL, CONSTRAINT items_of_cat FOREIGN KEY (cat_id) REFERENCES cats (id) ON DELETE CASCADE) ENGINE=InnoDB;
  CREATE TABLE cat_hints (id INT PRIMARY KEY, cat_id INT NULL, CONSTRAINT hints_of_cat FOREIGN KEY (cat_id) REFERENCES cats (id) ON DELETE SET NULL) ENGINE=InnoDB;
  CREATE TABLE cat_codes (id INT PRIMARY KEY, code VARCHAR(20) NULL, CONSTRAINT codes_of_cat FOREIGN KEY (code) REFERENCES cats (code) ON UPDATE CASCADE) ENGINE=InnoDB;
  CREATE TABLE cat_log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100)) ENGINE=InnoDB;
  INSERT INTO cats (id, title, code, weight) VALUES (1, 'Items', 'one', 16777216), (2, 'ChangeNotifier', 'two', 0.1), (3, 'Codes', 'three', 1), (4, 'Free', 'four', 16777216);
  INSERT INTO cat_items VALUES (10, 1), (11, 1);
  INSERT INTO cat_hints VALUES (20, 2);
  INSERT INTO cat_codes VALUES (30, 'three');
  CREATE TABLE floats (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(50) NOT NULL, weight FLOAT NOT NULL) ENGINE=InnoDB;
  INSERT INTO floats (title, weight) VALUES ('Exact', 123456.789);
  CREATE TRIGGER cat_tidy BEFORE UPDATE ON cats FOR EACH ROW SET NEW.title = TRIM(NEW.title);
`;
const field = (name: string, column: string, more: object = {}) => ({
  field: name,
  column,
  transform: { type: 'TEXT' },
  ...more,
});
const CATS = {
  table: 'cats',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'cat-' },
  fields: [field('title', 'title'), field('subtitle', 'code')],
  accepts: ['cat_tidy'],
};

describe('writes that reach further than their rows', () => {
  let table: WrittenTable;
  let mapping: string;

  beforeAll(async () => {
    table = await WrittenTable.open(SQL);
    mapping = await table.takeOver('cats', CATS);
  });
  afterAll(() => table.close());

  const everything = async () =>
    Promise.all(
      ['cats', 'cat_items', 'cat_hints', 'cat_codes'].map((name) => table.shop.read(`SELECT * FROM ${name}`)),
    );
  const idOf = async (key: string) => (await table.admin.document(key))?.id ?? '';

  async function gates(documents: string[], remove: string[] = []): Promise<{ code: string; message: string }[]> {
    const created = expectOk(await table.admin.editor.createRelease(documents, { remove }), 'Release') as unknown as {
      id: string;
      plan: { planHash: string; gates: { code: string; message: string }[] };
    };
    const published = await table.admin.editor.publish(created.id, created.plan.planHash);
    if (created.plan.gates.length > 0) expectProblem(published, 'BLOCKED');
    return created.plan.gates;
  }

  async function planOf(id: string): Promise<unknown> {
    const { data } = await table.admin.client.send(
      'query ($id: ID!) { release(id: $id) { plan { gates { code } notes { message documentId path } } } }',
      { id },
    );
    return (data?.release as { plan: unknown }).plan;
  }

  it('are shown by a dry run, with counts', async () => {
    const run = expectOk(
      await table.admin.client.send(
        'mutation ($input: AdoptTableInput!) { adoptTable(input: $input) { __typename ... on AdoptionRun { sideEffects { name cause on table rows what accepted } } } }',
        { input: { mapping } },
      ),
      'AdoptionRun',
    );
    expect(run.sideEffects).toEqual([
      {
        name: 'codes_of_cat',
        cause: 'FOREIGN_KEY',
        on: 'UPDATE',
        table: 'cat_codes',
        rows: 1,
        what: 'the foreign key codes_of_cat changes the reference in 1 row of cat_codes on UPDATE',
        accepted: false,
      },
      {
        name: 'hints_of_cat',
        cause: 'FOREIGN_KEY',
        on: 'DELETE',
        table: 'cat_hints',
        rows: 1,
        what: 'the foreign key hints_of_cat clears the reference in 1 row of cat_hints on DELETE',
        accepted: false,
      },
      {
        name: 'items_of_cat',
        cause: 'FOREIGN_KEY',
        on: 'DELETE',
        table: 'cat_items',
        rows: 2,
        what: 'the foreign key items_of_cat deletes 2 rows of cat_items on DELETE',
        accepted: false,
      },
      {
        name: 'cat_tidy',
        cause: 'TRIGGER',
        on: 'UPDATE',
        table: 'cats',
        rows: null,
        what: 'the trigger cat_tidy (UPDATE) may change or refuse the row',
        accepted: true,
      },
      {
        name: 'full_title',
        cause: 'COLUMN',
        on: 'UPDATE',
        table: 'cats',
        rows: null,
        what: 'the column full_title is computed from others and follows them; nothing can be written into it',
        accepted: false,
      },
    ]);
  });

  it.each([
    ['would delete rows of another table', 'cat-1', 'items_of_cat deletes 2 rows of cat_items'],
    ['would clear references in another table', 'cat-2', 'hints_of_cat clears the reference in 1 row of cat_hints'],
  ])('are gated where a removal %s', async (_, key, why) => {
    const before = await everything();
    expect(await gates([], [await idOf(key)])).toEqual([
      expect.objectContaining({ code: 'SIDE_EFFECT', message: expect.stringContaining(why) }),
    ]);
    await table.worker.deliver();
    expect(await everything()).toEqual(before);
  });

  it('are refused by the writer too, where the other row came after the plan; and written once that row is deleted', async () => {
    const free = await idOf('cat-4');
    const created = expectOk(await table.admin.editor.createRelease([], { remove: [free] }), 'Release') as unknown as {
      id: string;
      plan: { planHash: string };
    };
    const landed = expectOk(await table.admin.editor.publish(created.id, created.plan.planHash), 'Release');
    await table.shop.run('INSERT INTO cat_items VALUES (12, 4)');
    const before = await everything();
    await table.worker.deliver();
    expect(await everything()).toEqual(before);
    expect(await table.receipt(String(landed.id), 'cats')).toEqual({
      state: 'REJECTED',
      error: expect.stringContaining('items_of_cat deletes 1 row of cat_items'),
    });
    await table.shop.run('DELETE FROM cat_items WHERE id = 12');
    await table.due();
    await table.worker.deliver();
    expect([
      await table.receipt(String(landed.id), 'cats'),
      await table.shop.read('SELECT id FROM cats WHERE id = 4'),
    ]).toEqual([{ state: 'APPLIED', error: null }, []]);
    await table.rollback(String(landed.id));
    await table.worker.deliver();
    // Also what shows less of its value than it holds.
    expect(
      await table.shop.read('SELECT id, title, code, CAST(weight AS DOUBLE) AS weight FROM cats WHERE id = 4'),
    ).toEqual([{ id: 4, title: 'Free', code: 'four', weight: 16777216 }]);
  });

  it('change no column that the release does not change', async () => {
    const weight = { field: 'priority', column: 'weight', transform: { type: 'NUMBER' } };
    await table.takeOver('floats', {
      table: 'floats',
      key: ['id'],
      documents: { kind: 'PROMO', keyPrefix: 'float-' },
      fields: [field('title', 'title'), weight],
    });
    const exact = async () => (await table.shop.read('SELECT title, CAST(weight AS DOUBLE) AS weight FROM floats'))[0];
    const before = await exact();
    const { id } = await table.publish('float-1', { title: 'Renamed', priority: 123457 });
    await table.worker.deliver();
    expect([await table.receipt(id, 'floats'), await exact()]).toEqual([
      { state: 'APPLIED', error: null },
      { title: 'Renamed', weight: before?.['weight'] },
    ]);
    await table.rollback(id);
    await table.worker.deliver();
    expect(await exact()).toEqual(before);
  });

  it('are gated where a change reaches other tables, until the mapping accepts it by name; a rollback takes both back', async () => {
    const before = await everything();
    const document = await table.admin.document('cat-3');
    expectOk(
      await table.admin.editor.saveDraft({
        key: 'cat-3',
        lockVersion: document?.draft.lockVersion ?? 0,
        body: { promo: { title: 'Codes', subtitle: 'drei' } },
      }),
      'Document',
    );
    expect(await gates([document?.id ?? ''])).toEqual([
      expect.objectContaining({
        code: 'SIDE_EFFECT',
        message: expect.stringContaining('codes_of_cat changes the reference in 1 row of cat_codes'),
      }),
    ]);
    await table.admin.saveMapping('cats', {
      name: 'cats',
      source: 'old-shop',
      environment: 'production',
      mode: 'WRITE_BACK',
      ...CATS,
      accepts: ['cat_tidy', 'codes_of_cat'],
    });
    await table.admin.editor.land([mapping]);
    const { id } = await table.publish('cat-3', { title: 'Codes', subtitle: 'drei' });
    await table.worker.deliver();
    expect(await table.receipt(id, 'cats')).toEqual({ state: 'APPLIED', error: null });
    expect(await table.shop.read('SELECT code FROM cat_codes')).toEqual([{ code: 'drei' }]);
    await table.rollback(id);
    await table.worker.deliver();
    expect(await everything()).toEqual(before);
  });

  it('are gated where a trigger writes other rows, until the mapping accepts it by name', async () => {
    await table.shop.run(
      "CREATE TRIGGER cat_audit AFTER UPDATE ON cats FOR EACH ROW INSERT INTO cat_log (what) VALUES ('changed')",
    );
    const document = await table.admin.document('cat-2');
    expectOk(
      await table.admin.editor.saveDraft({
        key: 'cat-2',
        lockVersion: document?.draft.lockVersion ?? 0,
        body: { promo: { title: 'ChangeNotifier, renamed', subtitle: 'two' } },
      }),
      'Document',
    );
    const { id } = expectOk(await table.admin.editor.createRelease([document?.id ?? '']), 'Release');
    const gate = {
      code: 'SIDE_EFFECT',
      message: expect.stringContaining('the trigger cat_audit (UPDATE) writes other rows; name cat_audit in accepts'),
    };
    expect(await gates([document?.id ?? ''])).toEqual([expect.objectContaining(gate)]);
    await table.admin.saveMapping('cats', {
      name: 'cats',
      source: 'old-shop',
      environment: 'production',
      mode: 'WRITE_BACK',
      ...CATS,
      accepts: ['cat_tidy', 'cat_audit'],
    });
    await table.admin.editor.land([mapping]);
    expect(await planOf(String(id))).toEqual({ gates: [], notes: [] });
    const landed = await table.publish('cat-2', { title: 'ChangeNotifier, renamed', subtitle: 'two' });
    await table.worker.deliver();
    expect([await table.receipt(landed.id, 'cats'), await table.shop.read('SELECT what FROM cat_log')]).toEqual([
      { state: 'APPLIED', error: null },
      [{ what: 'changed' }],
    ]);
  });

  it('name a changed field that no column is written for, and hold up nothing', async () => {
    const document = await table.admin.document('cat-4');
    expectOk(
      await table.admin.editor.saveDraft({
        key: 'cat-4',
        lockVersion: document?.draft.lockVersion ?? 0,
        body: { promo: { title: 'Free', subtitle: 'four', badge: 'New' } },
      }),
      'Document',
    );
    const { id } = expectOk(await table.admin.editor.createRelease([document?.id ?? '']), 'Release');
    expect(await planOf(String(id))).toEqual({
      gates: [],
      notes: [
        { message: expect.stringContaining('badge: no column of cats'), documentId: document?.id, path: 'badge' },
      ],
    });
  });

  it('refuses a mapping that writes a generated column where it is saved, tried and planned, in the same words', async () => {
    const body = {
      name: 'generated',
      source: 'old-shop',
      environment: 'production',
      ...CATS,
      documents: { kind: 'PROMO', keyPrefix: 'generated-' },
      fields: [field('title', 'title'), field('subtitle', 'full_title')],
    };
    const expected = { code: 'NOT_INVERTIBLE', message: 'full_title is a generated column; mark it readOnly' };
    const saved = expectProblem(
      await table.admin.tryMapping('generated', { ...body, mode: 'WRITE_BACK' }),
      'VALIDATION',
    );
    expect(saved.fields).toEqual([{ path: 'body.adoption.fields[1].column', ...expected }]);
    expect(await table.admin.client.send('{ documentByKey(kind: ADOPTION, key: "generated") { id } }')).toMatchObject({
      data: { documentByKey: null },
    });
    const tried = expectProblem(await table.admin.adopt({ body: { ...body, mode: 'WRITE_BACK' } }), 'VALIDATION');
    expect(tried.fields).toEqual([expect.objectContaining(expected)]);
    // Saved while the column was an ordinary one.
    await table.shop.run(
      "ALTER TABLE cats DROP COLUMN full_title; ALTER TABLE cats ADD full_title VARCHAR(80) NOT NULL DEFAULT ''",
    );
    const id = await table.admin.saveMapping('generated', {
      ...body,
      mode: 'WRITE_BACK',
      where: [{ column: 'id', operator: 'IN', values: ['999'] }],
    });
    await table.shop.run(
      "ALTER TABLE cats DROP COLUMN full_title; ALTER TABLE cats ADD full_title VARCHAR(80) GENERATED ALWAYS AS (CONCAT(code, ': ', title)) STORED",
    );
    const planned = await gates([id]);
    expect(planned).toContainEqual(
      expect.objectContaining({
        code: 'INVALID_BODY',
        message: expect.stringContaining(`fields[1].column: ${expected.message}`),
      }),
    );
    expectOk(
      await table.admin.tryMapping('generated-read', {
        ...body,
        mode: 'WRITE_BACK',
        fields: [field('title', 'title'), field('subtitle', 'full_title', { readOnly: true })],
      }),
      'Document',
    );
  });
});
