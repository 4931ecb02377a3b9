import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor } from '../../testing/editor.js';
import { expectOk } from '../../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';
import { ListingBackfill } from '../../releases/listing-backfill.js';

interface Page {
  totalCount?: number;
  nodes: { key: string; status?: string | null }[];
  edges: { cursor: string; node: { key: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  facets?: Record<string, { value: string; count: number; author?: { name: string } }[]>;
}

const PAGE = `edges { cursor node { key } } nodes { key status(environment: "production") differsFromLive(environment: "production") }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount`;
const FACETS =
  'facets { kind { value count } status { value count } author { value count author { name } } tag { value count } component { value count } }';

/** What each document is in production, by the way it was made. */
const STATUSES = {
  live: 'LIVE',
  changed: 'CHANGED',
  draft: 'DRAFT',
  ended: 'ENDED',
  waiting: 'SCHEDULED',
  due: 'SCHEDULED',
  hidden: 'HIDDEN',
  removed: 'REMOVED',
  'join-in': 'LIVE',
  other: 'DRAFT',
} as const;

describe('lists of documents', () => {
  let world: World;
  let editor: Editor;
  let client: SignedInClient;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').site('acme-ie').environment('production').environment('staging');
    client = await world.signedIn('ADMIN');
    editor = new Editor(client);
    const schedule = (from: string | undefined, to: string | undefined) => ({
      schedule: { timeZone: 'Europe/London', ...(from ? { from } : {}), ...(to ? { to } : {}) },
    });
    const bodies: Record<string, object> = {
      live: { tags: ['football', 'weekend'] },
      changed: { tags: ['football'] },
      draft: { tags: ['weekend'] },
      ended: schedule(undefined, '2020-01-01T00:00'),
      waiting: schedule('2099-01-01T00:00', undefined),
      due: {},
      hidden: { audience: { percentage: 0 } },
      removed: {},
      'join-in': { text: 'Come and\n**Join in** the fun', cta: { label: 'Überraschung', href: '/fun' } },
    };
    for (const [key, body] of Object.entries(bodies)) ids[key] = await editor.promo(key, body);
    ids.other = await editor.promo('other', {}, 'acme-ie');
    const live = ['live', 'changed', 'ended', 'waiting', 'hidden', 'removed', 'join-in'];
    await editor.land(live.map((key) => ids[key] ?? ''));
    await editor.land([], { remove: [ids.removed ?? ''] });
    await editor.promo('changed', { tags: ['football'], subtitle: 'new' });
    const due = expectOk(await editor.createRelease([ids.due ?? '']), 'Release');
    expectOk(await editor.schedule(String(due.id), new Date(Date.now() + 3_600_000)), 'Release');
  });
  afterAll(() => world.close());

  async function list(args: string, fields = PAGE, reader = client): Promise<Page> {
    const result = await reader.send(`{ documents${args === '' ? '' : `(${args})`} { ${fields} } }`);
    return expectOk(result) as unknown as Page;
  }
  const keys = (page: Page) => page.nodes.map(({ key }) => key);

  it('give the status of each document in an environment, one by one and by filter', async () => {
    const { nodes, totalCount } = await list('first: 100');
    expect(Object.fromEntries(nodes.map(({ key, status }) => [key, status]))).toEqual(STATUSES);
    expect(totalCount).toBe(Object.keys(STATUSES).length);
    for (const status of new Set(Object.values(STATUSES))) {
      const expected = Object.entries(STATUSES).filter(([, its]) => its === status);
      const page = await list(`environment: "production", status: [${status}]`);
      expect({ status, keys: keys(page).sort() }).toEqual({ status, keys: expected.map(([key]) => key).sort() });
      expect(page.totalCount).toBe(expected.length);
    }
  });

  it('report that a draft differs from its live body, also if there is none', async () => {
    const differing = await list('environment: "production", differsFromLive: true, first: 100');
    expect(keys(differing).sort()).toEqual(['changed', 'draft', 'due', 'other', 'removed']);
    expect(keys(await list('environment: "staging", differsFromLive: false'))).toEqual([]);
  });

  it('show after a rollback that the draft differs from the live body', async () => {
    const id = await editor.promo('taken-back', { subtitle: 'right' });
    await editor.land([id]);
    await editor.promo('taken-back', { subtitle: 'wrong' });
    const wrong = await editor.land([id]);
    const standing = async () =>
      (
        await list(
          'search: "taken-back"',
          'nodes { key status(environment: "production") differsFromLive(environment: "production") draft { diff(environment: "production") { path op } author { name } } }',
        )
      ).nodes;
    expect(await standing()).toMatchObject([{ status: 'LIVE', differsFromLive: false, draft: { diff: [] } }]);
    expectOk(await editor.rollback(wrong.id), 'Release');
    expect(await standing()).toMatchObject([
      { status: 'CHANGED', differsFromLive: true, draft: { diff: [{ path: 'subtitle', op: 'CHANGE' }] } },
    ]);
    const discarded = await client.send(
      `mutation ($id: ID!) { discardDraft(input: { id: $id, environment: "production" }) { __typename ... on Document { key } ... on Problem { code message } } }`,
      { id },
    );
    expectOk(discarded, 'Document');
    expect(await standing()).toMatchObject([{ status: 'LIVE', differsFromLive: false, draft: { diff: [] } }]);
  });

  it.each([
    ['text within a live body', 'text: "Join in"', ['join-in']],
    ['another case', 'text: "JOIN IN THE"', []],
    ['without accents', 'text: "uberraschung"', ['join-in']],
    ['the beginning of a word', 'text: "Überr"', ['join-in']],
    ['words that no index has', 'text: "in"', ['join-in', 'waiting']],
    ['a key', 'text: "join-in"', ['join-in']],
    ['signs of pattern and query languages', String.raw`text: "100% +\"(_*"`, []],
    ['a tag', 'tags: ["football"]', ['live', 'changed']],
    ['several tags', 'tags: ["football", "weekend"]', ['live']],
    ['a site', 'site: "acme-ie"', ['other']],
    ['a kind beside kinds', 'kind: PROMO, kinds: [COMPONENT]', []],
  ])('find documents by %s', async (_, args, expected) => {
    const found = keys(await list(`${args}, first: 100`)).filter((key) => key !== 'taken-back');
    if (args === 'text: "in"') expect(found).toEqual(expect.arrayContaining(['join-in']));
    else expect(found.sort()).toEqual([...expected].sort());
  });

  it('find a live body by its text after the draft has lost the text', async () => {
    const id = await editor.promo('rewritten', { text: 'zanzibar holidays' });
    await editor.land([id], { environment: 'staging' });
    await editor.promo('rewritten', { text: 'something else' });
    expect(keys(await list('text: "zanzibar"'))).toEqual(['rewritten']);
    expect(keys(await list('text: "zanzibar", environment: "staging"'))).toEqual(['rewritten']);
    expect(keys(await list('text: "zanzibar", environment: "production"'))).toEqual([]);
    const elsewhere = await world.signedIn('VIEWER', { environment: 'production' });
    expect(keys(await list('text: "zanzibar"', PAGE, elsewhere))).toEqual([]);
  });

  it('count by value, each facet without its own filter', async () => {
    const { facets } = await list(
      'environment: "production", site: "acme-uk", tags: ["football"], status: [LIVE]',
      FACETS,
    );
    expect(facets?.kind).toEqual([{ value: 'PROMO', count: 1 }]);
    expect(facets?.status).toEqual([
      { value: 'CHANGED', count: 1 },
      { value: 'LIVE', count: 1 },
    ]);
    expect(facets?.tag).toEqual([
      { value: 'football', count: 1 },
      { value: 'weekend', count: 1 },
    ]);
    expect(facets?.author).toMatchObject([{ value: client.actor.id, count: 1 }]);
    expect(facets?.author?.[0]?.author?.name).toEqual(expect.any(String));
  });

  it('count and show to each reader what that reader may read', async () => {
    const ireland = await world.signedIn('VIEWER', { site: 'acme-ie' });
    const page = await list('environment: "production"', `totalCount nodes { key } ${FACETS}`, ireland);
    expect(page).toMatchObject({ totalCount: 1, nodes: [{ key: 'other' }] });
    expect(page.facets).toMatchObject({ kind: [{ count: 1 }], status: [{ value: 'DRAFT', count: 1 }], tag: [] });
    const staging = await world.signedIn('VIEWER', { environment: 'staging' });
    const hidden = await list('environment: "production", status: [LIVE, DRAFT, CHANGED]', PAGE, staging);
    expect(hidden).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await list('first: 1', PAGE, staging)).nodes).toMatchObject([{ status: null }]);
  });

  it.each([
    ['', ''],
    ['orderBy: [{ field: UPDATED_AT, direction: DESC }]', ''],
    ['orderBy: [{ field: LABEL }]', ''],
    ['orderBy: [{ field: LABEL, direction: DESC }, { field: UPDATED_AT }]', ''],
    ['orderBy: [{ field: KEY, direction: DESC }]', 'environment: "production", status: [LIVE, DRAFT, CHANGED, ENDED]'],
  ])('lead forwards and backwards through everything once: %s %s', async (order, filter) => {
    const args = (page: string) => [page, order, filter].filter((part) => part !== '').join(', ');
    const whole = (await list(args('first: 100'))).edges;
    expect(whole.length).toBeGreaterThan(4);
    const forwards: unknown[] = [];
    for (let after: string | undefined; ;) {
      const { edges, pageInfo } = await list(args(`first: 3${after === undefined ? '' : `, after: "${after}"`}`));
      expect(pageInfo.hasPreviousPage).toBe(after !== undefined);
      forwards.push(...edges);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    const backwards: unknown[] = [];
    for (let before: string | undefined; ;) {
      const { edges, pageInfo } = await list(args(`last: 3${before === undefined ? '' : `, before: "${before}"`}`));
      backwards.unshift(...edges);
      if (!pageInfo.hasPreviousPage) break;
      before = pageInfo.startCursor;
    }
    expect(forwards).toEqual(whole);
    expect(backwards).toEqual(whole);
  });

  it('skip and repeat nothing while documents are added between the pages', async () => {
    const order = 'orderBy: [{ field: LABEL }]';
    const before = keys(await list(`first: 100, ${order}`));
    const seen: string[] = [];
    for (let after = ''; ;) {
      const page = await list(`first: 2, ${order}${after}`);
      seen.push(...keys(page));
      if (!page.pageInfo.hasNextPage) break;
      after = `, after: "${page.pageInfo.endCursor}"`;
      // One before everything, one behind the page.
      await editor.promo(`a-${seen.length}`, { title: `0 ${seen.length}` });
    }
    expect(seen).toEqual(before);
  });

  it.each([
    [
      'a cursor of another order',
      async () => `first: 1, orderBy: [{ field: LABEL }], after: "${(await list('first: 1')).pageInfo.endCursor}"`,
      'INVALID_CURSOR',
    ],
    ['an invalid cursor', async () => 'first: 1, after: "bm90aGluZw"', 'INVALID_CURSOR'],
    ['both directions', async () => 'first: 1, last: 1', 'CONTRADICTION'],
    ['a status without its environment', async () => 'status: [LIVE]', 'REQUIRED'],
  ])('refuse %s', async (_, args, code) => {
    const { errors } = await client.send(`{ documents(${await args()}) { totalCount } }`);
    expect(JSON.stringify(errors)).toContain(code);
  });

  it('show who uses a component, a promo and a tag', async () => {
    await editor.saveDraft({
      key: 'banner',
      site: 'acme-uk',
      body: { component: { name: 'Banner', propsSchema: { type: 'object' } } },
    });
    await editor.promo('with-banner', {
      component: 'banner',
      props: {},
      tags: ['derby'],
      audience: { segments: ['vip'] },
    });
    const layout = await editor.layout('home', {
      page: 'home',
      slots: [
        { name: 'top', items: [{ promo: 'with-banner' }] },
        {
          name: 'more',
          items: [{ promos: { tags: ['derby'], limit: 3 } }, { markets: { sport: 'football', limit: 3 } }],
        },
      ],
    });
    const usedBy = async (kind: string, key: string, reader = client) => {
      const { data } = await reader.send(
        `query ($kind: Kind!, $key: String!) { documentByKey(kind: $kind, site: "acme-uk", key: $key) { usedBy { document { key } inDraft environments } } }`,
        { kind, key },
      );
      return data?.documentByKey;
    };
    expect(await usedBy('COMPONENT', 'banner')).toEqual({
      usedBy: [{ document: { key: 'with-banner' }, inDraft: true, environments: [] }],
    });
    expect(await usedBy('PROMO', 'with-banner')).toEqual({
      usedBy: [{ document: { key: 'home' }, inDraft: true, environments: [] }],
    });
    const promos = await world.signedIn('VIEWER', { kind: 'promo' });
    expect(await usedBy('PROMO', 'with-banner', promos)).toEqual({ usedBy: [] });
    expect(keys(await list('uses: { promoTags: ["derby"] }'))).toEqual(['home']);
    expect(keys(await list('uses: { segments: ["vip"] }'))).toEqual(['with-banner']);
    expect(keys(await list('uses: { sports: ["football"] }'))).toEqual(['home']);
    expect(keys(await list('component: ["banner"]'))).toEqual(['with-banner']);
    expect(layout).toEqual(expect.any(String));
  });

  it('are complete again where rows were lost', async () => {
    const before = await list(`first: 100, environment: "production"`, `${PAGE} ${FACETS}`);
    for (const table of ['document_state', 'document_term', 'document_content'])
      await world.db.manager.query(`DELETE FROM ${table}`);
    const backfill = world.app.get(ListingBackfill, { strict: false });
    expect(await backfill.run()).toMatchObject({ drafts: before.totalCount });
    expect(await list(`first: 100, environment: "production"`, `${PAGE} ${FACETS}`)).toEqual(before);
    expect(await backfill.run()).toEqual({ drafts: 0, live: 0 });
    expect(keys(await list('text: "Join in"'))).toEqual(['join-in']);
  });
});
