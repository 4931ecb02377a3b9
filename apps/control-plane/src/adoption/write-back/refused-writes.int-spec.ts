import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { WrittenTable } from '../testing/written-table.js';

const SQL = `
  CREATE TABLE cards (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(20) NOT NULL, sub VARCHAR(100), rank_no INT NOT NULL DEFAULT 0, UNIQUE KEY (title),
    CONSTRAINT no_shouting CHECK (BINARY title <> BINARY UPPER(title))) ENGINE=InnoDB;
  INSERT INTO cards (title, sub) VALUES ('One', 'a'), ('Two', 'b'), ('Three', 'c');
  CREATE TABLE notes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, card_id INT NOT NULL, CONSTRAINT note_of_card FOREIGN KEY (card_id) REFERENCES cards (id)) ENGINE=InnoDB;
  INSERT INTO notes (card_id) VALUES (2);
  CREATE TABLE pairs (a INT NOT NULL, b INT NOT NULL, title VARCHAR(50) NOT NULL, PRIMARY KEY (a, b)) ENGINE=InnoDB;
  INSERT INTO pairs VALUES (1, 1, 'First pair');
  CREATE TABLE plain (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(50) NOT NULL) ENGINE=MyISAM;
  INSERT INTO plain (title) VALUES ('Plain one');
`;
const field = (name: string, column: string) => ({ field: name, column, transform: { type: 'TEXT' } });
const CARDS = {
  table: 'cards',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'card-' },
  fields: [field('title', 'title'), field('subtitle', 'sub')],
  accepts: ['in_caps'],
};
const PAIRS = {
  table: 'pairs',
  key: ['a', 'b'],
  documents: { kind: 'PROMO', keyPrefix: 'pair-' },
  fields: [field('title', 'title')],
};
const PLAIN = {
  table: 'plain',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'plain-' },
  fields: [field('title', 'title')],
};

