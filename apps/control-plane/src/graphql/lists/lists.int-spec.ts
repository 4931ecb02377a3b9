import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { ConsumerInstanceRow } from '../../publishing/publishing.entity.js';
import { Editor } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';

interface Edges {
  totalCount: number;
  edges: { cursor: string; node: Record<string, unknown> }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

/** A list, what tells its rows apart, and the orders that it is read in. */
const LISTS: [field: string, name: string, orders: string[]][] = [
  ['releases(environment: "production"', 'id', ['CREATED_AT', 'LANDED_AT', 'SCHEDULED_AT', 'TITLE']],
  ['users(', 'id', ['CREATED_AT', 'NAME', 'EMAIL']],
  ['clientKeys(environment: "production"', 'id', ['CREATED_AT', 'CONSUMER']],
  ['freezeWindows(environment: "production"', 'id', ['STARTS_AT', 'ENDS_AT']],
  ['consumers(environment: "production"', 'instance', ['NAME', 'APPLIED_SEQ', 'SEEN_AT', 'STARTED_AT']],
  ['audit(', 'number', ['NUMBER']],
  ['people(', 'id', []],
  ['apiTokens(', 'id', []],
];

describe('every list', () => {
  let world: World;
  let admin: SignedInClient;
  let editor: Editor;
  let document: string;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').site('acme-ie').environment('production').environment('staging');
    admin = await world.signedIn('ADMIN');
    editor = new Editor(admin);
    document = await editor.promo('listed');
    for (let n = 0; n < 6; n += 1) {
      // Equal titles, so that ties are broken.
      const id = n < 2 ? document : await editor.promo(`listed-${n}`);
      if (n % 2 === 0) await editor.land([id], { title: 'The same' });
      else expectOk(await editor.createRelease([id], { title: n === 1 ? 'The same' : `Another ${n}` }));
      await world.signedIn('VIEWER', { site: n % 2 === 0 ? 'acme-uk' : 'acme-ie' });
      const now = new Date(Date.now() + n);
      await world.db.manager.insert(ConsumerInstanceRow, {
        ...{ consumer: 'edge', instance: `edge-${n}`, environment: 'production', appliedSeq: n % 2, stateHash: null },
        ...{ startedAt: now, seenAt: now, leaseExpiresAt: new Date(Date.now() + (n - 3) * 3_600_000) },
        ...{ host: `host-${n}`, version: '0.1.0' },
      });
      const hour = 3_600_000 * (n + 1);
      const window = { startsAt: new Date(Date.now() + hour), endsAt: new Date(Date.now() + 2 * hour) };
      await admin.send(
        'mutation ($input: CreateFreezeWindowInput!) { createFreezeWindow(input: $input) { __typename } }',
        { input: { environment: 'production', reason: 'r', ...window } },
      );
      await admin.send('mutation ($input: CreateClientKeyInput!) { createClientKey(input: $input) { __typename } }', {
        input: {
          environment: 'production',
          consumer: `web-${n % 3}`,
          scopes: ['READ'],
          site: n === 0 ? null : 'acme-uk',
        },
      });
      await admin.send('mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename } }', {
        input: { name: `t${n}`, expiresAt: new Date(Date.now() + 3_600_000), grants: [{ role: 'VIEWER' }] },
      });
    }
  }, 120_000);
  afterAll(() => world.close());

