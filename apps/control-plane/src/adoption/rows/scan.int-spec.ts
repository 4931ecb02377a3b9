import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, createConnection } from 'mysql2/promise';
import { createDatabase, type ThrowawayDatabase } from '@paddock/testing';
import type { AdoptionBody } from '@paddock/contracts';
import { SourceSession } from '@paddock/foreign-database';
import { AddressPolicy } from '@paddock/outbound';
import { introspect } from '../inspection/introspect.js';
import { type CompiledMapping, compileMapping } from '../mapping/compiled-mapping.js';
import { keyProblems } from './key-problems.js';
import { rowHash } from './row-hash.js';
import { countRows, readRows, scanHashes, scanRows } from './scan.js';

const TABLES = `
  CREATE TABLE page (id INT NOT NULL, lang VARCHAR(8) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL, title VARCHAR(50) CHARACTER SET latin1,
    price DECIMAL(9,2), starts DATETIME, seen TIMESTAMP NULL, kind ENUM('b','a'), raw VARBINARY(20), UNIQUE KEY (id, lang)) ENGINE=MyISAM;
  CREATE TABLE loose (name VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, page_id INT NOT NULL, area VARCHAR(20)) ENGINE=InnoDB`;

let database: ThrowawayDatabase;
let owner: Connection;
let session: SourceSession;

beforeAll(async () => {
  database = await createDatabase();
  owner = await createConnection({ uri: database.url.href, charset: 'utf8mb4', multipleStatements: true });
  await owner.query("SET SESSION sql_mode = ''");
  await owner.query(TABLES);
  const rows = Array.from(
    { length: 250 },
    (_, at) =>
      `(${Math.floor(at / 3) - 5}, '${['de', 'EN', 'É'][at % 3]}', 'Title é ${at}', ${at}.5, '0000-00-00 00:00:00', NULL, '${at % 2 ? 'a' : 'b'}', X'00FF${(at % 256).toString(16).padStart(2, '0')}')`,
  );
  await owner.query(`INSERT INTO page VALUES ${rows.join(', ')}`);
  session = await SourceSession.open(address(), {
    policy: AddressPolicy.forOperators(),
    write: false,
    statementTimeoutMs: 2_000,
  });
});

afterAll(async () => {
  await session.close();
  await owner.end();
  await database.drop();
});

const address = () => {
  const { hostname: host, port, username: user, password } = database.url;
  return { name: 'shop', host, port: Number(port), user, password, database: database.name, tls: false };
};

const MAPPING: AdoptionBody = {
  ...{ name: 'Pages', source: 'shop', environment: 'production', mode: 'OBSERVE', table: 'page', key: ['id', 'lang'] },
  documents: { kind: 'promo', keyPrefix: 'page-' },
  fields: ['title', 'price', 'starts', 'seen', 'kind', 'raw'].map((name) => ({
    field: `props.${name}`,
    column: name,
    transform: { type: 'TEXT' as const },
  })),
};

async function compiled(changes: Partial<AdoptionBody> = {}): Promise<CompiledMapping> {
  const result = compileMapping(
    {
      ...MAPPING,
      fields: MAPPING.fields.filter(({ column }) => ['title', 'kind', 'price'].includes(column)),
      ...changes,
    },
    await introspect(session),
  );
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.mapping;
}

async function gather<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

describe('a scan', () => {
  it('meets every row once, by a composite key that is no primary key, in pages of any size', async () => {
    const mapping = await compiled();
    const whole = await gather(scanRows(session, mapping, 1_000));
    expect(whole).toHaveLength(250);
    for (const pageRows of [1, 7, 250]) {
      expect((await gather(scanRows(session, mapping, pageRows))).map(rowHash)).toEqual(whole.map(rowHash));
    }
    expect(await countRows(session, mapping)).toBe(250);
  });

  it('reads bytes as they are stored', async () => {
    const [row] = await gather(scanRows(session, await compiled(), 1));
    expect(row?.map((cell) => cell?.toString('hex') ?? null)).toEqual([
      Buffer.from('-5').toString('hex'),
      '6465',
      '62',
      Buffer.from('0.50').toString('hex'),
      '5469746c6520e92030',
    ]);
  });

  it('gets from the server the hash that it would compute itself, for columns of every type', async () => {
    const tables = await introspect(session);
    const own = compileMapping(
      MAPPING,
      tables.map((table) => ({
        ...table,
        columns: table.columns.map((column) => ({ ...column, family: 'TEXT' as const, charset: 'utf8mb4' })),
      })),
    );
    if (!own.ok) throw new Error('the mapping does not fit');
    const reference = {
      ...own.mapping,
      columns: own.mapping.columns.map((column) => ({
        ...column,
        schema: tables[1]?.columns.find(({ name }) => name === column.ref) ?? column.schema,
      })),
    };
    const rows = await gather(scanRows(session, reference));
    const hashes = await gather(scanHashes(session, reference));
    expect(hashes.map(({ hash }) => hash)).toEqual(rows.map(rowHash));
    expect(hashes.map(({ key }) => key)).toEqual(rows.map((row) => row.slice(0, 2)));
  });

  it('keeps to the filters, and finds rows by their exact keys', async () => {
    const mapping = await compiled({
      where: [
        { column: 'lang', operator: 'IN', values: ['É', 'nowhere', '☃'] },
        { column: 'title', operator: 'IS_NOT_NULL' },
      ],
    });
    const rows = await gather(scanRows(session, mapping, 10));
    expect(new Set(rows.map((row) => row[1]?.toString('hex')))).toEqual(new Set(['c9']));
    const keys = rows.slice(3, 6).map((row) => row.slice(0, 2));
    expect(await readRows(session, mapping, keys)).toHaveLength(3);
    expect(
      await readRows(session, mapping, [
        [Buffer.from('1'), Buffer.from('en')],
        [Buffer.from('9999'), Buffer.from('de')],
      ]),
    ).toEqual([]);
  });

  it('cannot be broken out of by what stands in a key', async () => {
    await owner.query("INSERT INTO loose VALUES ('\\'; DROP TABLE page; --', 1, 'x'), ('`\\\\', 2, 'y'), ('', 3, 'z')");
    const mapping = await compiled({
      table: 'loose',
      key: ['name'],
      fields: [{ field: 'title', column: 'area', transform: { type: 'TEXT' } }],
    });
    expect(await gather(scanRows(session, mapping, 1))).toHaveLength(3);
    expect(await countRows(session, await compiled())).toBe(250);
  });
});