describe('a row that the old database refuses', () => {
  let table: WrittenTable;

  beforeAll(async () => {
    table = await WrittenTable.open(SQL);
    await table.takeOver('cards', CARDS);
    await table.takeOver('pairs', PAIRS);
    await table.takeOver('plain', PLAIN);
  });
  afterAll(() => table.close());

  const card = async (id: number) => (await table.shop.read(`SELECT title, sub FROM cards WHERE id = ${id}`))[0];

  /** Several passes, restarts and looks: nothing but the row itself may change what was said. */
  async function staysRejected(release: string, mapping: string, reason: string): Promise<void> {
    for (const pass of [
      () => table.worker.deliver(),
      () => table.worker.look(),
      () => table.worker.restart(),
      () => table.due(),
      () => table.worker.deliver(),
    ]) {
      await pass();
      expect(await table.receipt(release, mapping)).toEqual({
        state: 'REJECTED',
        error: expect.stringContaining(reason),
      });
      expect(await table.drift('OPEN')).toHaveLength(1);
    }
  }

  it('by a trigger stays rejected with an open event, is tried later and later, and is applied when it is written', async () => {
    await table.shop.run(
      "CREATE TRIGGER no_update BEFORE UPDATE ON cards FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'cards are closed'",
    );
    const { id, seq } = await table.publish('card-1', { title: 'Uno', subtitle: 'a' });
    await table.worker.deliver();
    await staysRejected(id, 'cards', 'cards are closed');
    const [event] = await table.drift('OPEN');
    expect(event).toMatchObject({
      kind: 'REFUSED',
      seq,
      note: expect.stringContaining('cards are closed'),
      attempts: 2,
      retryAt: expect.any(String),
    });
    expect(await card(1)).toEqual({ title: 'One', sub: 'a' });
    await table.shop.run('DROP TRIGGER no_update');
    await table.worker.deliver();
    expect(await table.receipt(id, 'cards')).toMatchObject({ state: 'REJECTED' });
    await table.due();
    await table.worker.deliver();
    expect([await table.receipt(id, 'cards'), await card(1), await table.drift('OPEN')]).toEqual([
      { state: 'APPLIED', error: null },
      { title: 'Uno', sub: 'a' },
      [],
    ]);
  });

  it.each([
    ['a CHECK', 'card-1', { title: 'UNO', subtitle: 'a' }, 'no_shouting'],
    ['a unique key over another column', 'card-1', { title: 'Two', subtitle: 'a' }, 'Duplicate entry'],
    ['the length of a column', 'card-1', { title: 'A title that is longer than twenty', subtitle: 'a' }, 'holds 20'],
    ['a column that must hold a value', 'card-new', { title: 'A title that is longer than twenty' }, 'holds 20'],
    ['a unique key, for a new row', 'card-twin', { title: 'Two' }, 'Duplicate entry'],
    ['a CHECK, for a new row', 'card-loud', { title: 'LOUD' }, 'no_shouting'],
  ])('by %s, until a later release is applied instead', async (_, key, body, reason) => {
    const isNew = (await table.admin.document(key)) === null;
    const { id } = await table.publish(key, body);
    await table.worker.deliver();
    await staysRejected(id, 'cards', reason);
    const later = isNew ? await table.remove(key) : await table.publish(key, { title: 'Uno', subtitle: 'a' });
    await table.worker.deliver();
    expect(await table.receipt(later.id, 'cards')).toEqual({ state: 'APPLIED', error: null });
    expect(await table.receipt(id, 'cards')).toEqual({ state: 'SKIPPED', error: null });
    expect(await table.drift('OPEN')).toEqual([]);
  });

  it('because other rows refer to it, when its document is removed; and comes back by a rollback', async () => {
    const removal = await table.remove('card-2');
    await table.worker.deliver();
    await staysRejected(removal.id, 'cards', 'note_of_card');
    const rollback = await table.rollback(removal.id);
    await table.worker.deliver();
    expect(await table.receipt(rollback.id, 'cards')).toEqual({ state: 'APPLIED', error: null });
    expect(await table.receipt(removal.id, 'cards')).toEqual({ state: 'SKIPPED', error: null });
    expect([await card(2), await table.drift('OPEN')]).toEqual([{ title: 'Two', sub: 'b' }, []]);
  });

  it('because nothing says the key of a new row in a table with a key of several columns', async () => {
    const { id } = await table.publish('pair-new', { title: 'Another pair' });
    await table.worker.deliver();
    await staysRejected(id, 'pairs', 'a key of several columns');
    expect(await table.shop.read('SELECT * FROM pairs')).toHaveLength(1);
    const removal = await table.remove('pair-new');
    await table.worker.deliver();
    expect([await table.receipt(removal.id, 'pairs'), await table.drift('OPEN')]).toEqual([
      { state: 'APPLIED', error: null },
      [],
    ]);
  });

  it('is applied after the row is corrected by hand', async () => {
    await table.shop.run(
      "CREATE TRIGGER no_update BEFORE UPDATE ON cards FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'",
    );
    const { id } = await table.publish('card-3', { title: 'Tres', subtitle: 'c' });
    await table.worker.deliver();
    await table.shop.run("DROP TRIGGER no_update; UPDATE cards SET title = 'Tres' WHERE id = 3");
    await table.worker.look();
    await table.worker.deliver();
    expect([await table.receipt(id, 'cards'), await table.drift('OPEN')]).toEqual([
      { state: 'APPLIED', error: null },
      [],
    ]);
  });

  it('is not applied where the old database stores something else', async () => {
    await table.shop.run('CREATE TRIGGER in_caps BEFORE UPDATE ON cards FOR EACH ROW SET NEW.sub = UPPER(NEW.sub)');
    const { id } = await table.publish('card-3', { title: 'Tres', subtitle: 'quiet' });
    await table.worker.deliver();
    await staysRejected(id, 'cards', 'stored something else');
    await table.shop.run('DROP TRIGGER in_caps');
    await table.due();
    await table.worker.deliver();
    expect([await table.receipt(id, 'cards'), await card(3)]).toEqual([
      { state: 'APPLIED', error: null },
      { title: 'Tres', sub: 'quiet' },
    ]);
  });

  it('is applied where an engine without transactions wrote it and then failed', async () => {
    await table.shop.run(
      "CREATE TRIGGER late AFTER UPDATE ON plain FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too late'",
    );
    const { id } = await table.publish('plain-1', { title: 'Written after all' });
    await table.worker.deliver();
    expect(await table.shop.read('SELECT title FROM plain')).toEqual([{ title: 'Written after all' }]);
    expect([await table.receipt(id, 'plain'), await table.drift('OPEN')]).toEqual([
      { state: 'APPLIED', error: null },
      [],
    ]);
    await table.shop.run('DROP TRIGGER late');
  });

  it('is not applied by an event that was settled in favour of the row', async () => {
    await table.shop.run(
      "CREATE TRIGGER no_update BEFORE UPDATE ON cards FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'",
    );
    const { id } = await table.publish('card-1', { title: 'Ein', subtitle: 'a' });
    await table.worker.deliver();
    const [event] = await table.drift('OPEN');
    expect(expectProblem(await table.resolve(event?.id ?? '', 'OURS'), 'VALIDATION').fields).toEqual([
      expect.objectContaining({ code: 'NOT_WRITTEN', message: expect.stringContaining('closed') }),
    ]);
    const [still] = await table.drift('OPEN');
    expectOk(await table.resolve(still?.id ?? '', 'THEIRS'), 'DriftEvent');
    for (const pass of [
      () => table.worker.deliver(),
      () => table.worker.look(),
      () => table.worker.restart(),
      () => table.worker.deliver(),
    ]) {
      await pass();
      expect(await table.receipt(id, 'cards')).toMatchObject({ state: 'REJECTED' });
    }
    expect([await card(1), (await table.admin.document('card-1'))?.draft.body]).toMatchObject([
      { title: 'Uno' },
      { title: 'Uno' },
    ]);
    await table.shop.run('DROP TRIGGER no_update');
    const next = await table.publish('card-1', { title: 'Uno', subtitle: 'a' });
    await table.worker.deliver();
    expect([await table.receipt(next.id, 'cards'), await table.receipt(id, 'cards')]).toMatchObject([
      { state: 'APPLIED' },
      { state: 'SKIPPED' },
    ]);
  });

  it('is written, and its event says so, when it is settled in favour of the document', async () => {
    await table.shop.run(
      "CREATE TRIGGER no_update BEFORE UPDATE ON cards FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'",
    );
    const { id } = await table.publish('card-1', { title: 'Eins', subtitle: 'a' });
    await table.worker.deliver();
    const [event] = await table.drift('OPEN');
    await table.shop.run('DROP TRIGGER no_update');
    expect(expectOk(await table.resolve(event?.id ?? '', 'OURS'), 'DriftEvent')).toMatchObject({ state: 'TOOK_OURS' });
    await table.worker.deliver();
    expect([await table.receipt(id, 'cards'), await card(1)]).toMatchObject([{ state: 'APPLIED' }, { title: 'Eins' }]);
  });

  it('is not applied because others change the row there and back again', async () => {
    await table.shop.run("UPDATE cards SET title = 'Theirs' WHERE id = 1");
    const { id } = await table.publish('card-1', { title: 'Un', subtitle: 'a' });
    await table.worker.deliver();
    await table.shop.run("UPDATE cards SET title = 'Eins' WHERE id = 1");
    await table.worker.look();
    expect(await table.receipt(id, 'cards')).toEqual({
      state: 'REJECTED',
      error: expect.stringContaining('was changed by another program'),
    });
    await table.worker.deliver();
    expect([await table.receipt(id, 'cards'), await card(1), await table.drift('OPEN')]).toEqual([
      { state: 'APPLIED', error: null },
      { title: 'Un', sub: 'a' },
      [],
    ]);
  });

  it('keeps being said of when the worker dies between the rows and the receipts', async () => {
    await table.shop.run(
      "CREATE TRIGGER no_update BEFORE UPDATE ON cards FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'",
    );
    const { id } = await table.publish('card-1', { title: 'Yksi', subtitle: 'a' });
    await table.worker.dieBeforeReceipts();
    await table.worker.beat();
    expect(await table.receipt(id, 'cards')).toMatchObject({ state: 'PENDING' });
    await table.worker.deliver();
    await staysRejected(id, 'cards', 'closed');
    await table.shop.run('DROP TRIGGER no_update');
  });
});
