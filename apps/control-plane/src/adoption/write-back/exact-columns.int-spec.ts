import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { expectOk } from '../../testing/expect-result.js';
import { WrittenTable } from '../testing/written-table.js';

/** Columns that hold more than they show, with values for each; of those that a document can say, two that it may be edited to. */
const COLUMNS: readonly { type: string; values: readonly string[]; edits?: readonly string[] }[] = [
  { type: 'FLOAT', values: ['0.1', '16777216', '-0e0', '123456.789', '3.4e38', 'NULL'], edits: ['0.2', '16777215'] },
  {
    type: 'DOUBLE',
    values: ['0.1', '1e308', '-0e0', '0.30000000000000004', '9007199254740993', 'NULL'],
    edits: ['0.2', '2.5'],
  },
  { type: 'DOUBLE(10,2)', values: ['0.1', '12345678.91', 'NULL'] },
  {
    type: 'DECIMAL(30,10)',
    values: ['12345678901234567890.0123456789', '-0.1', '0', 'NULL'],
    edits: ['1.5000000000', '20.0000000000'],
  },
  {
    type: 'BIGINT UNSIGNED',
    values: ['18446744073709551615', '9007199254740993', 'NULL'],
    edits: ['9007199254740995'],
  },
  { type: 'BIT(64)', values: ["b'1111111111111111111111111111111111111111111111111111111111111111'", "b'0'", 'NULL'] },
  { type: 'BIT(1)', values: ["b'1'", "b'0'"] },
  { type: 'TIMESTAMP(3) NULL', values: ["'2026-10-25 01:30:00.500'", "'0000-00-00 00:00:00'", 'NULL'] },
  {
    type: 'DATETIME',
    values: [
      "'2026-03-29 01:30:00'",
      "'0000-00-00 00:00:00'",
      "'2026-00-00 00:00:00'",
      "'9999-12-31 23:59:59'",
      "'2026-02-30 00:00:00'",
      'NULL',
    ],
  },
  { type: 'DATE', values: ["'0000-00-00'", "'2026-02-30'", "'2026-02-28'"] },
  { type: 'TIME(3)', values: ["'26:30:00.5'", "'-838:59:59'", 'NULL'], edits: ['01:02:03.000'] },
  { type: 'YEAR', values: ['0', '1901', '2026', 'NULL'] },
  { type: 'VARBINARY(8)', values: ["x'00ff'", "x''", "x'20'", 'NULL'] },
  { type: 'BLOB', values: ["x'c3'", "x'00'", "x''", 'NULL'] },
  { type: 'JSON', values: [`'{"a":1e400, "n":9007199254740993}'`, `'{"b": 1,"a":2}'`, 'NULL'] },
  { type: "SET('a','bc','d')", values: ["'a,d'", "''", 'NULL'] },
  { type: "ENUM('on','off','a,b')", values: ["'on'", "'none of these'", 'NULL'], edits: ['off', 'a,b'] },
  {
    type: 'VARCHAR(60) CHARACTER SET latin1',
    values: ["'trailing  '", "'Ä'", "''", "x'80'", 'NULL'],
    edits: ['Ö', 'no space'],
  },
  {
    type: 'VARCHAR(60) COLLATE utf8mb4_general_ci',
    values: ["'STRASSE'", "'straße'", "'a\\\\b''c'", "'\\r\\n'"],
    edits: ['straße', 'Straße ', 'strasse'],
  },
  { type: 'CHAR(10)', values: ["'pad'", "''"] },
  { type: 'POINT NULL', values: ['POINT(3,4)', 'NULL'] },
  { type: "VARCHAR(50) INVISIBLE DEFAULT 'inv'", values: ["'hidden'", 'NULL'] },
  {
    type: "TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP",
    values: ["'2020-01-01 00:00:00'", "'0000-00-00 00:00:00'"],
  },
];
const NAMES = COLUMNS.map((_, at) => `c${at}`);
const MAPPED = COLUMNS.flatMap(({ edits }, at) => (edits ? [at] : []));
const KEY = 7;
const SQL = `CREATE TABLE exact (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(50) NOT NULL, ${COLUMNS.map(({ type }, at) => `c${at} ${type}`).join(', ')},
  twice INT AS (CHAR_LENGTH(title) * 2) STORED, shout VARCHAR(60) AS (UPPER(title)) VIRTUAL) ENGINE=InnoDB;`;
