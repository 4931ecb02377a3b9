import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { GraphqlClient } from '../../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';
import { SessionRow } from '../access.entity.js';
import { SYSTEM } from '../actor.js';
import { Users } from '../users/users.js';

const PASSWORD = 'seven grey geese at dawn';
const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on Session { token freshUntil } ... on Problem { code } } }';
const CONFIRM =
  'mutation ($input: ConfirmPasswordInput!) { confirmPassword(input: $input) { __typename ... on PasswordConfirmed { at freshUntil } ... on Problem { code message } } }';
const SESSIONS = 'query ($userId: ID) { sessions(userId: $userId) { id ip current createdAt } }';
const REVOKE =
  'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename ... on UserSession { id } ... on Problem { code message } } }';

describe('what gives power', () => {
  let world: World;
  let victim: string;
  beforeAll(async () => {
    world = await testWorld({ FRESH_SIGN_IN_MINUTES: '10' });
    await world.seed().environment('production').site('acme-uk');
    victim = (await world.signedIn('VIEWER')).actor.id;
  });
  afterAll(() => world.close());

  let people = 0;
  async function administrator(): Promise<{ email: string; id: string; client: GraphqlClient }> {
    people += 1;
    const email = `admin-${people}@example.com`;
    const { id } = await world.app
      .get(Users, { strict: false })
      .create(SYSTEM, { email, name: 'Admin', password: PASSWORD, grants: SYSTEM.grants });
    return { email, id, client: await signIn(email) };
  }
  async function signIn(email: string): Promise<GraphqlClient> {
    const { token } = expectOk(await world.nobody.send(SIGN_IN, { input: { email, password: PASSWORD } }), 'Session');
    return new GraphqlClient(world.url, String(token));
  }
  const ageProof = (userId: string, minutes: number) =>
    world.db.manager.update(SessionRow, { userId }, { confirmedAt: new Date(Date.now() - minutes * 60_000) });
  async function apiToken(creator: SignedInClient): Promise<GraphqlClient> {
    const input = {
      name: 'CI',
      grants: [{ role: 'ADMIN' }],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
    const create =
      'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename ... on ApiTokenCreated { token } ... on Problem { code message } } }';
    return new GraphqlClient(world.url, String(expectOk(await creator.send(create, { input })).token));
  }

  const POWERS: [string, string, () => object][] = [
    [
      'createUser',
      'CreateUserInput',
      () => ({ email: `new-${Math.random()}@example.com`, name: 'N', password: PASSWORD, grants: [{ role: 'ADMIN' }] }),
    ],
    ['setGrants', 'SetGrantsInput', () => ({ userId: victim, grants: [{ role: 'ADMIN' }] })],
    ['activateUser', 'ActivateUserInput', () => ({ userId: victim })],
    ['resetPassword', 'ResetPasswordInput', () => ({ userId: victim, newPassword: 'eight green geese at noon' })],
    [
      'createApiToken',
      'CreateApiTokenInput',
      () => ({ name: 'T', grants: [{ role: 'VIEWER' }], expiresAt: new Date(Date.now() + 86_400_000).toISOString() }),
    ],
    [
      'createClientKey',
      'CreateClientKeyInput',
      () => ({ environment: 'production', consumer: 'web', scopes: ['READ'] }),
    ],
  ];
  const ask = (client: GraphqlClient, name: string, type: string, input: object) =>
    client.send(
      `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on FreshSignInRequiredProblem { withinMinutes } ... on Problem { code message } } }`,
      { input },
    );

  it.each(POWERS)(
    '%s needs a proof of the password that is fresh, and gets it by confirmPassword',
    async (name, type, input) => {
      const { client, id } = await administrator();
      expectOk(await ask(client, name, type, input()));
      await ageProof(id, 9.9);
      expectOk(await ask(client, name, type, input()));
      await ageProof(id, 10.1);
      const problem = expectProblem(await ask(client, name, type, input()), 'FRESH_SIGN_IN_REQUIRED');
      expect(problem).toMatchObject({ withinMinutes: 10, message: expect.stringContaining('confirmPassword') });
      expectProblem(await client.send(CONFIRM, { input: { password: 'wrong' } }), 'INVALID_CREDENTIALS');
      expectProblem(await ask(client, name, type, input()), 'FRESH_SIGN_IN_REQUIRED');
      const { at, freshUntil } = expectOk(
        await client.send(CONFIRM, { input: { password: PASSWORD } }),
        'PasswordConfirmed',
      );
      expect(Date.parse(String(freshUntil)) - Date.parse(String(at))).toBe(600_000);
      expectOk(await ask(client, name, type, input()));
    },
  );

  it.each(POWERS)('%s is nothing for an API token, also of an administrator', async (name, type, input) => {
    const token = await apiToken(await world.signedIn('ADMIN'));
    expect(expectProblem(await ask(token, name, type, input()), 'FORBIDDEN').message).toMatch(/takes a person/);
  });

  it('is not needed to remove rights or to publish', async () => {
    const { client, id } = await administrator();
    await ageProof(id, 60);
    const deactivate =
      'mutation ($input: DeactivateUserInput!) { deactivateUser(input: $input) { __typename ... on Problem { code message } } }';
    expectOk(await client.send(deactivate, { input: { userId: victim } }), 'User');
    const save =
      'mutation { saveDraft(input: { key: "x", body: { promo: { title: "t" } } }) { __typename ... on Problem { code message } } }';
    expectOk(await client.send(save), 'Document');
  });

  it('a confirmation holds for its own session only, and is limited like a sign-in', async () => {
    const { client, email, id } = await administrator();
    const other = await signIn(email);
    await ageProof(id, 60);
    expectOk(await client.send(CONFIRM, { input: { password: PASSWORD } }), 'PasswordConfirmed');
    const [name, type, input] = POWERS[0] ?? ['', '', () => ({})];
    expectProblem(await ask(other, name, type, input()), 'FRESH_SIGN_IN_REQUIRED');
    for (let n = 0; n < 10; n += 1)
      expectProblem(await other.send(CONFIRM, { input: { password: `wrong ${n}` } }), 'INVALID_CREDENTIALS');
    expectProblem(await other.send(CONFIRM, { input: { password: PASSWORD } }), 'RATE_LIMITED');
    const actions: { action: string }[] = await world.db.manager.query(
      "SELECT action FROM audit_entry WHERE target_id = ? AND action LIKE 'session.%' ORDER BY number DESC LIMIT 2",
      [id],
    );
    expect(actions.map(({ action }) => action)).toEqual(['session.refused', 'session.refused']);
  });

  describe('sessions', () => {
    const sessionsOf = async (client: GraphqlClient, userId?: string) => {
      const { data } = await client.send(SESSIONS, { userId });
      return Object(data).sessions as { id: string; current: boolean; ip: string | null }[];
    };

    it('are listed for their owner, and ended one by one', async () => {
      const { client, email } = await administrator();
      const other = await signIn(email);
      const list = await sessionsOf(client);
      expect(list.map(({ current }) => current).sort()).toEqual([false, true]);
      expect(list[0]?.ip).toMatch(/127\.0\.0\.1/);
      const [theOther] = list.filter(({ current }) => !current);
      expectOk(await client.send(REVOKE, { input: { id: theOther?.id } }), 'UserSession');
      expect((await other.send('{ me { id } }')).status).toBe(401);
      expect(await sessionsOf(client)).toHaveLength(1);
      expectProblem(await client.send(REVOKE, { input: { id: theOther?.id } }), 'NOT_FOUND');
    });

    it('of others are for administrators only', async () => {
      const { client, id } = await administrator();
      const viewer = await world.signedIn('VIEWER');
      const own = await sessionsOf(client, viewer.actor.id);
      expect(own).toHaveLength(1);
      expect((await viewer.send(SESSIONS, { userId: id })).errors[0]?.extensions.code).toBe('FORBIDDEN');
      expectProblem(await viewer.send(REVOKE, { input: { userId: id, id: '0'.repeat(32) } }), 'FORBIDDEN');
      expectOk(await client.send(REVOKE, { input: { userId: viewer.actor.id, id: own[0]?.id } }), 'UserSession');
      expect((await viewer.send('{ me { id } }')).status).toBe(401);
    });
  });

  it('a session of an older version is as fresh as its beginning', async () => {
    const { client, id } = await administrator();
    await world.db.manager.query('UPDATE session SET confirmed_at = NULL WHERE user_id = ?', [id]);
    const [name, type, input] = POWERS[0] ?? ['', '', () => ({})];
    expectOk(await ask(client, name, type, input()));
    await world.db.manager.update(SessionRow, { userId: id }, { createdAt: new Date(Date.now() - 3_600_000) });
    expectProblem(await ask(client, name, type, input()), 'FRESH_SIGN_IN_REQUIRED');
  });
});
