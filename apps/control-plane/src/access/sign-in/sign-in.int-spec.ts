import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import request from 'supertest';
import { AuditEntryRow } from '../../audit/audit.entity.js';
import { expectError, expectOk, expectProblem } from '../../testing/expect-result.js';
import { GraphqlClient } from '../../testing/graphql-client.js';
import { testWorld, type World } from '../../testing/world.js';
import { SessionRow } from '../access.entity.js';
import { SYSTEM } from '../actor.js';
import { Users } from '../users/users.js';

const SIGN_IN = `mutation ($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on Session { token expiresAt user { id email roles } }
    ... on RateLimitedProblem { retryAfterSeconds }
    ... on ValidationProblem { fields { path code } }
    ... on Problem { code message }
  }
}`;
const ME = '{ me { id email } }';
const PASSWORD = 'correct horse battery';

describe('signing in', () => {
  let world: World;
  beforeAll(async () => {
    world = await testWorld({ ALLOWED_ORIGINS: 'https://console.example.com', TRUSTED_PROXIES: '1' });
  });
  afterAll(() => world.close());

  let people = 0;
  async function person(): Promise<string> {
    people += 1;
    const email = `person-${people}@example.com`;
    const users = world.app.get(Users, { strict: false });
    await users.create(SYSTEM, { email, name: 'Somebody', password: PASSWORD, grants: SYSTEM.grants });
    return email;
  }

  const signIn = (email: string, password = PASSWORD, ip = '192.0.2.1') =>
    world.nobody.send(SIGN_IN, { input: { email, password } }, { 'x-forwarded-for': ip });

  async function session(): Promise<string> {
    const { token } = expectOk(await signIn(await person()), 'Session');
    return String(token);
  }

  async function ageSession(email: string, change: Partial<SessionRow>): Promise<void> {
    const [row] = await world.db.manager.query('SELECT id FROM user WHERE email = ?', [email]);
    await world.db.manager.update(SessionRow, { userId: row.id }, change);
  }

  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  it('begins a session, as a bearer token and as a cookie', async () => {
    const email = await person();
    const result = await signIn(email.toUpperCase());
    expect(expectOk(result, 'Session')).toMatchObject({
      token: expect.stringMatching(/^pds_/),
      user: { email, roles: ['ADMIN'] },
    });
    const [cookie = ''] = result.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      /^__Host-paddock-session=pds_[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    const asBrowser = await world.nobody.send(ME, {}, { cookie: cookie.split(';')[0] ?? '' });
    expect(asBrowser.data).toMatchObject({ me: { email } });
  });

  it('stores no token', async () => {
    const token = await session();
    const stored: unknown[] = await world.db.manager.query('SELECT * FROM session');
    expect(JSON.stringify(stored)).not.toContain(token.slice(4));
    expect(JSON.stringify(world.log)).not.toContain(token.slice(4));
  });

  it('says the same of a wrong password, an unknown address and a deactivated user', async () => {
    const email = await person();
    const inactive = await person();
    await world.db.manager.query('UPDATE user SET active = 0 WHERE email = ?', [inactive]);
    const answers = [await signIn(email, 'wrong'), await signIn('stranger@example.com'), await signIn(inactive)];
    const problems = answers.map((answer) => expectProblem(answer, 'INVALID_CREDENTIALS'));
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);
  });

  it('takes an address in its exact spelling alone, or accents would multiply the attempts', async () => {
    const email = await person();
    expectProblem(await signIn(email.replace('o', 'ö')), 'INVALID_CREDENTIALS');
    expectOk(await signIn(email), 'Session');
  });

  it('names what is wrong with the input', async () => {
    const problem = expectProblem(await signIn('no address', ''), 'VALIDATION');
    expect(problem.fields).toEqual([
      { path: 'email', code: 'IS_EMAIL' },
      { path: 'password', code: 'MIN_LENGTH' },
    ]);
  });

  it('counts each alias: ten wrong ones in one request are ten attempts', async () => {
    const email = await person();
    const aliases = Array.from(
      { length: 10 },
      (_, n) => `a${n}: signIn(input: { email: "${email}", password: "wrong-${n}" }) { ... on Problem { code } }`,
    );
    const ten = await world.nobody.send(`mutation { ${aliases.join(' ')} }`, {}, { 'x-forwarded-for': '192.0.2.2' });
    expect(Object.values(ten.data ?? {})).toEqual(Array.from({ length: 10 }, () => ({ code: 'INVALID_CREDENTIALS' })));
    const problem = expectProblem(await signIn(email, PASSWORD, '192.0.2.2'), 'RATE_LIMITED');
    expect(problem.retryAfterSeconds).toBeGreaterThan(60);
    // A stranger’s failures do not lock its owner out.
    expectOk(await signIn(email, PASSWORD, '192.0.2.3'), 'Session');
  });

  it('refuses eleven aliases altogether', async () => {
    const aliases = Array.from(
      { length: 11 },
      (_, n) => `a${n}: signIn(input: { email: "x@example.com", password: "x" }) { __typename }`,
    );
    expectError(await world.nobody.send(`mutation { ${aliases.join(' ')} }`), 'QUERY_TOO_COMPLEX', 400);
  });

  it('a hundred failures on other accounts behind one proxy do not stop a right password', async () => {
    const ip = '192.0.2.77';
    const email = await person();
    // A few at a time: a flood would be refused for want of turns to hash, which is another limit.
    for (let round = 0; round < 21; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 5 }, (_, n) => signIn(`victim-${round}-${n}@example.com`, 'Password1', ip)),
      );
      for (const answer of answers) expectProblem(answer, 'INVALID_CREDENTIALS');
    }
    expectOk(await signIn(email, PASSWORD, ip), 'Session');
  });

  it('invented entries of X-Forwarded-For give no additional attempts', async () => {
    const email = await person();
    const answers = [];
    for (let n = 0; n < 13; n += 1) answers.push(await signIn(email, 'wrong', `203.0.113.${n}, 192.0.2.50`));
    expect(answers.map(({ data }) => (data?.signIn as { code: string }).code).slice(10)).toEqual([
      'RATE_LIMITED',
      'RATE_LIMITED',
      'RATE_LIMITED',
    ]);
    // Neither do the addresses of one subscriber's IPv6 network.
    const other = await person();
    for (let n = 1; n <= 10; n += 1) await signIn(other, 'wrong', `2001:db8::${n}`);
    expectProblem(await signIn(other, PASSWORD, '2001:db8::ffff'), 'RATE_LIMITED');
    expectOk(await signIn(other, PASSWORD, '2001:db8:0:1::1'), 'Session');
  });

  it('forgives what failed before, once the password is right', async () => {
    const email = await person();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 5; n += 1) expectProblem(await signIn(email, 'wrong'), 'INVALID_CREDENTIALS');
      expectOk(await signIn(email), 'Session');
    }
  });

  it('writes success and failure to the audit log, without passwords', async () => {
    const email = await person();
    await signIn(email, 'a wrong secret');
    await signIn(email);
    const entries = await world.db.manager.find(AuditEntryRow, { order: { number: 'DESC' }, take: 2 });
    expect(entries.map(({ action, actor }) => [action, actor === 'nobody'])).toEqual([
      ['session.began', false],
      ['session.refused', true],
    ]);
    const written = JSON.stringify([await world.db.manager.find(AuditEntryRow), world.log]);
    expect(written).not.toContain('a wrong secret');
    expect(written).not.toContain(PASSWORD);
    expect(JSON.parse(entries[1]?.details ?? '')).toEqual({ email, ip: '192.0.2.1' });
  });

  it('ends a session with signOut', async () => {
    const client = new GraphqlClient(world.url, await session());
    const result = await client.send('mutation { signOut { __typename } }');
    expectOk(result, 'SignedOut');
    expect(result.headers['set-cookie']?.[0]).toMatch(/^__Host-paddock-session=; Max-Age=0/);
    expectError(await client.send(ME), 'TOKEN_INVALID', 401);
  });

  it('ends a session 30 minutes after the last request, however often it was renewed before', async () => {
    const email = await person();
    const client = new GraphqlClient(world.url, String(expectOk(await signIn(email)).token));
    await ageSession(email, { lastSeenAt: minutesAgo(29) });
    expectOk(await client.send(ME));
    // That request counted: the half hour starts again.
    const [row] = await world.db.manager.query(
      'SELECT s.last_seen_at AS seen FROM session s JOIN user u ON u.id = s.user_id WHERE u.email = ?',
      [email],
    );
    expect(row.seen.getTime()).toBeGreaterThan(Date.now() - 60_000);
    await ageSession(email, { lastSeenAt: minutesAgo(31) });
    expectError(await client.send(ME), 'TOKEN_INVALID', 401);
  });

  it('ends a session 12 hours after it began', async () => {
    const email = await person();
    const { token, expiresAt } = expectOk(await signIn(email));
    expect(Date.parse(String(expiresAt)) - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
    await ageSession(email, { expiresAt: minutesAgo(0) });
    expectError(await new GraphqlClient(world.url, String(token)).send(ME), 'TOKEN_INVALID', 401);
  });

  it.each([
    { page: 'our own page', origin: (url: string) => url, counts: true },
    { page: 'an allowed origin', origin: () => 'https://console.example.com', counts: true },
    { page: 'another page', origin: () => 'https://evil.example.com', counts: false },
    { page: 'our own host by another scheme', origin: (url: string) => url.replace('http:', 'https:'), counts: false },
    { page: 'an allowed host by another scheme', origin: () => 'http://console.example.com', counts: false },
    { page: 'an allowed host at another port', origin: () => 'https://console.example.com:8443', counts: false },
    { page: 'a sandboxed frame', origin: () => 'null', counts: false },
  ])('a cookie from $page counts: $counts', async ({ origin, counts }) => {
    const cookie = `__Host-paddock-session=${await session()}`;
    const result = await world.nobody.send(ME, {}, { cookie, origin: origin(world.url) });
    if (counts) expectOk(result);
    else expectError(result, 'TOKEN_INVALID', 401);
  });

  it('an allowed origin reads by HTTP, its preflight included; no other one does', async () => {
    const preflight = (origin: string) =>
      request(world.url)
        .options('/graphql')
        .set({ origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' });
    const allowed = await preflight('https://console.example.com');
    expect([
      allowed.status,
      allowed.headers['access-control-allow-origin'],
      allowed.headers['access-control-allow-credentials'],
    ]).toEqual([204, 'https://console.example.com', 'true']);
    expect(allowed.headers['access-control-allow-headers']).toMatch(/Content-Type/i);
    const cookie = `__Host-paddock-session=${await session()}`;
    const answer = await world.nobody.send(ME, {}, { cookie, origin: 'https://console.example.com' });
    expect([expectOk(answer) && answer.headers['access-control-allow-origin'], answer.headers.vary]).toEqual([
      'https://console.example.com',
      expect.stringMatching(/origin/i),
    ]);
    const refused = await preflight('https://evil.example.com');
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
    expect((await world.nobody.send(ME, {}, { origin: 'https://evil.example.com' })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  it.each(['Basic YTpi', 'Bearer nonsense', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'])(
    '%s does not sign in',
    async (authorization) => {
      expectError(await world.nobody.send(ME, {}, { authorization }), 'TOKEN_INVALID', 401);
    },
  );

  it('works with a stale cookie still there', async () => {
    const email = await person();
    const result = await world.nobody.send(
      SIGN_IN,
      { input: { email, password: PASSWORD } },
      { cookie: `__Host-paddock-session=pds_${'x'.repeat(43)}` },
    );
    expectOk(result, 'Session');
  });
});
