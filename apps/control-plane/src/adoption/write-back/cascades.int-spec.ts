import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdoptionBody, AdoptionField } from '@paddock/contracts';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows } from '../rows/scan.js';
import { Sources } from '../source/sources.js';
import { compileAt } from '../tables/table-reader.js';
import { WrittenTable } from '../testing/written-table.js';
import { guardedWrite } from './guarded-write.js';

const SQL = `
  CREATE TABLE cats (id INT PRIMARY KEY, title VARCHAR(50) NOT NULL, code VARCHAR(20) NULL, parent_id INT NULL, UNIQUE KEY (code), CONSTRAINT cat_of_cat FOREIGN KEY (parent_id) REFERENCES cats (id) ON DELETE CASCADE) ENGINE=InnoDB;
  CREATE TABLE cat_items (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, cat_id INT NOT NULL, weight FLOAT, note VARBINARY(8), made TIMESTAMP NULL, touched TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP,
    twice INT AS (cat_id * 2) STORED, CONSTRAINT items_of_cat FOREIGN KEY (cat_id) REFERENCES cats (id) ON DELETE CASCADE) ENGINE=InnoDB;
  CREATE TABLE item_texts (item_id INT NOT NULL, lang CHAR(2) NOT NULL, body TEXT, mood ENUM('good','bad'), PRIMARY KEY (item_id, lang), CONSTRAINT texts_of_item FOREIGN KEY (item_id) REFERENCES cat_items (id) ON DELETE CASCADE) ENGINE=InnoDB;
  CREATE TABLE item_hints (id INT PRIMARY KEY, item_id INT NULL, touched TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP, CONSTRAINT hints_of_item FOREIGN KEY (item_id) REFERENCES cat_items (id) ON DELETE SET NULL) ENGINE=InnoDB;
  CREATE TABLE cat_codes (id INT PRIMARY KEY, code VARCHAR(20) NULL, CONSTRAINT codes_of_cat FOREIGN KEY (code) REFERENCES cats (code) ON UPDATE SET NULL) ENGINE=InnoDB;
  SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
  INSERT INTO cats VALUES (1, 'Top', 'one', NULL), (2, 'Below', 'two', 1), (3, 'Below that', NULL, 2), (4, 'Own parent', NULL, 4), (5, 'Coded', 'five', NULL), (6, 'Keyless', NULL, NULL);
  INSERT INTO cat_items (id, cat_id, weight, note, made) VALUES (0, 1, 0.1, x'00ff', '2026-10-25 01:30:00'), (11, 3, 16777216, NULL, NULL), (12, 3, -0e0, x'', NULL), (13, 4, 1, NULL, NULL);
  INSERT INTO item_texts VALUES (0, 'en', 'trailing  ', 'worse'), (11, 'en', NULL, 'good');
  INSERT INTO item_hints (id, item_id) VALUES (20, 0), (21, 12), (22, NULL), (23, 13);
  INSERT INTO cat_codes VALUES (30, 'five'), (31, NULL);
  CREATE TABLE keyless (cat_id INT NOT NULL, CONSTRAINT keyless_of_cat FOREIGN KEY (cat_id) REFERENCES cats (id) ON DELETE CASCADE) ENGINE=InnoDB;
  INSERT INTO keyless VALUES (6);
`;
const field = (name: string, column: string, more: object = {}) => ({
  field: name,
  column,
  transform: { type: 'TEXT' },
  ...more,
});
const ALL = ['cat_of_cat', 'items_of_cat', 'texts_of_item', 'hints_of_item', 'codes_of_cat', 'keyless_of_cat'];
const CATS = {
  table: 'cats',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'cat-' },
  fields: [field('title', 'title'), field('subtitle', 'code')],
};
const TABLES: Record<string, string> = {
  cats: 'CONCAT_WS(0x7c, id, HEX(title), IFNULL(HEX(code), 0x4e), IFNULL(parent_id, 0x4e))',
  cat_items:
    'CONCAT_WS(0x7c, id, cat_id, IFNULL(weight * 1e0, 0x4e), IFNULL(HEX(note), 0x4e), IFNULL(made, 0x4e), touched, twice)',
  item_texts: 'CONCAT_WS(0x7c, item_id, HEX(lang), IFNULL(HEX(body), 0x4e), mood + 0)',
  item_hints: 'CONCAT_WS(0x7c, id, IFNULL(item_id, 0x4e), touched)',
  cat_codes: 'CONCAT_WS(0x7c, id, IFNULL(HEX(code), 0x4e))',
};

