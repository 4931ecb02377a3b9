import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oddsBooksKey } from '@paddock/contracts';
import { until } from '@paddock/testing';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../../publishing/redis.js';
import { Editor } from '../../testing/editor.js';
import { expectOk } from '../../testing/expect-result.js';
import type { GraphqlClient } from '../../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../../testing/world.js';

/** As the odds service leaves markets in Redis. */
const FOOTBALL = { sport: 'football', competition: 'Premier League', type: 'MATCH_ODDS' };
const BOOKS = [
  {
    ...{ id: 'sim:ars-che-1', event: 'sim:ars-che', st: 'OPEN' },
    def: {
      ...{ ...FOOTBALL, name: 'Match Odds', eventName: 'Arsenal v Chelsea', startTime: '2026-12-05T15:00:00.000Z' },
      runners: [{ name: 'Arsenal' }, { name: 'Chelsea' }, { name: 'The Draw' }],
    },
  },
  {
    ...{ id: 'sim:ars-che-2', event: 'sim:ars-che', st: 'SUSPENDED' },
    def: {
      ...{ ...FOOTBALL, type: 'GOALS', name: 'Total Goals', eventName: 'Arsenal v Chelsea' },
      startTime: '2026-12-05T15:00:00.000Z',
      runners: [{ name: 'Over 2.5' }, {}],
    },
  },
  {
    ...{ id: 'sim:atl-bar-1', event: 'sim:atl-bar', st: 'OPEN' },
    def: {
      ...{ ...FOOTBALL, competition: 'La Liga', name: 'Match Odds', eventName: 'Atlético Madrid v Barcelona' },
      startTime: '2026-12-04T20:00:00.000Z',
    },
  },
  {
    ...{ id: 'sim:old-1', event: 'sim:old', st: 'SETTLED' },
    def: { ...FOOTBALL, eventName: 'Arsenal v Leeds', startTime: '2026-11-20T15:00:00.000Z' },
  },
  {
    ...{ id: 'sim:open-1', event: 'sim:open', st: 'OPEN' },
    def: { sport: 'tennis', competition: 'Open', type: 'WINNER', eventName: 'Nadal v Zverev' },
  },
  { id: 'sim:unsaid-1', event: 'sim:unsaid', st: 'INACTIVE' },
];

const IRISH = { site: 'acme-ie', jurisdiction: 'IE' };

