import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { DataSource, type MigrationInterface } from 'typeorm';
import { migrate } from '@paddock/migrations';
import { createDatabase, isHazardRun, type ThrowawayDatabase } from '@paddock/testing';
import { createDataSource } from '../../control-plane/src/database/data-source.js';

const CASE_MS = 300_000;
/** More runs than there are statements: a chain of kills that makes no progress ends here. */
const MAX_RUNS = 200;

const COMMANDS = {
  'control plane': [resolve('dist/apps/cli/src/main.js'), 'migrate'],
  odds: [resolve('dist/apps/odds/src/migrate.js')],
} as const;
type Tables = keyof typeof COMMANDS;

let database: ThrowawayDatabase;
let running: ChildProcess[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  await database.drop();
});

function start(tables: Tables, url: URL): ChildProcess {
  const child = spawn(process.execPath, [...COMMANDS[tables]], {
    env: { DATABASE_URL: url.href, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  return child;
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode, text };
}

/** Runs the command; it is killed with -9 when it sends a statement that matches, which the server still gets. */
async function runUntil(
  tables: Tables,
  statement: { test: (text: string) => boolean },
): Promise<'killed' | 'completed'> {
  const { port, hostname } = database.url;
  let child: ChildProcess | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('data', (chunk) => {
      upstream.write(chunk);
      if (statement.test(chunk.toString('latin1'))) child?.kill('SIGKILL');
    });
    upstream.on('data', (chunk) => client.write(chunk));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.end());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(database.url);
  url.port = String(typeof address === 'object' ? address?.port : '');
  try {
    child = start(tables, url);
    const { code, text } = await outcome(child);
    if (child.signalCode === 'SIGKILL') return 'killed';
    expect({ code, text }).toMatchObject({ code: 0 });
    return 'completed';
  } finally {
    server.close();
  }
}

/** Every table as the server describes it, and which migrations ran. */
async function schema(url: URL): Promise<object> {
  const connection = await createConnection(url.href);
  try {
    const [tables] = await connection.query<RowDataPacket[]>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name',
    );
    const described: Record<string, unknown> = {};
    for (const { name } of tables) {
      const [[row]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${name}\``);
      described[name] = row?.['Create Table'].replace(/ AUTO_INCREMENT=\d+/, '');
    }
    for (const { name } of tables.filter((table) => table.name.endsWith('migrations'))) {
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT name FROM \`${name}\` ORDER BY id`);
      described[`rows of ${name}`] = rows.map((row) => row.name);
    }
    return described;
  } finally {
    await connection.end();
  }
}

/** What one undisturbed run makes. */
async function expected(tables: Tables): Promise<object> {
  const other = await createDatabase();
  try {
    expect(await outcome(start(tables, other.url))).toMatchObject({ code: 0 });
    return await schema(other.url);
  } finally {
    await other.drop();
  }
}

const STATEMENT: [string, RegExp] = [
  'every statement of a migration',
  /(?:CREATE (?:UNIQUE )?(?:TABLE|INDEX)|ALTER TABLE) (?!IF NOT EXISTS)(?!`(?:odds_)?migrations`)/,
];
const AROUND: [string, RegExp][] = [
  ['every note that a statement begins', /INSERT INTO `\w*migrations_journal`/],
  ['every note that a statement is done', /UPDATE `\w*migrations_journal`/],
  [
    'every note that a migration ran, its lock, its own table and its journal',
    /INSERT INTO `\w*migrations`|GET_LOCK|CREATE TABLE `\w*migrations`|CREATE TABLE IF NOT EXISTS|DROP TABLE IF EXISTS/,
  ],
];

/** Around each statement the same code runs for both, so by `npm test` the shorter list shows it. */
const boundaries = (tables: Tables): [string, RegExp][] =>
  tables === 'odds' || isHazardRun() ? [STATEMENT, ...AROUND] : [STATEMENT];

describe.each<Tables>(['control plane', 'odds'])('the migrations of the %s', (tables) => {
  test.each<[string, RegExp]>(boundaries(tables))(
    'killed-9 at %s: the next run goes on',
    async (_, statement) => {
      const seen = new Set<string>();
      let runs = 0;
      // Each statement kills one run: the next one that sends the same bytes may go on.
      const first = {
        test: (text: string): boolean => statement.test(text) && !seen.has(text) && Boolean(seen.add(text)),
      };
      while (runs < MAX_RUNS && (await runUntil(tables, first)) === 'killed') runs += 1;
      expect(runs).toBeGreaterThan(0);
      expect(runs).toBeLessThan(MAX_RUNS);
      expect(await schema(database.url)).toEqual(await expected(tables));
    },
    CASE_MS,
  );

  test(
    'started by four processes at once run once, and all four say that it is done',
    async () => {
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => outcome(start(tables, database.url))));
      expect(outcomes.map(({ code, text }) => ({ code, text: code === 0 ? '' : text }))).toEqual(
        Array(4).fill({ code: 0, text: '' }),
      );
      expect(await schema(database.url)).toEqual(await expected(tables));
    },
    CASE_MS,
  );

  test(
    'do not take a table of somebody else for their own, however often they are run',
    async () => {
      const connection = await createConnection(database.url.href);
      await connection.query(`CREATE TABLE ${tables === 'odds' ? 'odds_shard' : 'user'} (id INT PRIMARY KEY)`);
      await connection.end();
      for (let attempt = 0; attempt < 2; attempt += 1) {
        expect(await outcome(start(tables, database.url))).toMatchObject({
          code: 1,
          text: expect.stringContaining('already exists'),
        });
      }
    },
    CASE_MS,
  );
});

test('a run that is kept waiting for too long says what it waits for', async () => {
  const source = await createDataSource(database.url, { poolSize: 2 }).initialize();
  const holding = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  class Slow1795132799999 implements MigrationInterface {
    readonly name = 'Slow1795132799999';
    async up(): Promise<void> {
      holding.resolve(undefined);
      await released.promise;
    }
    async down(): Promise<void> {
      // It changes nothing.
    }
  }
  const slow = new DataSource({ ...source.options, migrations: [Slow1795132799999] });
  await slow.initialize();
  try {
    const done = migrate(slow, { set: 'migrations' });
    await holding.promise;
    await expect(migrate(source, { set: 'migrations', waitSeconds: 0 })).rejects.toThrow(
      'another process has been migrating',
    );
    released.resolve(undefined);
    expect(await done).toEqual(['Slow1795132799999']);
  } finally {
    await Promise.all([slow.destroy(), source.destroy()]);
  }
});
