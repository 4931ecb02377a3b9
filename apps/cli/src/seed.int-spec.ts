import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createDatabase, paddock, redisPrefix, temporaryDirectory, type ThrowawayDatabase } from '@paddock/testing';

const CASE_MS = 120_000;

let database: ThrowawayDatabase;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let env: Record<string, string>;
let output: string;
beforeEach(async () => {
  [database, directory] = await Promise.all([createDatabase(), temporaryDirectory()]);
  output = join(directory.path, 'credentials.json');
  const { url, prefix } = redisPrefix();
  env = { DATABASE_URL: database.url.href, REDIS_URL: url.href, REDIS_PREFIX: prefix, SEED_OUTPUT: output };
  await paddock(['migrate'], env);
});
afterEach(async () => {
  await Promise.all([database.drop(), directory.remove()]);
});

async function users(): Promise<string[]> {
  const connection = await createConnection(database.url.href);
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT email FROM user');
    return rows.map(({ email }) => String(email));
  } finally {
    await connection.end();
  }
}

const kept = async (): Promise<{ signIn: { email: string } }> =>
  JSON.parse(await readFile(output, 'utf8')) as { signIn: { email: string } };

test(
  'killed-9 before the administrator exists: the next run completes it, and the credentials are those of the user',
  async () => {
    await expect(paddock(['seed'], { ...env, PADDOCK_CRASH: 'seed:before-user' })).rejects.toMatchObject({
      signal: 'SIGKILL',
    });
    expect(await users()).toEqual([]);
    await paddock(['seed'], env);
    expect(await users()).toEqual([(await kept()).signIn.email]);
  },
  CASE_MS,
);

test(
  'run again, it keeps the credentials that it has given out',
  async () => {
    await paddock(['seed'], env);
    const before = await kept();
    expect(before.signIn.email).toBe('admin@acme.example');
    expect(await paddock(['seed'], env)).toContain('nothing was seeded');
    expect(await kept()).toEqual(before);
  },
  CASE_MS,
);

test(
  'where the credentials cannot be kept, no user is created',
  async () => {
    await writeFile(join(directory.path, 'file'), '');
    await expect(
      paddock(['seed'], { ...env, SEED_OUTPUT: join(directory.path, 'file', 'credentials.json') }),
    ).rejects.toThrow();
    expect(await users()).toEqual([]);
  },
  CASE_MS,
);
