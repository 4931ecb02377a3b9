import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { verify } from '@node-rs/argon2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createDatabase, paddock, type ThrowawayDatabase } from '@paddock/testing';

const CASE_MS = 120_000;
const PASSWORD = 'seven wet umbrellas at noon';

let database: ThrowawayDatabase;
let env: Record<string, string>;
beforeEach(async () => {
  database = await createDatabase();
  env = { DATABASE_URL: database.url.href };
  await paddock(['migrate'], env);
}, CASE_MS);
afterEach(() => database.drop());

async function query(sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection(database.url.href);
  try {
    return (await connection.query<RowDataPacket[]>(sql))[0];
  } finally {
    await connection.end();
  }
}

const users = (): Promise<RowDataPacket[]> => query('SELECT id, email, name, password_hash, active FROM user');

/** Runs the command with this text as its standard input. */
async function create(args: readonly string[], input: string): Promise<{ code: number; out: string; error: string }> {
  const child = spawn(process.execPath, [resolve('dist/apps/cli/src/main.js'), 'user', 'create', ...args], { env });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (error += String(chunk)));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: Number(code), out, error };
}

describe('paddock user create', () => {
  test(
    'makes the first administrator of an empty installation, with the password from standard input, and audits it',
    async () => {
      const { code, out } = await create(['--email', 'Ada@Example.com', '--name', 'Ada'], `${PASSWORD}\n`);
      expect({ code, out }).toEqual({ code: 0, out: 'ada@example.com can sign in as administrator\n' });
      const [user] = await users();
      expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada', active: 1 });
      expect(await verify(String(user?.['password_hash']), PASSWORD)).toBe(true);
      expect(await query('SELECT role, kind, environment, site FROM access_grant')).toEqual([
        { role: 'ADMIN', kind: '*', environment: '*', site: '*' },
      ]);
      expect(await query('SELECT actor, action, target_id FROM audit_entry')).toEqual([
        { actor: 'system', action: 'user.created', target_id: user?.['id'] },
      ]);
      expect(await paddock(['audit', 'verify'], env)).toContain('the audit log is whole: 1 entries');
    },
    CASE_MS,
  );

  test(
    'prints a generated password once, and it is that of the user',
    async () => {
      const out = await paddock(['user', 'create', '--email', 'ada@example.com', '--generate'], env);
      const password = /shown once: (\S{24})/.exec(out)?.[1] ?? '';
      const [user] = await users();
      expect(await verify(String(user?.['password_hash']), password)).toBe(true);
    },
    CASE_MS,
  );

  test(
    'names every mistake at once, and stores nothing',
    async () => {
      const { code, error } = await create(['--email', 'not an address', '--name', ''], 'paddock\n');
      expect(code).toBe(1);
      expect(error).toContain('--email: ');
      expect(error).toContain('--name: ');
      expect(error).toMatch(/password: .*at least 15/);
      expect(await users()).toEqual([]);
    },
    CASE_MS,
  );

  test(
    'refuses where there is an administrator, unless forced',
    async () => {
      await create(['--email', 'ada@example.com'], PASSWORD);
      const { code, error } = await create(['--email', 'eve@example.com'], PASSWORD);
      expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining('there is an active administrator') });
      expect(await users()).toHaveLength(1);
      expect((await create(['--email', 'eve@example.com', '--force'], PASSWORD)).code).toBe(0);
      expect(await users()).toHaveLength(2);
    },
    CASE_MS,
  );

  test(
    'works again where the only administrator was deactivated',
    async () => {
      await create(['--email', 'ada@example.com'], PASSWORD);
      await query('UPDATE user SET active = 0');
      expect((await create(['--email', 'eve@example.com'], PASSWORD)).code).toBe(0);
    },
    CASE_MS,
  );

  test(
    'two-at-once-one-administrator',
    async () => {
      const both = await Promise.all([
        create(['--email', 'ada@example.com'], PASSWORD),
        create(['--email', 'eve@example.com'], PASSWORD),
      ]);
      expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
      expect(await users()).toHaveLength(1);
    },
    CASE_MS,
  );

  test(
    'without a password it says how to give one',
    async () => {
      const { code, error } = await create(['--email', 'ada@example.com'], '');
      expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining('standard input, or use --generate') });
    },
    CASE_MS,
  );
});
