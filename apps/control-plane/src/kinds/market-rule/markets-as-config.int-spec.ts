import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Redis } from 'ioredis';
import { oddsBooksKey } from '@paddock/contracts';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../../publishing/redis.js';
import { Editor, type Release } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';
import { LiveMarkets } from './live-markets.js';

const rule = (more: object = {}): object => ({
  marketRule: { match: { sport: 'football' }, effect: 'HIDE', reason: 'a test', ...more },
});
const feed = (more: object = {}): object => ({
  oddsFeed: {
    source: { simulator: {} },
    syncWindowMs: 0,
    silenceMs: 10_000,
    suspendedDisplay: 'BLANK',
    enabled: true,
    ...more,
  },
});
const betfair = {
  appKeyVariable: 'ODDS_SECRET_KEY',
  usernameVariable: 'ODDS_SECRET_USER',
  passwordVariable: 'ODDS_SECRET_PASSWORD',
  marketFilter: {},
};
const mapping = {
  markets: '',
  market: { id: 'id', event: 'game' },
  runners: 'runners',
  runner: { id: 'id', price: 'odds' },
  prices: 'decimal',
};
const polled = (more: object): object =>
  feed({ source: { poller: { url: 'https://example.com/odds', mapping, ...more } }, syncWindowMs: 1_000 });

/** What is wrong, a body, and where the problem must be. */
const BAD_BODIES: [what: string, body: object, path: string, says: RegExp][] = [
  ['a match of nothing', rule({ match: {} }), 'body.marketRule.match', /everything: true/],
  [
    'everything and something',
    rule({ match: { everything: true, sport: 'football' } }),
    'body.marketRule.match.everything',
    /sport/,
  ],
  [
    'everything that is not',
    rule({ match: { everything: false } }),
    'body.marketRule.match.everything',
    /expected true/,
  ],
  ['an id without its feed', rule({ match: { market: '1.2416' } }), 'body.marketRule.match.market', /key of a feed/],
  ['an empty name', rule({ match: { competition: ' ' } }), 'body.marketRule.match.competition', /some text/],
  [
    'an audience without visitors',
    rule({ audience: { sites: [] } }),
    'body.marketRule.audience.sites',
    /exclude every visitor/,
  ],
  [
    'an unknown country',
    rule({ audience: { jurisdictions: ['uk'] } }),
    'body.marketRule.audience.jurisdictions[0]',
    /ISO 3166/,
  ],
  [
    'a schedule in no zone',
    rule({ schedule: { from: '2026-01-01T00:00', timeZone: 'Mars/Olympus' } }),
    'body.marketRule.schedule.timeZone',
    /Mars/,
  ],
  ['no reason', rule({ reason: '' }), 'body.marketRule.reason', /some text/],
  ['no source', feed({ source: {} }), 'body.oddsFeed.source', /exactly one/],
  [
    'two sources',
    feed({ source: { simulator: {}, recording: { path: 'a.bz2' } } }),
    'body.oddsFeed.source',
    /recording and simulator/,
  ],
  [
    'a secret instead of its variable',
    feed({ source: { betfair: { ...betfair, passwordVariable: 'hunter2' } } }),
    'body.oddsFeed.source.betfair.passwordVariable',
    /ODDS_SECRET_/,
  ],
  [
    'another secret of the service',
    feed({ source: { betfair: { ...betfair, appKeyVariable: 'DATABASE_URL' } } }),
    'body.oddsFeed.source.betfair.appKeyVariable',
    /ODDS_SECRET_/,
  ],
  [
    'a file that is elsewhere',
    feed({ source: { recording: { path: '../../etc/passwd' } } }),
    'body.oddsFeed.source.recording.path',
    /below the folder/,
  ],
  [
    'an absolute path',
    feed({ source: { uof: { producers: [1], folder: '/etc' } } }),
    'body.oddsFeed.source.uof.folder',
    /below the folder/,
  ],
  ['no producer', feed({ source: { uof: { producers: [] } } }), 'body.oddsFeed.source.uof.producers', /at least 1/],
  ['another protocol', polled({ url: 'file:///etc/passwd' }), 'body.oddsFeed.source.poller.url', /https:/],
  [
    'a password in an address',
    polled({ url: 'https://a:b@example.com/' }),
    'body.oddsFeed.source.poller.url',
    /without user/,
  ],
  [
    'a header of two',
    polled({ headers: [{ name: 'x-key', value: 'a', variable: 'ODDS_SECRET_A' }] }),
    'body.oddsFeed.source.poller.headers[0]',
    /exactly one/,
  ],
  [
    'a mapping without markets’ ids',
    polled({ mapping: { ...mapping, market: { event: 'game' } } }),
    'body.oddsFeed.source.poller.mapping.market.id',
    /path/,
  ],
  [
    'a mapping of an unknown name',
    polled({ mapping: { ...mapping, odds: 'x' } }),
    'body.oddsFeed.source.poller.mapping.odds',
    /known field/,
  ],
  [
    'silence that is shorter than two polls',
    feed({ source: { poller: { url: 'https://example.com', mapping } }, syncWindowMs: 10_000 }),
    'body.oddsFeed.silenceMs',
    /twice syncWindowMs/,
  ],
  ['a window beyond two minutes', feed({ conflateMs: 120_001 }), 'body.oddsFeed.conflateMs', /120000/],
  ['silence of a moment', feed({ silenceMs: 10 }), 'body.oddsFeed.silenceMs', /3000/],
];