const field = (name: string, column: string) => ({ field: name, column, transform: { type: 'TEXT' } });
const EXACT = {
  table: 'exact',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'exact-' },
  fields: [field('title', 'title'), ...MAPPED.map((at) => field(`props.c${at}`, `c${at}`))],
  fixed: [{ field: 'component', value: 'card' }],
};
/** All cells of a row as bytes; for types where one text stands for several values, the value. */
const BYTES = NAMES.map((name, at) => {
  const { type } = COLUMNS[at] ?? { type: '' };
  const value = /^(?:FLOAT|DOUBLE)/.test(type)
    ? `CONCAT(${name} * 1e0)`
    : type.startsWith('BIT') || type.startsWith('ENUM')
      ? `CONCAT(${name} + 0)`
      : name;
  return `HEX(${value}) AS ${name}`;
}).join(', ');

describe('the columns of a row that is written', () => {
  let table: WrittenTable;

  beforeAll(async () => {
    table = await WrittenTable.open(SQL);
  });
  afterAll(() => table.close());

  const bytes = async (id: number) =>
    (await table.shop.read(`SELECT HEX(title) AS title, ${BYTES} FROM exact WHERE id = ${id}`))[0];
  const insert = (id: number, values: readonly number[]) =>
    table.shop.run(
      `SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'; INSERT INTO exact (id, title, ${NAMES.join(', ')}) VALUES (${id}, 'Row ${id}', ${COLUMNS.map(({ values: all }, at) => all[(values[at] ?? 0) % all.length]).join(', ')})`,
    );
  const bodyOf = async (key: string) => {
    const { data } = await table.admin.client.send(
      'query ($key: String!) { documentByKey(kind: PROMO, key: $key) { draft { body { ... on Promo { title props } } } } }',
      { key },
    );
    return (data?.documentByKey as { draft: { body: { title: string; props: Record<string, unknown> | null } } }).draft
      .body;
  };

  it('are those that the release names, to the byte; and a rollback brings back what they held', async () => {
    // Rows with every value of every column, and some at random; id 0 counts as any other.
    const rows = [
      ...Array.from({ length: 6 }, (_, at) => NAMES.map(() => at)),
      ...fc.sample(fc.array(fc.nat(20), { minLength: NAMES.length, maxLength: NAMES.length }), {
        numRuns: 6,
        seed: KEY,
      }),
    ];
    for (const [id, values] of rows.entries()) await insert(id, values);
    expectOk(
      await table.admin.editor.saveDraft({
        key: 'card',
        body: { component: { name: 'Card', propsSchema: { type: 'object' } } },
      }),
      'Document',
    );
    await table.takeOver('exact', EXACT);
    const before = await Promise.all(rows.map((_, id) => bytes(id)));
    const edits = fc.sample(
      fc.record({
        title: fc.boolean(),
        columns: fc.array(fc.tuple(fc.constantFrom(...MAPPED), fc.nat(3)), { maxLength: 4 }),
      }),
      { numRuns: rows.length, seed: KEY },
    );
    const changed: Set<string>[] = [];
    const ids: string[] = [];
    for (const [id, edit] of edits.entries()) {
      const document = await table.admin.document(`exact-${id}`);
      const body = await bodyOf(`exact-${id}`);
      const props = {
        ...body.props,
        ...Object.fromEntries(
          edit.columns.map(([at, which]) => [`c${at}`, COLUMNS[at]?.edits?.[which % COLUMNS[at].edits.length]]),
        ),
      };
      const title = edit.title ? `Edited ${id}` : body.title;
      changed.push(new Set([...(edit.title ? ['title'] : []), ...edit.columns.map(([at]) => `c${at}`)]));
      if (edit.title || edit.columns.length > 0) {
        expectOk(
          await table.admin.editor.saveDraft({
            key: `exact-${id}`,
            lockVersion: document?.draft.lockVersion ?? 0,
            body: { promo: { title, component: 'card', ...(Object.keys(props).length > 0 ? { props } : {}) } },
          }),
          'Document',
        );
        ids.push(document?.id ?? '');
      }
    }
    const release = await table.admin.editor.land(ids);
    await table.worker.deliver();
    expect(await table.receipt(release.id, 'exact')).toEqual({ state: 'APPLIED', error: null });
    for (const [id, was] of before.entries()) {
      const now = await bytes(id);
      const differing = Object.keys(was ?? {}).filter((name) => now?.[name] !== was?.[name]);
      expect({ id, beside: differing.filter((name) => !changed[id]?.has(name)) }).toEqual({ id, beside: [] });
    }
    const rollback = await table.rollback(release.id);
    await table.worker.deliver();
    expect(await table.receipt(rollback.id, 'exact')).toEqual({ state: 'APPLIED', error: null });
    expect(await Promise.all(rows.map((_, id) => bytes(id)))).toEqual(before);
    // Rows that are removed come back with all of it as well.
    const removal = await table.admin.editor.land([], {
      remove: await Promise.all(rows.map(async (_, id) => (await table.admin.document(`exact-${id}`))?.id ?? '')),
    });
    await table.worker.deliver();
    expect([await table.receipt(removal.id, 'exact'), await table.shop.read('SELECT id FROM exact')]).toEqual([
      { state: 'APPLIED', error: null },
      [],
    ]);
    const again = await table.rollback(removal.id);
    await table.worker.deliver();
    expect(await table.receipt(again.id, 'exact')).toEqual({ state: 'APPLIED', error: null });
    expect(await Promise.all(rows.map((_, id) => bytes(id)))).toEqual(before);
    expect(await table.drift('OPEN')).toEqual([]);
  });

  it('that change by themselves are shown by a dry run, and move and come back where the mapping lets them', async () => {
    const stamp = `c${COLUMNS.length - 1}`;
    await table.shop.run(
      "CREATE TABLE stamped (id INT PRIMARY KEY, title VARCHAR(50) NOT NULL, edits INT NOT NULL DEFAULT 0, changed TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP) ENGINE=InnoDB; INSERT INTO stamped (id, title) VALUES (1, 'One'); CREATE TRIGGER counted BEFORE UPDATE ON stamped FOR EACH ROW SET NEW.edits = OLD.edits + 1",
    );
    const effects = async (body: object) =>
      expectOk(
        await table.admin.client.send(
          'mutation ($input: AdoptTableInput!) { adoptTable(input: $input) { __typename ... on AdoptionRun { sideEffects { name cause accepted what } } } }',
          { input: { body } },
        ),
        'AdoptionRun',
      ).sideEffects as { name: string }[];
    const shown = await effects({
      name: 'exact',
      source: 'old-shop',
      environment: 'production',
      mode: 'WRITE_BACK',
      ...EXACT,
    });
    expect(shown).toEqual(
      expect.arrayContaining([
        { name: stamp, cause: 'COLUMN', accepted: false, what: expect.stringContaining('keeps what it has') },
        expect.objectContaining({ name: 'twice', what: expect.stringContaining('computed') }),
      ]),
    );
    await table.takeOver('stamped', {
      table: 'stamped',
      key: ['id'],
      documents: { kind: 'PROMO', keyPrefix: 'stamped-' },
      fields: [field('title', 'title')],
      accepts: ['changed', 'counted'],
    });
    const row = async () =>
      (await table.shop.read("SELECT title, edits, changed = '2020-01-01 00:00:00' AS still FROM stamped"))[0];
    const { id } = await table.publish('stamped-1', { title: 'Moved' });
    await table.worker.deliver();
    expect(await row()).toEqual({ title: 'Moved', edits: 1, still: 0 });
    await table.rollback(id);
    await table.worker.deliver();
    // The column is back; what an accepted trigger computes is its own.
    expect(await row()).toMatchObject({ title: 'One', still: 1 });
  });
});