describe('rows of other tables that a write takes along', () => {
  let table: WrittenTable;
  let mapping: string;

  beforeAll(async () => {
    table = await WrittenTable.open(SQL);
    mapping = await table.takeOver('cats', { ...CATS, accepts: ALL });
  });
  afterAll(() => table.close());

  const everything = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(TABLES).map(async ([name, row]) => [
          name,
          (await table.shop.read(`SELECT ${row} AS r FROM ${name} ORDER BY 1`)).map(({ r }) => String(r)),
        ]),
      ),
    );
  const remap = async (accepts: string[]) => {
    await table.admin.saveMapping('cats', {
      name: 'cats',
      source: 'old-shop',
      environment: 'production',
      mode: 'WRITE_BACK',
      ...CATS,
      accepts,
    });
    await table.admin.editor.land([mapping]);
    await table.worker.deliver();
  };
  const notes = async (release: string) => {
    const { data } = await table.admin.client.send(
      'query ($id: ID!) { release(id: $id) { plan { gates { code message } notes { message } } } }',
      { id: release },
    );
    return (data?.release as { plan: { gates: { code: string; message: string }[]; notes: { message: string }[] } })
      .plan;
  };

  it('are gated at every level until each foreign key is accepted, and are noted with their counts then', async () => {
    await remap(['items_of_cat', 'cat_of_cat', 'texts_of_item']);
    const id = (await table.admin.document('cat-1'))?.id ?? '';
    const created = expectOk(await table.admin.editor.createRelease([], { remove: [id] }), 'Release');
    expect((await notes(String(created.id))).gates).toEqual([
      {
        code: 'SIDE_EFFECT',
        message: expect.stringContaining(
          'hints_of_item clears the reference in 2 rows of item_hints on DELETE; name hints_of_item in accepts',
        ),
      },
    ]);
    await remap(ALL);
    const plan = await notes(String(created.id));
    expect([plan.gates, plan.notes.map(({ message }) => message).sort()]).toEqual([
      [],
      [
        expect.stringContaining('cat_of_cat deletes 2 rows of cats'),
        expect.stringContaining('hints_of_item clears the reference in 2 rows of item_hints'),
        expect.stringContaining('items_of_cat deletes 3 rows of cat_items on DELETE; a rollback puts them back'),
        expect.stringContaining('texts_of_item deletes 2 rows of item_texts'),
      ],
    ]);
    await table.admin.client.send(
      'mutation ($input: DropReleaseInput!) { dropRelease(input: $input) { __typename } }',
      { input: { id: created.id } },
    );
  });

  it('come back to the byte with a rollback, through several tables and the own one', async () => {
    const before = await everything();
    const removal = await table.remove('cat-1');
    await table.worker.deliver();
    expect(await table.receipt(removal.id, 'cats')).toEqual({ state: 'APPLIED', error: null });
    expect(await everything()).toMatchObject({
      cats: [expect.stringMatching(/^4/), expect.stringMatching(/^5/), expect.stringMatching(/^6/)],
      cat_items: [expect.stringMatching(/^13/)],
      item_texts: [],
    });
    const rollback = await table.rollback(removal.id);
    await table.worker.deliver();
    expect(await table.receipt(rollback.id, 'cats')).toEqual({ state: 'APPLIED', error: null });
    expect(await everything()).toEqual(before);
    await table.worker.look();
    expect(await table.drift('OPEN')).toEqual([]);
  });

  it('come back where one release removes a row and the rows below it', async () => {
    const before = await everything();
    const ids = await Promise.all(
      ['cat-3', 'cat-2', 'cat-1', 'cat-4'].map(async (key) => (await table.admin.document(key))?.id ?? ''),
    );
    const removal = await table.admin.editor.land([], { remove: ids });
    await table.worker.deliver();
    expect(await table.receipt(removal.id, 'cats')).toEqual({ state: 'APPLIED', error: null });
    const rollback = await table.rollback(removal.id);
    await table.worker.deliver();
    expect(await table.receipt(rollback.id, 'cats')).toEqual({ state: 'APPLIED', error: null });
    expect(await everything()).toEqual(before);
  });

  it('get back a reference that ON UPDATE SET NULL cleared', async () => {
    const before = await everything();
    const change = await table.publish('cat-5', { title: 'Coded', subtitle: 'fünf' });
    await table.worker.deliver();
    expect([await table.receipt(change.id, 'cats'), (await everything())['cat_codes']]).toEqual([
      { state: 'APPLIED', error: null },
      ['30|N', '31|N'],
    ]);
    await table.rollback(change.id);
    await table.worker.deliver();
    expect(await everything()).toEqual(before);
  });

  it('come back after a crash between the row and them', async () => {
    const before = await everything();
    const removal = await table.remove('cat-1');
    await table.worker.dieBeforeReceipts();
    await table.worker.deliver();
    const rollback = await table.rollback(removal.id);
    // As if it had died when the row itself was back.
    await table.shop.run("INSERT INTO cats VALUES (1, 'Top', 'one', NULL)");
    const { rows } = await interrupted(table, 'cat-1');
    expect(rows).toBe(1);
    await table.worker.deliver();
    expect([await table.receipt(rollback.id, 'cats'), await everything()]).toEqual([
      { state: 'APPLIED', error: null },
      before,
    ]);
  });

  it('that cannot come back keep the release rejected until they can', async () => {
    const before = await everything();
    const removal = await table.remove('cat-1');
    await table.worker.deliver();
    await table.shop.run(
      "CREATE TRIGGER no_texts BEFORE INSERT ON item_texts FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'texts are closed'",
    );
    const rollback = await table.rollback(removal.id);
    for (const pass of [
      () => table.worker.deliver(),
      () => table.worker.look(),
      () => table.worker.restart(),
      () => table.worker.deliver(),
    ]) {
      await pass();
      expect(await table.receipt(rollback.id, 'cats')).toEqual({
        state: 'REJECTED',
        error: expect.stringContaining('2 rows that went with it are not back: item_texts item_id = 0'),
      });
    }
    expect(await table.drift('OPEN')).toEqual([
      expect.objectContaining({ kind: 'REFUSED', note: expect.stringContaining('texts are closed') }),
    ]);
    await table.shop.run('DROP TRIGGER no_texts');
    await table.due();
    await table.worker.deliver();
    expect([await table.receipt(rollback.id, 'cats'), await everything(), await table.drift('OPEN')]).toEqual([
      { state: 'APPLIED', error: null },
      before,
      [],
    ]);
  });

  it('are those that were kept, or none: one that is added in between is not taken along', async () => {
    const before = await everything();
    const sources = table.world.app.get(Sources, { strict: false });
    const fields: AdoptionField[] = [{ field: 'title', column: 'title', transform: { type: 'TEXT' } }];
    const body: AdoptionBody = {
      name: 'cats',
      source: 'old-shop',
      environment: 'production',
      mode: 'WRITE_BACK',
      table: 'cats',
      key: ['id'],
      documents: { kind: 'promo', keyPrefix: 'cat-' },
      fields,
      accepts: ALL,
    };
    const found = await sources.use(await sources.findOrThrow('old-shop'), { write: true }, async (session) => {
      const compiled = await compileAt(session, body);
      if (!compiled.ok) throw new Error('it does not fit');
      const [row = []] = await readRows(session, compiled.mapping, [[Buffer.from('4')]]);
      const document = { id: '', key: 'cat-4', seq: 1, live: null };
      const plan = {
        document,
        known: undefined,
        key: [Buffer.from('4')],
        present: row,
        insert: undefined,
        beside: [],
        decision: { do: 'DELETE', guard: rowHash(row) },
      } as const;
      return guardedWrite(session, compiled.mapping, { ...plan, dependents: [] });
    });
    expect([found, await everything()]).toEqual([0, before]);
  });

  it('without a key to find them by block a removal, even if the mapping accepts it', async () => {
    const id = (await table.admin.document('cat-6'))?.id ?? '';
    const created = expectOk(await table.admin.editor.createRelease([], { remove: [id] }), 'Release') as unknown as {
      id: string;
      plan: { planHash: string; gates: { message: string }[] };
    };
    expect(created.plan.gates).toEqual([
      expect.objectContaining({
        code: 'SIDE_EFFECT',
        message: expect.stringContaining('no unique key names the rows of keyless'),
      }),
    ]);
    expectProblem(await table.admin.editor.publish(created.id, created.plan.planHash), 'BLOCKED');
  });
});