interface Page {
  known: boolean;
  totalCount: number;
  nodes: Record<string, unknown>[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

describe('markets and events', () => {
  let world: World;
  let viewer: SignedInClient;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world
      .seed()
      .site('acme-uk')
      .site('acme-ie', { jurisdiction: 'IE' })
      .environment('production')
      .environment('staging');
    viewer = await world.signedIn('VIEWER');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  /** The second partition holds what it likes: where a market lies is the odds service's business. */
  async function stream(): Promise<void> {
    const redis = world.app.get(ARTEFACT_REDIS, { strict: false });
    const prefix = world.app.get(REDIS_PREFIX, { strict: false });
    for (const [index, book] of BOOKS.entries())
      await redis.hset(oddsBooksKey(prefix, index % 2), { '': '{"epoch":"e"}', [book.id]: JSON.stringify(book) });
  }

  async function find(
    field: 'markets' | 'events',
    args: string,
    fields = 'id',
    client: GraphqlClient = viewer,
  ): Promise<Page> {
    const { data, errors } = await client.send(
      `{ ${field}${args && `(${args})`} { known totalCount nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`,
    );
    expect(errors).toEqual([]);
    return data?.[field] as Page;
  }
  const ids = async (field: 'markets' | 'events', args: string) =>
    (await find(field, args)).nodes.map(({ id }) => String(id).replace('sim:', ''));

  it('say that nothing is known while there is no odds service', async () => {
    for (const field of ['markets', 'events'] as const)
      expect(await find(field, '')).toMatchObject({ known: false, totalCount: 0, nodes: [] });
  });

  describe('with an odds service', () => {
    beforeAll(async () => {
      await stream();
      // What was seen a moment ago still counts: the look of the test before.
      await until(async () => (await find('markets', '')).known);
    });

    it('list the next event first, what has no time last, and nothing that is over', async () => {
      expect(await ids('markets', '')).toEqual(['atl-bar-1', 'ars-che-1', 'ars-che-2', 'open-1', 'unsaid-1']);
      expect(await ids('events', '')).toEqual(['atl-bar', 'ars-che', 'open', 'unsaid']);
      expect(await ids('markets', 'withOver: true')).toContain('old-1');
    });

    it('show what the source says of a market and of an event, and null for what it does not say', async () => {
      const fields = 'id event eventName name sport competition marketType startTime status runners';
      const { nodes } = await find('markets', 'event: "sim:ars-che"', fields);
      expect(nodes).toEqual([
        {
          ...{ id: 'sim:ars-che-1', event: 'sim:ars-che', eventName: 'Arsenal v Chelsea', name: 'Match Odds' },
          ...{ sport: 'football', competition: 'Premier League', marketType: 'MATCH_ODDS', status: 'OPEN' },
          ...{ startTime: '2026-12-05T15:00:00.000Z', runners: ['Arsenal', 'Chelsea', 'The Draw'] },
        },
        expect.objectContaining({ id: 'sim:ars-che-2', status: 'SUSPENDED', runners: ['Over 2.5'] }),
      ]);
      expect((await find('markets', 'event: "sim:unsaid"', fields)).nodes).toEqual([
        {
          ...{ id: 'sim:unsaid-1', event: 'sim:unsaid', eventName: null, name: null, sport: null, competition: null },
          ...{ marketType: null, startTime: null, status: 'INACTIVE', runners: [] },
        },
      ]);
      expect(
        (await find('events', 'event: "sim:ars-che"', 'id name sport competition startTime markets')).nodes,
      ).toEqual([
        {
          ...{ id: 'sim:ars-che', name: 'Arsenal v Chelsea', sport: 'football', competition: 'Premier League' },
          ...{ startTime: '2026-12-05T15:00:00.000Z', markets: 2 },
        },
      ]);
    });

    it.each<[what: string, args: string, found: string[]]>([
      ['a team', 'text: "arsenal"', ['ars-che-1', 'ars-che-2']],
      ['the beginning of a team', 'text: "chel"', ['ars-che-1', 'ars-che-2']],
      ['a team without its accents', 'text: "ATLETICO"', ['atl-bar-1']],
      ['the name of an event, in any order', 'text: "Barcelona Atlético"', ['atl-bar-1']],
      ['a runner', 'text: "draw"', ['ars-che-1']],
      ['a competition by its words', 'text: "la liga"', ['atl-bar-1']],
      ['a market by its name', 'text: "total goals"', ['ars-che-2']],
      ['a global id', 'text: "sim:ars-che-2"', ['ars-che-2']],
      ['words that no market has together', 'text: "arsenal barcelona"', []],
      ['the end of a word', 'text: "senal"', []],
      ['a sport', 'sport: "tennis"', ['open-1']],
      ['a sport as no feed spells it', 'sport: "Tennis"', []],
      ['a competition', 'competition: "La Liga"', ['atl-bar-1']],
      [
        'sport, competition and text at once',
        'sport: "football", competition: "Premier League", text: "goals"',
        ['ars-che-2'],
      ],
      ['an event', 'event: "sim:open"', ['open-1']],
      ['an event that is not there', 'event: "sim:none"', []],
    ])('are found by %s', async (_, args, found) => {
      expect(await ids('markets', args)).toEqual(found);
      expect((await find('markets', args)).totalCount).toBe(found.length);
      const events = [...new Set(found.map((id) => id.replace(/-\d$/, '')))];
      expect(await ids('events', args)).toEqual(events);
    });

    it.each(['markets', 'events'] as const)('%s come page by page, each once, with the count of all', async (field) => {
      const all = await ids(field, '');
      const seen: unknown[] = [];
      for (let after = ''; ;) {
        const page = await find(field, `first: 2${after && `, after: "${after}"`}`);
        expect(page.totalCount).toBe(all.length);
        seen.push(...page.nodes.map(({ id }) => String(id).replace('sim:', '')));
        after = page.pageInfo.endCursor ?? '';
        expect(page.pageInfo.hasNextPage).toBe(seen.length < all.length);
        if (!page.pageInfo.hasNextPage) break;
      }
      expect(seen).toEqual(all);
    });

    it.each([
      ['text: ""', 'text'],
      [`sport: "${'x'.repeat(201)}"`, 'sport'],
      ['first: 101', 'first'],
      ['first: 0', 'first'],
      ['after: "nonsense!"', 'after'],
    ])('refuse %s by the name of the argument', async (args, argument) => {
      const { errors } = await viewer.send(`{ markets(${args}) { totalCount } }`);
      expect(JSON.stringify(errors)).toContain(argument);
      expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    });

    it('are for people who read documents', async () => {
      for (const field of ['markets', 'events']) {
        const { errors } = await world.nobody.send(`{ ${field} { totalCount } }`);
        expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
      }
      const britishPromos = await world.signedIn('VIEWER', { site: 'acme-uk', kind: 'promo' });
      expect((await find('markets', '', 'id', britishPromos)).totalCount).toBe(5);
    });

    describe('visibility', () => {
      const rule = async (key: string, body: object, site?: string): Promise<string> =>
        String(
          expectOk(
            await editor.saveDraft({
              ...{ key, body: { marketRule: { effect: 'HIDE', reason: 'a test', ...body } } },
              ...(site === undefined ? {} : { site }),
            }),
            'Document',
          ).id,
        );

      async function visibility(
        market: string,
        { site = 'acme-uk', jurisdiction = 'GB', environment = 'production', client = viewer } = {},
      ): Promise<{ effect: string; rule: { key: string } | null; overridden: { key: string }[] } | null> {
        const { nodes } = await find(
          'markets',
          `text: "${market}", withOver: true`,
          `visibility(environment: "${environment}", site: "${site}", jurisdiction: "${jurisdiction}") { effect rule { key } overridden { key } }`,
          client,
        );
        return nodes[0]?.visibility as { effect: string; rule: { key: string } | null; overridden: { key: string }[] };
      }

      beforeAll(async () => {
        await editor.land([
          await rule('hide-football', { match: { sport: 'football' } }),
          await rule('show-liga', { match: { competition: 'La Liga' }, effect: 'SHOW' }),
          await rule('suspend-derby', { match: { event: 'sim:ars-che' }, effect: 'SUSPEND' }),
          await rule('hide-goals', { match: { event: 'sim:ars-che', marketType: 'GOALS' } }),
          await rule('feature-derby-ie', { match: { market: 'sim:ars-che-1' }, effect: 'FEATURE' }, 'acme-ie'),
          await rule('de-only', { match: { sport: 'tennis' }, audience: { jurisdictions: ['DE'] } }),
          await rule('over', {
            match: { sport: 'tennis' },
            schedule: { to: '2020-01-01T00:00', timeZone: 'UTC' },
          }),
        ]);
      });

      it.each<[what: string, market: string, view: object, effect: string, rule: string | null, overridden: string[]]>([
        ['an event is narrower than a sport', 'sim:ars-che-1', {}, 'SUSPEND', 'suspend-derby', ['hide-football']],
        ['a market type is narrower', 'sim:ars-che-2', {}, 'HIDE', 'hide-goals', ['suspend-derby', 'hide-football']],
        [
          'a site’s own rule',
          'sim:ars-che-1',
          IRISH,
          'FEATURE',
          'feature-derby-ie',
          ['suspend-derby', 'hide-football'],
        ],
        ['an exception from the sport’s rule', 'sim:atl-bar-1', {}, 'SHOW', 'show-liga', ['hide-football']],
        ['another jurisdiction’s rule says nothing', 'sim:open-1', {}, 'SHOW', null, []],
        ['it decides there', 'sim:open-1', { jurisdiction: 'DE' }, 'HIDE', 'de-only', []],
        ['what might be hidden is, of a market that says nothing', 'sim:unsaid-1', {}, 'HIDE', 'hide-football', []],
        ['an environment where nothing landed', 'sim:ars-che-1', { environment: 'staging' }, 'SHOW', null, []],
      ])('%s', async (_, market, view, effect, decides, overridden) => {
        expect(await visibility(market, view)).toEqual({
          effect,
          rule: decides === null ? null : { key: decides },
          overridden: overridden.map((key) => ({ key })),
        });
      });

      it('follows a rollback', async () => {
        const more = await rule('hide-derby-market', { match: { market: 'sim:ars-che-1' } }, 'acme-uk');
        const landed = await editor.land([more]);
        expect(await visibility('sim:ars-che-1')).toMatchObject({ effect: 'HIDE', rule: { key: 'hide-derby-market' } });
        expectOk(await editor.rollback(landed.id), 'Release');
        expect(await visibility('sim:ars-che-1')).toMatchObject({ effect: 'SUSPEND', rule: { key: 'suspend-derby' } });
      });

      it('is null where the reader reads nothing of the site or the environment, and hides rules of other sites', async () => {
        const irish = await world.signedIn('VIEWER', { site: 'acme-ie' });
        const ireland = { ...IRISH, client: irish };
        expect(await visibility('sim:ars-che-1', { client: irish })).toBeNull();
        expect(await visibility('sim:ars-che-1', ireland)).toEqual({
          effect: 'FEATURE',
          rule: { key: 'feature-derby-ie' },
          // They hold for all sites, and this reader reads those of one.
          overridden: [],
        });
        // The effect is what visitors see anyway; the rule is for those who may read it.
        expect(await visibility('sim:open-1', { ...ireland, jurisdiction: 'DE' })).toEqual({
          effect: 'HIDE',
          rule: null,
          overridden: [],
        });
        const staging = await world.signedIn('VIEWER', { environment: 'staging' });
        expect(await visibility('sim:ars-che-1', { client: staging })).toBeNull();
        const promos = await world.signedIn('VIEWER', { kind: 'promo' });
        expect(await visibility('sim:ars-che-1', { client: promos })).toBeNull();
      });
    });
  });
});