describe('what a mapping relies on', () => {
  it('is not asked of the data where a unique key says so', async () => {
    expect(await keyProblems(session, await compiled())).toEqual([]);
  });

  it('names the rows where a key is not unique', async () => {
    const found = await keyProblems(session, await compiled({ key: ['id'] }));
    expect(found).toEqual([
      expect.objectContaining({
        path: 'key',
        code: 'KEY_NOT_UNIQUE',
        message: expect.stringMatching(/3 rows have id = "-?\d+"/),
      }),
    ]);
  });

  it('finds a join that multiplies rows, and one that does not', async () => {
    const join = { table: 'page', on: [{ column: 'page_id', joined: 'id' }] };
    const loose = {
      table: 'loose',
      key: ['name'],
      fields: [{ field: 'title', column: 'page.title', transform: { type: 'TEXT' as const } }],
    };
    expect(await keyProblems(session, await compiled({ ...loose, join }))).toEqual([
      expect.objectContaining({
        code: 'JOIN_MULTIPLIES',
        message: expect.stringContaining('3 rows for the row name = '),
      }),
    ]);
    const one = await compiled({
      ...loose,
      join: { ...join, where: [{ column: 'lang', operator: 'IN', values: ['de'] }] },
    });
    expect(await keyProblems(session, one)).toEqual([]);
    expect((await gather(scanRows(session, one)))[0]?.map((cell) => cell?.toString('latin1'))).toEqual([
      '',
      'Title é 24',
    ]);
  });
});

describe('a session', () => {
  it('cannot write, also not into tables without transactions', async () => {
    await expect(session.write("UPDATE page SET title = 'x'")).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });

  it('ends statements that take too long', async () => {
    const slow = await SourceSession.open(address(), {
      policy: AddressPolicy.forOperators(),
      write: false,
      statementTimeoutMs: 1_000,
    });
    await expect(
      slow.query(
        'SELECT COUNT(*) FROM page a, page b, page c, page d WHERE SHA2(CONCAT(a.title, b.title, c.title, d.title), 256) = 1',
      ),
    ).rejects.toMatchObject({ code: 'TOO_SLOW' });
    await slow.close();
  });

  it.each<[string, object, string]>([
    ['a wrong password', { user: 'nobody', password: 'wrong' }, 'REFUSED_CREDENTIALS'],
    ['an unknown database', { database: 'no_such_database' }, 'NO_SUCH_DATABASE'],
    ['a closed port', { port: 1 }, 'UNREACHABLE'],
    ['an unknown host', { host: 'no-such-host.invalid' }, 'UNREACHABLE'],
    ['a metadata service', { host: '169.254.169.254' }, 'FORBIDDEN_NETWORK'],
  ])('says what is wrong: %s', async (_, changes, code) => {
    const opening = SourceSession.open(
      { ...address(), ...changes },
      { policy: AddressPolicy.forOperators(), write: false, statementTimeoutMs: 1_000 },
    );
    await expect(opening).rejects.toMatchObject({ code });
  });

  it('judges what a name resolves to', async () => {
    const opening = SourceSession.open(
      { ...address(), host: 'localhost' },
      { policy: new AddressPolicy(), write: false, statementTimeoutMs: 1_000 },
    );
    await expect(opening).rejects.toMatchObject({
      code: 'FORBIDDEN_NETWORK',
      message: expect.stringContaining('it is of this machine'),
    });
  });
});