/** Leaves what a writer leaves that dies between a row and its dependents. */
async function interrupted(table: WrittenTable, key: string): Promise<{ rows: number }> {
  const id = (await table.admin.document(key))?.id;
  const { affectedRows }: { affectedRows: number } = await table.world.db.manager.query(
    "UPDATE row_dependents SET state = 'RETURNING' WHERE document_id = ?",
    [id],
  );
  const [release]: { seq: string }[] = await table.world.db.manager.query('SELECT MAX(seq) AS seq FROM `release`');
  const [pin]: { revision: number }[] = await table.world.db.manager.query(
    'SELECT revision FROM release_item WHERE document_id = ? ORDER BY seq DESC LIMIT 1',
    [id],
  );
  const [row]: { mapping: string; cells: string }[] = await table.world.db.manager.query(
    'SELECT mapping_id AS mapping, key_cells AS cells FROM adopted_row WHERE document_id = ?',
    [id],
  );
  await table.world.db.manager.query(
    "INSERT INTO row_write (mapping_id, document_id, op, revision, key_cells, seq, prepared_at) VALUES (?, ?, 'INSERT', ?, ?, ?, UTC_TIMESTAMP(3))",
    [row?.mapping, id, pin?.revision, row?.cells, release?.seq],
  );
  return { rows: affectedRows };
}
