import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '@paddock/testing';
import { ApiTokenRow, SessionRow } from '../access/access.entity.js';
import { Editor } from '../testing/editor.js';
import { expectOk } from '../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

const WATCH =
  'subscription { releaseLanded(environment: "production") { title items { document { key draft { body { ... on Promo { title } } } } } } }';
/** What the product promises. */
const WITHIN_MS = 5_000;

describe('grants that change while a subscription is open', () => {
  let world: World;
  let admin: SignedInClient;
  let editor: Editor;
  const clients: Client[] = [];

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().environment('production').environment('staging').site('acme-uk').site('acme-ie');
    admin = await world.signedIn('ADMIN');
    editor = new Editor(admin);
  });
  afterEach(() => clients.splice(0).forEach((client) => void client.dispose()));
  afterAll(() => world.close());

  /** A subscription over a real socket: what came, and how the socket ended. It does not come back by itself. */
  function watch(token: string) {
    const seen: { titles: string[]; bytes: string; closed: { code: number; reason: string; at: number } | undefined } =
      { titles: [], bytes: '', closed: undefined };
    const client = createClient({
      url: `${world.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      lazy: true,
      on: {
        message: (message) => void (seen.bytes += JSON.stringify(message)),
        closed: (event) => {
          const { code, reason } = event as { code: number; reason: string };
          seen.closed = { code, reason: String(reason), at: performance.now() };
        },
      },
    });
    clients.push(client);
    client.subscribe<{ releaseLanded: { title: string } }>(
      { query: WATCH },
      {
        next: ({ data }) => {
          if (data) seen.titles.push(data.releaseLanded.title);
        },
        error: () => undefined,
        complete: () => undefined,
      },
    );
    return seen;
  }

  let count = 0;
  /** Lands a release of a site and says its title, which is in the draft too. */
  async function land(site: string): Promise<string> {
    const title = `landed-${(count += 1)}-${site}`;
    await editor.land([await editor.promo(title, { title }, site)], { title });
    return title;
  }

  /** A subscription that certainly runs. */
  async function watching(token: string, site = 'acme-uk') {
    const seen = watch(token);
    await until(async () => {
      await land(site);
      return seen.titles.length > 0;
    });
    return seen;
  }

  const setGrants = async (userId: string, grants: object[]) =>
    expectOk(
      await admin.send(
        'mutation ($input: SetGrantsInput!) { setGrants(input: $input) { __typename ... on Problem { code message } } }',
        { input: { userId, grants } },
      ),
      'User',
    );

  const deactivate = async (userId: string) =>
    expectOk(
      await admin.send(
        'mutation ($input: DeactivateUserInput!) { deactivateUser(input: $input) { __typename ... on Problem { code message } } }',
        { input: { userId } },
      ),
      'User',
    );

  const createToken = async (owner: SignedInClient) => {
    const input = {
      name: 'watcher',
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      grants: [{ role: 'VIEWER', site: 'acme-uk' }],
    };
    const made = expectOk(
      await owner.send(
        'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename ... on ApiTokenCreated { token apiToken { id } } ... on Problem { code message } } }',
        { input },
      ),
    );
    return made as unknown as { token: string; apiToken: { id: string } };
  };

  it.each<[string, (viewer: SignedInClient) => Promise<unknown>]>([
    ['are taken away', ({ actor }) => setGrants(actor.id, [])],
    ['are reduced to another site', ({ actor }) => setGrants(actor.id, [{ role: 'VIEWER', site: 'acme-ie' }])],
    [
      'are reduced to another environment',
      ({ actor }) => setGrants(actor.id, [{ role: 'VIEWER', environment: 'staging' }]),
    ],
    ['are reduced to another kind', ({ actor }) => setGrants(actor.id, [{ role: 'VIEWER', kind: 'LAYOUT' }])],
    ['go with their user', ({ actor }) => deactivate(actor.id)],
    ['go with their session', ({ actor }) => world.db.manager.delete(SessionRow, { userId: actor.id })],
  ])('%s: nothing comes from the next event on, and the socket ends in time', async (_, change) => {
    const viewer = await world.signedIn('VIEWER');
    const seen = await watching(viewer.token);
    await change(viewer);
    const changed = performance.now();
    const after = await land('acme-uk');
    await until(() => seen.closed, { what: 'the end of the socket', timeoutMs: WITHIN_MS });
    expect(seen.closed?.code).toBe(4403);
    expect((seen.closed?.at ?? Infinity) - changed).toBeLessThan(WITHIN_MS);
    expect(seen.bytes).not.toContain(after);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    [
      'revoked',
      (id) =>
        admin.send('mutation ($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { __typename } }', {
          input: { id },
        }),
    ],
    ['removed', (id) => world.db.manager.delete(ApiTokenRow, { id })],
  ])('an API token that is %s ends its sockets', async (_, end) => {
    const { token, apiToken } = await createToken(admin);
    const seen = await watching(token);
    await end(apiToken.id);
    const after = await land('acme-uk');
    await until(() => seen.closed, { timeoutMs: WITHIN_MS });
    expect(seen.closed?.code).toBe(4403);
    expect(seen.bytes).not.toContain(after);
  });

  it('a token loses what its maker loses', async () => {
    const maker = await world.signedIn('EDITOR');
    const { token } = await createToken(maker);
    const seen = await watching(token);
    await setGrants(maker.actor.id, [{ role: 'EDITOR', site: 'acme-ie' }]);
    const after = await land('acme-uk');
    await until(() => seen.closed, { timeoutMs: WITHIN_MS });
    expect(seen.bytes).not.toContain(after);
  });

  it('a socket whose grants are set to what they are stays, and hears of what is readable alone', async () => {
    const viewer = await world.signedIn('VIEWER', { site: 'acme-uk' });
    const seen = await watching(viewer.token);
    await setGrants(viewer.actor.id, [{ role: 'VIEWER', site: 'acme-uk' }]);
    const foreign = await land('acme-ie');
    const own = await land('acme-uk');
    await until(() => seen.titles.includes(own));
    expect(seen.bytes).not.toContain(foreign);
    expect(seen.closed).toBeUndefined();
  });
});
