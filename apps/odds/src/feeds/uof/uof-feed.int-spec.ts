import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectRedisEventLog, type EventLog } from '@paddock/eventlog';
import { createLogger } from '@paddock/runtime';
import { redisPrefix, until } from '@paddock/testing';
import { decide } from '../../markets/decide.js';
import { Shard } from '../../markets/shard.js';
import { CollectingOutlet } from '../../testing/collecting-outlet.js';
import { describeRecorded, recorded } from '../../testing/recorded-feeds.js';
import { messagesOfFolder, messagesOfQueue, uofQueue } from './sources.js';
import { UofFeed } from './uof-feed.js';

const ODDS =
  '<odds_change event_id="sr:match:1" timestamp="5" product="1"><odds><market id="1" status="1"><outcome id="1" odds="1.5"/></market></odds></odds_change>';
const silent = createLogger('test', 'silent');

describe('the Unified Odds Feed from a queue', () => {
  const place = redisPrefix();
  let log: EventLog;
  let outlet: CollectingOutlet;
  let stop: AbortController;
  let running: Promise<void>;
  const requests: [product: number, after: number | undefined][] = [];
  let refuse = false;
  let newest = 0;

  beforeEach(async () => {
    log = await connectRedisEventLog({ ...place, onError: () => undefined });
    outlet = new CollectingOutlet();
    stop = new AbortController();
    requests.length = 0;
    refuse = false;
    const feed = new UofFeed(
      {
        key: 'uof',
        producers: [1, 3],
        reference: [],
        messages: (signal) => messagesOfQueue(log, 'uof', signal, () => undefined),
        requestRecovery: (product, requestId, after) => (
          requests.push([product, after]),
          (newest = requestId),
          refuse ? Promise.reject(new Error('403')) : Promise.resolve()
        ),
      },
      silent,
    );
    running = feed.run(outlet, stop.signal);
    // Reading begins with what comes: the first message may be one too early, so it is sent until it was heard.
    await until(async () => (await send('<alive product="1" timestamp="1" subscribed="1"/>'), requests.length > 0));
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await log.close();
    await place.clear();
  });

  const send = (...messages: string[]) =>
    log.append(
      uofQueue('uof'),
      messages.map((value) => ({ key: 'uof', value })),
    );

  test('is complete when the snapshot is, producer by producer', async () => {
    // Such an id had the first request of any process before.
    await send(
      '<snapshot_complete product="1" timestamp="6" request_id="1"/>',
      ODDS,
      `<snapshot_complete product="1" timestamp="6" request_id="${newest}"/>`,
    );
    await until(() => outlet.story.includes('complete uof-1'));
    expect(outlet.story).toEqual([
      'down RESTART uof-1',
      'down RESTART uof-3',
      'market uof:sr:match:1/1',
      'complete uof-1',
    ]);
    expect(requests).toEqual([[1, undefined]]);
  });

  test('quarantines what it cannot read and continues', async () => {
    await send('<odds_change event_id="sr:match:1" timestamp="x" product="1"/>', '<nonsense/>', 'garbage', ODDS);
    await until(() => outlet.story.includes('market uof:sr:match:1/1'));
    // What it may have changed stops: an event where one is named, else everything that is open.
    expect(outlet.story.slice(2)).toEqual(['bet_stop', 'down UNREADABLE uof-1', 'market uof:sr:match:1/1']);
    expect(outlet.setAside.map(({ reason }) => reason)).toEqual([
      'odds_change: timestamp must be an integer',
      expect.any(String),
      expect.any(String),
    ]);
  });
});

