import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import {
  createDatabase,
  paddock,
  redisPrefix,
  startApp,
  temporaryDirectory,
  type ThrowawayDatabase,
  until,
} from '@paddock/testing';

const CASE_MS = 120_000;

describe('an audit log that a worker signs', () => {
  let database: ThrowawayDatabase;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    [database, directory] = await Promise.all([createDatabase(), temporaryDirectory()]);
    const { url, prefix } = redisPrefix();
    const servers = {
      DATABASE_URL: database.url.href,
      REDIS_URL: url.href,
      REDIS_PREFIX: prefix,
      SEED_OUTPUT: join(directory.path, 'sample.json'),
    };
    const [, signingKey = '', publicKey = ''] =
      /^AUDIT_SIGNING_KEY=(\w+)\nAUDIT_PUBLIC_KEYS=(.+)\n$/.exec(await paddock(['audit', 'key'], {})) ?? [];
    expect(await paddock(['audit', 'key'], { AUDIT_SIGNING_KEY: signingKey })).toBe(`AUDIT_PUBLIC_KEYS=${publicKey}\n`);
    env = { ...servers, AUDIT_PUBLIC_KEYS: publicKey, AUDIT_CHECKPOINTS: join(directory.path, 'heads') };
    await paddock(['migrate'], env);
    await paddock(['seed'], env);
    const worker = await startApp('worker', { ...env, AUDIT_SIGNING_KEY: signingKey });
    try {
      await until(
        async () => (await paddock(['audit', 'verify'], env).catch(() => '')).includes('every entry is signed'),
        { timeoutMs: 30_000, what: 'the signatures' },
      );
      expect(await (await fetch(`${worker.app.operationsUrl}/metrics`)).text()).toMatch(
        /^paddock_audit_signed_age_seconds\{.*\} [0-9.]+$/m,
      );
    } finally {
      await worker.dispose();
    }
  }, CASE_MS);
  afterAll(async () => {
    await Promise.all([database.drop(), directory.remove()]);
  });

  const verify = (...args: string[]) =>
    paddock(['audit', 'verify', ...args], env).catch((error: { stdout?: string }) => String(error.stdout));

  test(
    'is exported, for an auditor without the database, into a file that only its owner reads',
    async () => {
      const file = join(directory.path, 'export.ndjson');
      await paddock(['audit', 'export', '--output', file], env);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const withoutFirstLine = (text: string) => text.slice(text.indexOf('\n'));
      expect(withoutFirstLine(await paddock(['audit', 'export'], env))).toBe(
        withoutFirstLine(await readFile(file, 'utf8')),
      );
      const alone = ['audit', 'verify', '--export', file, '--offline', '--public-key', env['AUDIT_PUBLIC_KEYS'] ?? ''];
      expect(await paddock(alone, {})).toMatch(/^the export is whole: \d+ entries.*\nevery entry is signed\n$/);
      expect(await verify('--export', file)).toMatch(/the export is whole.*\n.*\nthe audit log is whole/);
      await expect(paddock(['audit', 'export', '--output', file], env)).rejects.toThrow('EEXIST');
    },
    CASE_MS,
  );

  test(
    'that is cut off, with its end set back and its heads deleted, is broken',
    async () => {
      const connection = await createConnection({ uri: database.url.href, multipleStatements: true });
      await connection.query(`DELETE FROM audit_entry WHERE number > 5; DELETE FROM audit_head;
      UPDATE audit_chain SET number = 5, hash = (SELECT hash FROM audit_entry WHERE number = 5)`);
      await connection.end();
      const told = await verify();
      expect(told).toMatch(/^the audit log is broken at entry 1 \(SIGNATURE\)/);
      expect(await verify('--export', join(directory.path, 'export.ndjson'))).toMatch(
        /the audit log is broken at entry/,
      );
    },
    CASE_MS,
  );

  test.each([
    [['--public-key', 'none'], 'expected Ed25519 public keys'],
    [['--offline'], 'name it with --export'],
    [['--checkpoints', '/nowhere'], 'there are no signed heads in /nowhere'],
  ])('%j is refused by name', async (args, message) => {
    await expect(paddock(['audit', 'verify', ...args], env)).rejects.toThrow(message);
  });
});