  async function read(field: string, args: string, fields = 'id', by = admin): Promise<Edges> {
    const query = `{ ${field}${field.endsWith('(') ? '' : ', '}${args}) { totalCount edges { cursor node { ${fields} } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    return expectOk(await by.send(query)) as unknown as Edges;
  }

  const cases = LISTS.flatMap(([field, name, orders]) => [
    { field, name, order: '' },
    ...orders.flatMap((order) =>
      ['ASC', 'DESC'].map((direction) => ({
        field,
        name,
        order: `, orderBy: [{ field: ${order}, direction: ${direction} }]`,
      })),
    ),
  ]);

  it.each(cases)(
    '$field$order) leads both ways through everything once, and is counted',
    async ({ field, name, order }) => {
      const whole = await read(field, `first: 100${order}`, name);
      expect(whole.edges.length).toBeGreaterThan(4);
      expect(whole.totalCount).toBe(whole.edges.length);
      const forwards: unknown[] = [];
      for (let after = ''; ;) {
        const { edges, pageInfo } = await read(field, `first: 4${order}${after}`, name);
        forwards.push(...edges);
        if (!pageInfo.hasNextPage) break;
        after = `, after: "${pageInfo.endCursor}"`;
      }
      const backwards: unknown[] = [];
      for (let before = ''; ;) {
        const { edges, pageInfo } = await read(field, `last: 4${order}${before}`, name);
        backwards.unshift(...edges);
        if (!pageInfo.hasPreviousPage) break;
        before = `, before: "${pageInfo.startCursor}"`;
      }
      // Reading audits nothing, so the log did not grow meanwhile.
      expect(forwards).toEqual(whole.edges);
      expect(backwards).toEqual(whole.edges);
    },
  );

  it('of releases is filtered by state, author, text, document and time', async () => {
    const titles = async (args: string) =>
      (await read('releases(environment: "production"', `first: 100, ${args}`, 'title')).edges.map(
        ({ node }) => node.title,
      );
    expect(await titles('states: [DRAFT]')).toHaveLength(3);
    expect(await titles('state: LANDED, text: "same"')).toHaveLength(3);
    expect(await titles('states: []')).toHaveLength(6);
    expect(await titles('state: LANDED, states: [DRAFT]')).toHaveLength(0);
    expect(await titles(`document: "${document}"`)).toEqual(['The same', 'The same']);
    expect(await titles(`document: "${uuidv7()}"`)).toEqual([]);
    expect(await titles(`author: ["${admin.actor.id}"]`)).toHaveLength(6);
    expect(await titles(`author: ["${uuidv7()}"]`)).toEqual([]);
    expect(await titles('to: "2020-01-01T00:00:00Z"')).toEqual([]);
    expect(await titles('from: "2020-01-01T00:00:00Z"')).toHaveLength(6);
  });

  it('of releases finds none by a document that the caller may not read', async () => {
    const other = await editor.promo('irish', {}, 'acme-ie');
    expectOk(await editor.createRelease([document, other], { title: 'mixed' }));
    const ireland = await world.signedIn('VIEWER', { site: 'acme-ie' });
    const found = async (id: string) =>
      (await read('releases(environment: "production"', `document: "${id}"`, 'title', ireland)).totalCount;
    expect(await found(other)).toBe(1);
    expect(await found(document)).toBe(0);
  });

  it('of users is filtered by name, role and whether they can sign in', async () => {
    const count = async (args: string) => (await read('users(', `first: 1, ${args}`)).totalCount;
    const [all, viewers] = [await count('active: true'), await count('role: VIEWER')];
    expect(viewers).toBe(all - 1);
    expect(await count('active: false')).toBe(0);
    expect(await count(`text: "${admin.actor.name.slice(0, 12)}"`)).toBeGreaterThan(0);
  });

  it('of instances says machine and version, and is filtered by life', async () => {
    const alive = await read('consumers(environment: "production"', 'alive: true', 'instance host version alive');
    expect(alive.edges.map(({ node }) => node)).toEqual([
      { instance: 'edge-4', host: 'host-4', version: '0.1.0', alive: true },
      { instance: 'edge-5', host: 'host-5', version: '0.1.0', alive: true },
    ]);
  });

  it('of client keys holds those of sites that the caller manages', async () => {
    const uk = await world.signedIn('ADMIN', { site: 'acme-uk' });
    expect((await read('clientKeys(environment: "production"', 'first: 100', 'id', uk)).totalCount).toBe(5);
    const ireland = await world.signedIn('ADMIN', { site: 'acme-ie' });
    expect((await read('clientKeys(environment: "production"', 'first: 100', 'id', ireland)).totalCount).toBe(0);
  });

  it('of people tells an editor names and no addresses', async () => {
    const someone = await world.signedIn('EDITOR');
    const { edges } = await read('people(', 'first: 100', 'id name email', someone);
    expect(edges.length).toBeGreaterThan(6);
    for (const { node } of edges) {
      expect(node.name).toEqual(expect.any(String));
      expect(node.email).toBe(node.id === someone.actor.id ? someone.actor.name : null);
    }
  });

  it('refuses a field that it cannot be ordered by, and one that is named twice', async () => {
    const unknown = await admin.send('{ users(orderBy: [{ field: PASSWORD }]) { totalCount } }');
    expect(unknown.errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const twice = await admin.send(
      '{ users(orderBy: [{ field: NAME }, { field: NAME, direction: DESC }]) { totalCount } }',
    );
    expect(JSON.stringify(twice.errors)).toContain('orderBy');
  });

  it('of failed jobs is for administrators of everything', async () => {
    const { data } = await admin.send('{ queues { name counts { failed } } }');
    expect(data?.queues).toEqual(['DELIVERIES', 'RECEIPTS'].map((name) => ({ name, counts: { failed: 0 } })));
    const part = await world.signedIn('ADMIN', { site: 'acme-uk' });
    expect((await part.send('{ queues { name } }')).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const retry = 'mutation { retryJob(input: { queue: DELIVERIES, id: "none" }) { ... on Problem { code message } } }';
    expectProblem(await part.send(retry), 'FORBIDDEN');
    expectProblem(await admin.send(retry), 'NOT_FOUND');
  });
});