describeRecorded('recorded messages of the Unified Odds Feed', () => {
  const folder = recorded('minus5__go-uof-sdk', 'testdata');

  async function play(): Promise<CollectingOutlet> {
    const outlet = new CollectingOutlet();
    const stop = new AbortController();
    const reference = await Promise.all(
      ['markets-1.xml', 'fixture-0.xml'].map((name) => readFile(`${folder}/${name}`, 'utf8')),
    );
    const feed = new UofFeed(
      {
        key: 'uof',
        producers: [1, 2, 3],
        reference,
        messages: (signal) => messagesOfFolder(folder, signal),
        requestRecovery: () => Promise.resolve(),
      },
      silent,
    );
    const running = feed.run(outlet, stop.signal);
    await until(() => outlet.story.at(-1)?.startsWith('settlement') && outlet.setAside.length > 8);
    stop.abort();
    await running;
    return outlet;
  }

  test('give the markets, statuses and results that their repository asserts', async () => {
    const { changes, setAside } = await play();
    const markets = changes.flatMap((change) => (change.type === 'market' ? [change] : []));
    expect(markets).toHaveLength(9);
    expect(markets.slice(0, 5).map(({ market, status }) => [market, status])).toEqual([
      ['uof:sr:match:123/47/score=41.5', 'OPEN'],
      ['uof:sr:match:123/48/score=42.5', 'OPEN'],
      ['uof:sr:match:123/49', 'INACTIVE'],
      ['uof:sr:match:123/123/game=3|point=1|set=2', 'SUSPENDED'],
      ['uof:sr:match:123/188', 'OPEN'],
    ]);
    expect(markets[0]).toMatchObject({
      inPlay: true,
      source: { feed: 'uof-2', pt: 1_234 },
      runners: [
        { id: '1', st: 'ACTIVE', p: 1_120 },
        { id: '2', st: 'ACTIVE', p: 1_920 },
      ],
    });
    expect(markets[4]?.runners?.map(({ st }) => st)).toEqual(['ACTIVE', 'INACTIVE', 'ACTIVE', 'ACTIVE', 'INACTIVE']);
    const settlements = changes.flatMap((change) => (change.type === 'settlement' ? [change] : []));
    expect(settlements.find(({ market }) => market.endsWith('/193'))).toMatchObject({
      certainty: 'CONFIRMED',
      results: [
        { id: '74', result: 'LOST' },
        { id: '76', result: 'WON' },
      ],
    });
    expect(settlements.find(({ market }) => market.endsWith('/201'))?.results).toEqual([
      { id: '863', result: 'VOID', voidFactor: 1 },
      { id: '864', result: 'LOST', voidFactor: 0.5 },
      { id: '861', result: 'WON', voidFactor: 0.5 },
      { id: '862', result: 'LOST' },
    ]);
    expect(settlements.find(({ market }) => market.includes('/535/'))?.results?.[0]).toEqual({
      id: 'pre:outcometext:6388892',
      result: 'WON',
      deadHeatFactor: 0.5,
    });
    expect(settlements.filter(({ state }) => state.startsWith('CANCEL'))).toMatchObject([
      {
        market: 'uof:sr:match:18941600/62/goalnr=1',
        state: 'CANCELLED',
        from: 1_564_597_838_000,
        to: 1_564_598_513_000,
        reason: '12',
      },
      { market: 'uof:sr:match:4444/48/score=41.5', state: 'CANCEL_ROLLED_BACK' },
    ]);
    // Fixtures, market descriptions and player profiles are documents of the API, not messages of the feed.
    expect(setAside.every(({ reason }) => reason.includes('timestamp') || reason.includes('unknown message'))).toBe(
      true,
    );
  });

  test('make a market state in which what is settled stays settled', async () => {
    const { changes } = await play();
    const shard = new Shard('e');
    for (const change of changes) shard.write(decide(shard, change), { in: undefined, at: change.at });
    const statuses = [...shard.books.values()].map(({ id, st }) => [id, st] as const);
    expect(statuses.filter(([id]) => id.includes('sr:match:16807109')).every(([, st]) => st === 'SETTLED')).toBe(true);
    expect(shard.books.get('uof:sr:match:123/188')?.def).toMatchObject({ sport: 'unknown', type: '188' });
  });
});
