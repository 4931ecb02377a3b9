import { expect, test } from 'vitest';
import { canonicalJson, type MarketChange, type OddsChange, type OddsUpdate } from '@paddock/contracts';
import { BetfairMarkets } from '../feeds/betfair/betfair-markets.js';
import { parseMessage } from '../feeds/betfair/messages.js';
import { linesOf } from '../feeds/recordings/open-recording.js';
import { describeRecorded, recorded } from '../testing/recorded-feeds.js';
import { decide } from './decide.js';
import { decideFeedDown } from './decide-feed.js';
import { FeedWatch } from './feed-watch.js';
import { Shard } from './shard.js';

const RACE = 'KelvinVail__Betfair/src/Betfair.Tests/Stream/Data/MarketStream.txt';
const IMAGES = 'limx0__betfair_parser/tests/resources/data/1.127236622.bz2';
const CRICKET = 'betcode-org__flumine/tests/resources/1.200806927';
const TRUNCATED = 'limx0__betfair_parser/tests/resources/data/1.164917629.bz2';

const read = new Map<string, Promise<OddsChange[][]>>();

/** What a capture says, message by message, received when its source sent it. */
function changesOf(capture: string): Promise<OddsChange[][]> {
  const known = read.get(capture) ?? readChanges(capture);
  read.set(capture, known);
  return known;
}

async function readChanges(capture: string): Promise<OddsChange[][]> {
  const markets = new BetfairMarkets('bf');
  const changes: OddsChange[][] = [];
  for await (const line of linesOf(recorded(capture))) {
    const message = parseMessage(line);
    if (message.op === 'mcm') changes.push(markets.take(message, message.pt ?? 0));
  }
  return changes;
}

function run(shard: Shard, changes: readonly OddsChange[]): OddsUpdate[] {
  return changes.flatMap((change) => shard.write(decide(shard, change), { in: undefined, at: change.at }));
}

const stateOf = (shard: Shard): string => canonicalJson([...shard.books.values()]);

describeRecorded('market state on recorded feeds', () => {
  test.each([RACE, IMAGES])(
    'is the same after a crash at every 211th message, rebuilt from the log (%s)',
    async (capture) => {
      const messages = await changesOf(capture);
      const whole = new Shard('e');
      const log: OddsUpdate[] = [];
      let survivor = new Shard('e');
      messages.forEach((changes, at) => {
        log.push(...run(whole, changes));
        run(survivor, changes);
        if (at % 211 !== 0) return;
        survivor = new Shard('e');
        for (const update of log) survivor.apply(update);
      });
      expect(stateOf(survivor)).toBe(stateOf(whole));
      expect(survivor.seq).toBe(whole.seq);
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
    },
  );

  test('takes a message again without any effect', async () => {
    const shard = new Shard('e');
    let repeated = 0;
    for (const changes of await changesOf(IMAGES)) {
      run(shard, changes);
      // Within one message the settlement follows the change that closes the market; each alone is idempotent.
      for (const change of changes) repeated += decide(shard, change).length;
    }
    expect(repeated).toBe(0);
  });

  // The table of the data's README: messages that are left when the last one of each market and window wins.
  test.each([
    [RACE, [7_679, 7_401, 3_550, 1_882, 958, 483]],
    ['limx0__betfair_parser/tests/resources/data/1.185781277.bz2', [7_600, 7_331, 3_949, 2_333, 1_333, 731]],
    [IMAGES, [16_096, 15_698, 11_080, 8_662, 6_920, 5_589]],
    [CRICKET, [18_529, 18_308, 15_879, 12_870, 9_160, 5_846]],
    [
      'nautechsystems__nautilus_trader/tests/test_data/betfair/1-166811431.bz2',
      [11_357, 11_281, 9_775, 8_133, 6_231, 4_421],
    ],
  ])(
    'says one change per market and message, so that windows count as measured (%s)',
    async (capture, [raw, ...windowed]) => {
      const markets = (await changesOf(capture))
        .flat()
        .filter((change): change is MarketChange => change.type === 'market');
      expect(markets).toHaveLength(raw ?? 0);
      const windows = [100, 250, 500, 1_000, 2_000].map(
        (ms) => new Set(markets.map(({ market, source }) => `${market} ${Math.floor(source.pt / ms)}`)).size,
      );
      expect(windows).toEqual(windowed);
    },
  );

  test('carries prices while a market is suspended, so that it reopens with the newest', async () => {
    const shard = new Shard('e');
    let whileSuspended = 0;
    for (const update of run(shard, (await changesOf(RACE)).flat())) {
      if (update.type === 'market' && update.st !== 'OPEN' && shard.books.get(update.id)?.st !== 'OPEN' && update.r)
        whileSuspended += 1;
      if (update.type === 'market' && update.st === 'OPEN') expect(update.img).toBe(true);
    }
    expect(whileSuspended).toBeGreaterThan(0);
  });

  test('suspends a feed that stops, and not one whose markets are quiet for 82 seconds', async () => {
    const limits = { silenceMs: 10_000, lagMs: 10_000 };
    const quiet = (await changesOf(CRICKET)).flat();
    const watch = new FeedWatch(() => limits);
    let longest = 0;
    const silences: number[] = [];
    for (const [at, change] of quiet.entries()) {
      const next = quiet[at + 1];
      watch.hear(change, change.at);
      // Heartbeats as the live stream sends them; recorders drop them.
      for (let beat = change.at + 5_000; next && beat < next.at; beat += 5_000) {
        if (watch.silent(beat).length > 0) silences.push(beat);
        watch.hear({ type: 'feed_alive', source: { feed: 'bf', pt: beat }, at: beat }, beat);
      }
      if (next && change.type === 'market' && change.inPlay !== false) longest = Math.max(longest, next.at - change.at);
    }
    expect(longest).toBeGreaterThan(81_000);
    expect(silences).toEqual([]);

    const shard = new Shard('e');
    const truncated = (await changesOf(TRUNCATED)).flat();
    run(shard, truncated);
    const last = truncated.at(-1)?.at ?? 0;
    for (const change of truncated) watch.hear(change, change.at);
    expect([...shard.books.values()].map(({ st }) => st)).toEqual(['OPEN']);
    expect(watch.silent(last + limits.silenceMs)).toEqual([]);
    expect(watch.silent(last + limits.silenceMs + 1)).toEqual(['bf']);
    shard.write(decideFeedDown(shard, 'bf', 'SILENT'), { in: undefined, at: last + limits.silenceMs + 1 });
    expect([...shard.books.values()].map(({ st, sr }) => [st, sr])).toEqual([['SUSPENDED', 'FEED']]);
  });

  test('settles no market twice, and reopens no settled market', async () => {
    for (const capture of [RACE, CRICKET]) {
      const shard = new Shard('e');
      const updates = run(shard, (await changesOf(capture)).flat());
      const settled = updates.findIndex(({ type }) => type === 'settlement');
      expect(updates.filter(({ type }) => type === 'settlement')).toHaveLength(1);
      expect(updates.slice(settled).some((update) => update.type === 'market' && update.st === 'OPEN')).toBe(false);
      expect([...shard.books.values()].map(({ st }) => st)).toEqual(['SETTLED']);
    }
  });
});
