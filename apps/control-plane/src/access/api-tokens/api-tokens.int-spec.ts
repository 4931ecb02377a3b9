import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError, expectOk, expectProblem } from '../../testing/expect-result.js';
import { GraphqlClient } from '../../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';
import { Actors } from '../actors.js';

const CREATE = `mutation ($input: CreateApiTokenInput!) {
  createApiToken(input: $input) {
    __typename
    ... on ApiTokenCreated { token apiToken { id name expiresAt lastUsedAt grants { role kind environment site } } }
    ... on ValidationProblem { fields { path code } }
    ... on Problem { code message }
  }
}`;
const REVOKE = `mutation ($input: RevokeApiTokenInput!) {
  revokeApiToken(input: $input) { __typename ... on ApiToken { revokedAt } ... on Problem { code message } }
}`;
const TOKENS = '{ apiTokens(first: 100) { nodes { id } } }';

describe('API tokens', () => {
  let world: World;
  let publisher: SignedInClient;
  beforeAll(async () => {
    world = await testWorld();
    await world.seed().environment('staging').environment('production').site('acme-uk').site('acme-ie');
    publisher = await world.signedIn('PUBLISHER', { environment: 'staging' });
  });
  afterAll(() => world.close());

  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const input = (change: object = {}) => ({
    input: { name: 'CI', grants: [{ role: 'EDITOR', environment: 'staging' }], expiresAt: inDays(30), ...change },
  });

  async function token(creator: SignedInClient = publisher, change: object = {}) {
    const created = expectOk(await creator.send(CREATE, input(change)), 'ApiTokenCreated');
    const { id } = Object(created.apiToken);
    return {
      id: String(id),
      client: new GraphqlClient(world.url, String(created.token)),
      secret: String(created.token),
    };
  }

  it('act with their own grants', async () => {
    const { client, id } = await token();
    expect((await client.send('{ sites { key } }')).errors).toEqual([]);
    expect((await client.send('{ me { id } }')).data).toEqual({ me: null });
    const actor = await world.app.get(Actors, { strict: false }).byId(id);
    expect(actor).toMatchObject({
      id,
      type: 'TOKEN',
      grants: [{ role: 'EDITOR', kind: '*', environment: 'staging', site: '*' }],
    });
  });

  it('are stored as a hash and shown once', async () => {
    const { secret } = await token();
    const stored: unknown[] = await world.db.manager.query('SELECT * FROM api_token');
    const audited: unknown[] = await world.db.manager.query('SELECT * FROM audit_entry');
    for (const text of [JSON.stringify(stored), JSON.stringify(audited), JSON.stringify(world.log)]) {
      expect(text).not.toContain(secret.slice(-43));
    }
  });

  it('cannot do more than their creator', async () => {
    const grants = [
      { role: 'ADMIN', environment: 'staging' },
      { role: 'EDITOR', environment: 'staging', site: 'acme-uk' },
      { role: 'VIEWER' },
    ];
    const problem = expectProblem(await publisher.send(CREATE, input({ grants })), 'VALIDATION');
    expect(problem.fields).toEqual([
      { path: 'grants[0]', code: 'EXCEEDS_CREATOR' },
      { path: 'grants[2]', code: 'EXCEEDS_CREATOR' },
    ]);
  });

  it('lose what their creator loses, and everything when the creator leaves', async () => {
    const creator = await world.signedIn('PUBLISHER');
    const { client, id } = await token(creator, { grants: [{ role: 'PUBLISHER' }] });
    const actors = world.app.get(Actors, { strict: false });
    await world.db.manager.query("UPDATE access_grant SET role = 'VIEWER' WHERE holder_id = ?", [creator.actor.id]);
    expect((await actors.byId(id))?.grants).toEqual([]);
    await world.db.manager.query('UPDATE user SET active = 0 WHERE id = ?', [creator.actor.id]);
    expect(await actors.byId(id)).toBeUndefined();
    expectError(await client.send('{ sites { key } }'), 'TOKEN_INVALID', 401);
  });

  it('make no tokens', async () => {
    const { client } = await token();
    expectProblem(await client.send(CREATE, input()), 'FORBIDDEN');
  });

  it.each([
    ['in the past', -1],
    ['more than a year ahead', 400],
  ])('do not expire %s', async (_, days) => {
    const problem = expectProblem(await publisher.send(CREATE, input({ expiresAt: inDays(days) })), 'VALIDATION');
    expect(problem.fields).toEqual([{ path: 'expiresAt', code: 'OUT_OF_RANGE' }]);
  });

  it('name what is wrong with their input', async () => {
    const problem = expectProblem(
      await publisher.send(CREATE, input({ name: '', grants: [{ role: 'VIEWER', environment: 'Prod' }] })),
      'VALIDATION',
    );
    expect(problem.fields).toEqual([
      { path: 'name', code: 'IS_TEXT' },
      { path: 'grants[0].environment', code: 'MATCHES' },
    ]);
    expectProblem(await publisher.send(CREATE, input({ grants: [] })), 'VALIDATION');
  });

  it('end when they are revoked', async () => {
    const { client, id } = await token();
    expectOk(await publisher.send(REVOKE, { input: { id } }), 'ApiToken');
    expectError(await client.send('{ sites { key } }'), 'TOKEN_INVALID', 401);
    // Again changes nothing.
    const before = await world.db.manager.query('SELECT revoked_at FROM api_token WHERE id = ?', [id]);
    expectOk(await publisher.send(REVOKE, { input: { id } }), 'ApiToken');
    expect(await world.db.manager.query('SELECT revoked_at FROM api_token WHERE id = ?', [id])).toEqual(before);
  });

  it('end when they expire', async () => {
    const { client, id } = await token();
    await world.db.manager.query('UPDATE api_token SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [id]);
    expectError(await client.send('{ sites { key } }'), 'TOKEN_INVALID', 401);
  });

  it('get the same answer when wrong: another secret, another id', async () => {
    const { secret, id } = await token();
    const wrongSecret = `pdk_${id}_${'x'.repeat(43)}`;
    const wrongId = secret.replace(id, '01a1f9d5-0e2f-734f-befb-8d1162129284');
    const messages = await Promise.all(
      [wrongSecret, wrongId].map(
        async (bearer) =>
          expectError(await new GraphqlClient(world.url, bearer).send(TOKENS), 'TOKEN_INVALID', 401).message,
      ),
    );
    expect(new Set(messages).size).toBe(1);
  });

  it('belong to their creator; administrators see all of them', async () => {
    const { id } = await token();
    const other = await world.signedIn('PUBLISHER');
    expectProblem(await other.send(REVOKE, { input: { id } }), 'NOT_FOUND');
    expect(JSON.stringify((await other.send(TOKENS)).data)).not.toContain(id);
    const admin = await world.signedIn('ADMIN');
    expect(JSON.stringify((await admin.send(TOKENS)).data)).toContain(id);
    expectOk(await admin.send(REVOKE, { input: { id } }), 'ApiToken');
  });

  it('remember when they were last used', async () => {
    const { client, id } = await token();
    await client.send('{ sites { key } }');
    const [row] = await world.db.manager.query('SELECT last_used_at AS at FROM api_token WHERE id = ?', [id]);
    expect(Math.abs(row.at.getTime() - Date.now())).toBeLessThan(60_000);
  });
});