describe('markets as config', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world
      .seed()
      .site('acme-uk')
      .site('acme-de', { jurisdiction: 'DE' })
      .environment('production')
      .environment('quiet');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  const save = async (key: string, body: object, site?: string): Promise<string> =>
    String(expectOk(await editor.saveDraft({ key, body, ...(site ? { site } : {}) }), 'Document').id);

  async function planned(documents: string[], more: object = {}): Promise<Release> {
    return expectOk(await editor.createRelease(documents, more), 'Release') as unknown as Release;
  }
  const gatesOf = async (documents: string[], more: object = {}) => (await planned(documents, more)).plan?.gates ?? [];

  async function impactOf(id: string): Promise<unknown> {
    const { data } = await editor.client.send(
      'query ($id: ID!) { release(id: $id) { plan { impact { markets { known at views { site jurisdiction hidden suspended featured shown } } } } } }',
      { id },
    );
    return (data?.release as { plan: { impact: { markets: unknown } } }).plan.impact.markets;
  }

  /** What the odds service would leave in Redis. */
  async function markets(books: { id: string; event: string; st?: string; def?: object }[]): Promise<void> {
    const redis: Redis = world.app.get(ARTEFACT_REDIS, { strict: false });
    const prefix: string = world.app.get(REDIS_PREFIX, { strict: false });
    await redis.hset(oddsBooksKey(prefix, 1), {
      '': '{"epoch":"e"}',
      ...Object.fromEntries(books.map((book) => [book.id, JSON.stringify({ st: 'OPEN', ...book })])),
    });
    Reflect.set(world.app.get(LiveMarkets, { strict: false }), 'seen', undefined);
  }

  test.each(BAD_BODIES)('refused with its field: %s', async (_, body, path, says) => {
    const before = await world.db.manager.query('SELECT COUNT(*) AS n FROM document');
    const problem = expectProblem(await editor.saveDraft({ key: 'bad', body }), 'VALIDATION');
    const fields = problem.fields as { path: string; message: string }[];
    expect(fields.map((field) => field.path)).toEqual([path]);
    expect(fields[0]?.message).toMatch(says);
    expect(await world.db.manager.query('SELECT COUNT(*) AS n FROM document')).toEqual(before);
  });

  test('a rule cannot aim at what a visitor may type', async () => {
    const { errors } = await editor.saveDraft({ key: 'bad', body: rule({ audience: { devices: ['mobile'] } }) });
    expect(errors?.[0]?.message).toContain('devices');
  });

  test('a feed belongs to all sites, and its key has room in ids', async () => {
    const onSite = expectProblem(await editor.saveDraft({ key: 'sim', site: 'acme-uk', body: feed() }), 'VALIDATION');
    expect(onSite.fields).toEqual([expect.objectContaining({ path: 'site' })]);
    const long = expectProblem(await editor.saveDraft({ key: 'a'.repeat(41), body: feed() }), 'VALIDATION');
    expect(long.fields).toEqual([expect.objectContaining({ path: 'key', code: 'TOO_LONG' })]);
  });

  test('what goes in comes out, live', async () => {
    const id = await save('betfair', feed({ source: { betfair }, conflateMs: 100, lagMs: 5_000, enabled: false }));
    await editor.land([id], { environment: 'quiet' });
    const { data } = await editor.client.send(
      `{ documentByKey(kind: ODDS_FEED, key: "betfair") { live(environment: "quiet") { body { ... on OddsFeed {
        source { betfair { appKeyVariable marketFilter } simulator { seed } } syncWindowMs conflateMs silenceMs lagMs suspendedDisplay enabled } } } } }`,
    );
    expect(data?.documentByKey).toEqual({
      live: {
        body: {
          source: { betfair: { appKeyVariable: 'ODDS_SECRET_KEY', marketFilter: {} }, simulator: null },
          ...{
            syncWindowMs: 0,
            conflateMs: 100,
            silenceMs: 10_000,
            lagMs: 5_000,
            suspendedDisplay: 'BLANK',
            enabled: false,
          },
        },
      },
    });
  });

  test('while the markets are unknown, rules are published and the impact is reported as unknown', async () => {
    const id = await save('early', rule({ match: { event: 'sim:nowhere' } }));
    const release = await planned([id], { environment: 'quiet' });
    expect(release.plan?.gates).toEqual([]);
    expect(await impactOf(release.id)).toEqual({ known: false, at: expect.any(String), views: [] });
  });

  test('a rule that matches nothing is held up, unless it says that such a market is to come', async () => {
    await markets([{ id: 'sim:m1', event: 'sim:e1', def: { sport: 'football', type: 'MATCH_ODDS' } }]);
    const typo = await save('typo', rule({ match: { sport: 'fotball' } }));
    const release = await planned([typo]);
    expect(release.plan?.gates).toEqual([
      expect.objectContaining({
        code: 'MATCHES_NOTHING',
        documentId: typo,
        path: 'match',
        message: expect.stringContaining('market-rule/*/typo'),
      }),
    ]);
    expectProblem(await editor.publish(release.id, release.plan?.planHash ?? ''), 'BLOCKED');
    const tomorrow = await save('tomorrow', rule({ match: { event: 'sim:tomorrow', expected: true } }));
    expect(await gatesOf([tomorrow])).toEqual([]);
    expect(await gatesOf([await save('all', rule({ match: { everything: true }, effect: 'SHOW' }))])).toEqual([]);
  });

  test('rules that contradict each other are held up with the names of both, also over sites', async () => {
    await markets([{ id: 'sim:m2', event: 'sim:e2', def: { sport: 'tennis', type: 'MATCH_ODDS' } }]);
    await editor.land([await save('hide-tennis', rule({ match: { sport: 'tennis' } }))]);
    const feature = await save('feature-tennis', rule({ match: { sport: 'tennis' }, effect: 'FEATURE' }), 'acme-uk');
    expect(await gatesOf([feature])).toEqual([
      expect.objectContaining({
        code: 'CONTRADICTION',
        documentId: feature,
        message: expect.stringMatching(/market-rule\/\*\/hide-tennis.*market-rule\/acme-uk\/feature-tennis/),
      }),
    ]);
    expect(
      await gatesOf([await save('suspend-tennis', rule({ match: { sport: 'tennis' }, effect: 'SUSPEND' }))]),
    ).toEqual([]);
    expect(await gatesOf([await save('one-match', rule({ match: { event: 'sim:e2' }, effect: 'SHOW' }))])).toEqual([]);
    expect(
      await gatesOf([
        await save(
          'feature-old',
          rule({
            match: { sport: 'tennis' },
            effect: 'FEATURE',
            schedule: { to: '2020-01-01T00:00', timeZone: 'UTC' },
          }),
          'acme-de',
        ),
      ]),
    ).toEqual([
      // The rule for all has no end: it held then too.
      expect.objectContaining({ code: 'CONTRADICTION' }),
    ]);
    const { data } = await editor.client.send('{ documentByKey(kind: MARKET_RULE, key: "hide-tennis") { id } }');
    const hidden = (data?.documentByKey as { id: string }).id;
    expect(await gatesOf([feature], { remove: [hidden] })).toEqual([]);
  });

  test('impact counts live markets by what is seen before and after, per site and jurisdiction', async () => {
    const darts = { sport: 'darts', competition: 'open', type: 'WINNER' };
    await markets([
      { id: 'sim:d1', event: 'sim:d', def: darts },
      { id: 'sim:d2', event: 'sim:d', def: { ...darts, type: 'LEGS' } },
      { id: 'sim:d3', event: 'sim:d', st: 'SETTLED', def: darts },
      { id: 'sim:d4', event: 'sim:other', def: { ...darts, competition: 'masters' } },
    ]);
    await editor.land([
      await save('keep-legs', rule({ match: { event: 'sim:d', marketType: 'LEGS' }, effect: 'SHOW' })),
    ]);
    const hide = await save('hide-darts', rule({ match: { sport: 'darts' }, audience: { jurisdictions: ['DE'] } }));
    const feature = await save(
      'feature-masters',
      rule({ match: { competition: 'masters' }, effect: 'FEATURE' }),
      'acme-uk',
    );
    const admin = await world.signedIn('ADMIN');
    expectOk(
      await admin.send(
        `mutation { createClientKey(input: { environment: "production", consumer: "web", site: "acme-uk", jurisdiction: "DE", scopes: [READ] }) {
          ... on ClientKeyCreated { key } ... on Problem { code message } } }`,
      ),
    );
    const release = await planned([hide, feature]);
    expect(release.plan?.gates).toEqual([]);
    const none = { hidden: 0, suspended: 0, featured: 0, shown: 0 };
    expect(await impactOf(release.id)).toEqual({
      known: true,
      at: expect.any(String),
      views: [
        // A client key of the British site is bound to Germany: hidden there are d1 alone, since d4 is featured on that site.
        { site: 'acme-de', jurisdiction: 'DE', ...none, hidden: 2 },
        { site: 'acme-uk', jurisdiction: 'DE', ...none, hidden: 1, featured: 1 },
        { site: 'acme-uk', jurisdiction: 'GB', ...none, featured: 1 },
      ],
    });
    const landed = expectOk(
      await editor.publish(release.id, release.plan?.planHash ?? ''),
      'Release',
    ) as unknown as Release;
    expectOk(await editor.rollback(landed.id), 'Release');
  });

  test('of a rule for later, what it will do counts', async () => {
    await markets([{ id: 'sim:g1', event: 'sim:g', def: { sport: 'golf', type: 'WINNER' } }]);
    const later = await save(
      'later',
      rule({ match: { sport: 'golf' }, effect: 'SUSPEND', schedule: { from: '2999-01-01T00:00', timeZone: 'UTC' } }),
      'acme-de',
    );
    const release = await planned([later]);
    expect(await impactOf(release.id)).toMatchObject({
      known: true,
      at: '2999-01-01T00:00:00.000Z',
      views: [{ site: 'acme-de', jurisdiction: 'DE', suspended: 1 }],
    });
  });

  test('a market can be hidden while an environment is frozen, and nothing else', async () => {
    const admin = await world.signedIn('ADMIN');
    const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)].map((at) => at.toISOString());
    expectOk(
      await admin.send(
        `mutation { createFreezeWindow(input: { environment: "quiet", startsAt: "${from}", endsAt: "${to}", reason: "derby" }) {
          ... on FreezeWindow { id } ... on Problem { code message } } }`,
      ),
    );
    const quiet = { environment: 'quiet' };
    const suspend = await save(
      'frozen-suspend',
      rule({ match: { sport: 'curling', expected: true }, effect: 'SUSPEND' }),
    );
    expect(await gatesOf([suspend], quiet)).toMatchObject([{ code: 'FREEZE_WINDOW' }]);
    const match = { everything: true };
    const hide = await save('frozen-hide', rule({ match, audience: { jurisdictions: ['DE'] } }));
    expect(await gatesOf([hide, suspend], quiet)).toMatchObject([{ code: 'FREEZE_WINDOW' }]);
    const release = await planned([hide], quiet);
    const { data } = await editor.client.send(
      `{ release(id: "${release.id}") { plan { gates { code } notes { code message } } } }`,
    );
    expect(data?.release).toEqual({
      plan: { gates: [], notes: [{ code: 'FREEZE_PASSED', message: expect.stringContaining('derby') }] },
    });
    const landed = expectOk(await editor.publish(release.id, release.plan?.planHash ?? ''), 'Release');
    // The end of a HIDE shows more; a rollback, which goes back to what was approved, passes.
    expect(await gatesOf([], { ...quiet, remove: [hide] })).toMatchObject([{ code: 'FREEZE_WINDOW' }]);
    expectOk(await editor.rollback(String(landed.id)), 'Release');
  });
});
