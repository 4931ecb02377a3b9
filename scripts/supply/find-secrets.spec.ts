import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findSecrets, fingerprintOf, unknownOf } from './find-secrets.mjs';

/** Assembled here, so that this file contains no secret. */
const random = (length: number) =>
  `a1B${randomBytes(200)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')}`.slice(0, length);
const upper = (length: number) =>
  random(length * 2)
    .toUpperCase()
    .slice(0, length);

describe('a file that holds a secret', () => {
  it.each([
    ['private key', `-----BEGIN ${'RSA '}PRIVATE KEY-----\n${random(64)}`],
    ['private key', `-----BEGIN ${''}PRIVATE KEY-----\n${random(64)}`],
    ['credential of Paddock', `const key = 'pck_${random(43)}';`],
    ['credential of Paddock', `Authorization: Bearer pdk_0197f1c2-aaaa-7bbb-8ccc-0123456789ab_${random(43)}`],
    ['token of GitHub', `ghp_${random(36)}`],
    ['token of GitHub', `github_pat_${random(40)}`],
    ['token of GitLab', `glpat-${random(20)}`],
    ['token of npm', `//registry.example.com/:_authToken=${random(30)}`],
    ['key of AWS', `AKIA${upper(16)}`],
    ['key of Google', `AIza${random(35)}`],
    ['token of Slack', `xoxb-${random(24)}`],
    ['key of Stripe', `sk_live_${random(24)}`],
    ['key of a model provider', `sk-ant-${random(40)}`],
    ['JSON Web Token', `eyJ${random(12)}.eyJ${random(20)}.${random(30)}`],
    ['password in an address', `DATABASE_URL=mysql://paddock:${random(16)}@db.example.com/paddock`],
    ['secret by its name', `const password = "${random(24)}";`],
    ['secret by its name', `  "apiKey": "${random(32)}",`],
  ])('is found: %s', (kind, text) => {
    const [finding, ...more] = findSecrets('some/file.ts', `first line\n${text}\nlast line`);
    expect({ finding, more }).toMatchObject({ finding: { path: 'some/file.ts', line: 2, kind }, more: [] });
  });

  it('is named without its secret', () => {
    const secret = `ghp_${random(36)}`;
    expect(JSON.stringify(findSecrets('file', secret))).not.toContain(secret.slice(4));
  });

  it.each([
    'mysql://user:password@host:3306/database',
    'redis://:${REDIS_PASSWORD}@redis:6379',
    'mysql://paddock:${MARIADB_PASSWORD:?choose one}@mariadb:3306/paddock',
    'const SESSION_TOKEN = /^pds_[A-Za-z0-9_-]{43}$/;',
    "password: 'aaaaaaaaaaaaaaaaaaaaaaaa'",
    "secret: 'EVERY_PROCESS_HAS_EVERY_SECRET'",
    "password: await ownSecret('analytics-token')",
    'integrity: sha512',
  ])('%s is not a secret', (text) => {
    expect(findSecrets('file', text)).toEqual([]);
  });
});

describe('the list of known canaries', () => {
  const found = findSecrets('a.spec.ts', `ghp_${random(36)}`);
  const [{ fingerprint } = { fingerprint: '' }] = found;

  it('excuses one text in one file', () => {
    expect(unknownOf(found, [{ path: 'a.spec.ts', fingerprint }])).toEqual({ unknown: [], outdated: [] });
    expect(unknownOf(found, [{ path: 'b.spec.ts', fingerprint }]).unknown).toEqual(found);
    expect(unknownOf(found, [{ path: 'a.spec.ts', fingerprint: fingerprintOf('another') }]).unknown).toEqual(found);
  });

  it('keeps no line for what is gone', () => {
    const gone = { path: 'gone.ts', fingerprint: fingerprintOf('gone') };
    expect(unknownOf([], [gone])).toEqual({ unknown: [], outdated: [gone] });
  });
});
