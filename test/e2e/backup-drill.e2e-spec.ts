import { execFile } from 'node:child_process';
import { cp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBinary } from '@paddock/processes';
import { paddock, temporaryDirectory, until } from '@paddock/testing';
import { parseSigningKey } from '../../apps/control-plane/src/audit/heads/signed-head.js';
import { DatabaseBackup } from './database-backup.js';
import type { Installation } from './installation.js';
import { EventSender } from './matrix/event-sender.js';
import { readPage } from './read-page.js';
import { startInstallation } from './start-installation.js';
import { expectAgreement } from './expect-agreement.js';

const CASE_MS = 400_000;
const SIGNING_KEY = 'ab'.repeat(32);
const HOME = '/v1/production/sites/acme-uk/layouts/drill';
const run = promisify(execFile);

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let installation: Installation;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const env = { AUDIT_SIGNING_KEY: SIGNING_KEY, AUDIT_CHECKPOINTS: join(directory.path, 'checkpoints') };
  installation = await startInstallation({ edges: 1, dataPlanes: true, env });
}, CASE_MS);
afterAll(async () => {
  await installation.dispose();
  await directory.remove();
}, CASE_MS);

test(
  'a dump and a copy of the event store, restored as docs/guides/platform-engineers.md says',
  async () => {
    const { controlPlane, worker, odds, analytics, redis, eventStore } = installation.parts;
    if (!analytics || !odds || eventStore === undefined) throw new Error('the drill needs the data planes');
    const inFolder = (name: string): string => join(directory.path, name);

    await publish('before the backup');
    const sender = new EventSender(analytics);
    sender.start();
    await until(() => sender.acknowledged >= 20, { what: 'events' });
    await sender.stop();
    await sender.expectCounted();
    const kept = sender.acknowledged;
    await signed();

    const backup = await takeBackup(inFolder('paddock.sql'));
    await analytics.stop();
    await cp(eventStore, inFolder('store'), { recursive: true });
    await analytics.start();

    await publish('after the backup');
    await signed();
    const page = (await readPage(installation.edge().url + HOME)).titles;
    expect(page).toEqual(['after the backup']);

    await Promise.all([controlPlane, worker, odds, analytics].map((app) => app.kill9()));
    await backup.restore();
    await rm(eventStore, { recursive: true });
    await cp(inFolder('store'), eventStore, { recursive: true });
    await redis.flush();
    expect((await readPage(installation.edge().url + HOME)).titles).toEqual(page);

    await rename(inFolder('checkpoints'), inFolder('checkpoints-before'));
    await Promise.all([worker, controlPlane, odds, analytics].map((app) => app.start()));
    await installation.converged();
    expect((await readPage(installation.edge().url + HOME)).titles).toEqual(['before the backup']);
    await expectAgreement(installation);
    sender.acknowledged = kept;
    await sender.expectCounted();

    await publish('after the restore');
    await signed();
    expect((await readPage(installation.edge().url + HOME)).titles).toEqual(['after the restore']);
    await backup.drop();
  },
  CASE_MS,
);

async function publish(title: string): Promise<void> {
  const { editor } = installation;
  const promo = await editor.promo('drill', { title });
  const layout = await editor.layout('drill', { page: 'drill', slots: [{ name: 'one', items: [{ promo: 'drill' }] }] });
  await editor.land([promo, layout], { title });
  await installation.converged();
}

/** Waits until the audit log is whole and signed to its end, as `paddock audit verify` sees it. */
async function signed(): Promise<void> {
  const publicKey = parseSigningKey(SIGNING_KEY)?.publicKey;
  await until(
    async () => {
      const output = await paddock(['audit', 'verify'], {
        DATABASE_URL: installation.parts.databaseUrl,
        AUDIT_PUBLIC_KEYS: publicKey,
        AUDIT_CHECKPOINTS: join(directory.path, 'checkpoints'),
      });
      if (!output.includes('every entry is signed')) throw new Error(output);
      return (await readdir(join(directory.path, 'checkpoints'))).length > 0;
    },
    { timeoutMs: 60_000, everyMs: 500, what: 'a log that is signed to its end' },
  );
}

/** A dump where MariaDB's program for it is on this machine, restored into an empty database; else a copy of every table. */
async function takeBackup(file: string): Promise<Pick<DatabaseBackup, 'restore' | 'drop'>> {
  const program = findBinary(['mariadb-dump', 'mysqldump']);
  if (program === undefined) return DatabaseBackup.take(installation);
  const { args, env, name } = connection();
  await run(program, [...args, '--single-transaction', '--no-tablespaces', `--result-file=${file}`, name], { env });
  return {
    async restore() {
      await emptyDatabase();
      await restore(file);
    },
    drop: () => rm(file),
  };
}

/** Of the commands of MariaDB, for the administrator of this database. */
function connection(): { args: string[]; env: NodeJS.ProcessEnv; name: string } {
  const { hostname, port, username, password, pathname } = new URL(installation.parts.databaseUrl);
  return {
    args: ['-h', hostname, '-P', port, '-u', decodeURIComponent(username)],
    env: { PATH: process.env['PATH'], MYSQL_PWD: decodeURIComponent(password) },
    name: pathname.slice(1),
  };
}

async function restore(file: string): Promise<void> {
  const { args, env, name } = connection();
  const input = await open(file);
  const child = execFile(findBinary(['mariadb', 'mysql']) ?? 'mariadb', [...args, name], { env });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (!child.stdin) throw new Error('the client reads nothing');
  input.createReadStream().pipe(child.stdin);
  expect(await ended).toBe(0);
}

/** As after the loss of the server: no table is left. */
async function emptyDatabase(): Promise<void> {
  const tables = await installation.sql<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  const { args, env, name } = connection();
  const drops = tables.map((table) => `DROP TABLE \`${table.name}\`;`).join('');
  await run(
    findBinary(['mariadb', 'mysql']) ?? 'mariadb',
    [...args, name, '-e', `SET FOREIGN_KEY_CHECKS = 0; ${drops}`],
    { env },
  );
}
