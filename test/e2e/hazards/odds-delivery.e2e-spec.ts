import { expect, test } from 'vitest';
import { ALL_SITES } from '@paddock/contracts';
import { compileRule } from '@paddock/visibility';
import { MarketRig, ruleSet, TestReader } from '../../../apps/edge/test/market-rig.js';
import { decideFeedDown } from '../../../apps/odds/src/markets/decide-feed.js';
import { describeRecorded } from '../../../apps/odds/src/testing/recorded-feeds.js';
import { messagesOf, RecordedDelivery, type RecordedMessage, seenBy } from '../recorded-delivery.js';

const RACE = 'KelvinVail__Betfair/src/Betfair.Tests/Stream/Data/MarketStream.txt';
const IMAGES = 'limx0__betfair_parser/tests/resources/data/1.127236622.bz2';
const RACE_2021 = 'limx0__betfair_parser/tests/resources/data/1.185781277.bz2';
const FOOTBALL = 'limx0__betfair_parser/tests/resources/data/1.242971311.bz2';
const TRUNCATED = 'limx0__betfair_parser/tests/resources/data/1.164917629.bz2';
const CRICKET = 'betcode-org__flumine/tests/resources/1.200806927';
const NBA = 'nautechsystems__nautilus_trader/tests/test_data/betfair/1-166811431.bz2';

const WINDOWS = [0, 100, 500, 2_000];

/** How the readers of one window are cut: after every so many messages, for so many. Primes, so that cuts fall anywhere. */
interface Cuts {
  readonly every: number;
  readonly offline: number;
}

/** Plays a capture to two readers of every window: one stays connected, the other disconnects and returns. */
async function playWithCuts(
  capture: string,
  { every, offline }: Cuts,
  act: (delivery: RecordedDelivery, at: number) => void = () => undefined,
) {
  return playMessages(await messagesOf(capture), { every, offline }, act);
}

function playMessages(
  messages: readonly RecordedMessage[],
  { every, offline }: Cuts,
  act: (delivery: RecordedDelivery, at: number) => void,
) {
  const delivery = new RecordedDelivery(messages[0]?.pt ?? 0);
  const staying = WINDOWS.map((conflateMs) => delivery.reader({ conflateMs }));
  const cut = WINDOWS.map((conflateMs) => ({ conflateMs, reader: delivery.reader({ conflateMs }) }));
  let resumed = 0;
  for (const [at, message] of messages.entries()) {
    delivery.play(message, { twice: at % 5 === 0 });
    act(delivery, at);
    const phase = at % every;
    if (phase === every - offline - 1) for (const { reader } of cut) reader.unsubscribe();
    if (phase !== every - 1) continue;
    const truth = delivery.rig.truth();
    expect(seenBy(staying[0]?.client ?? new TestReader().client)).toBe(delivery.expected);
    expect(staying[0]?.client.state).toBe(truth);
    for (const { conflateMs, reader } of cut) {
      const again = delivery.rig.subscribe({ conflateMs, hbMs: 5_000, clk: reader.client.clk, reader });
      resumed += 1;
      expect(again.client.state).toBe(truth);
    }
  }
  delivery.rig.wait(2_100);
  for (const reader of [...staying, ...cut.map((one) => one.reader)]) {
    expect(reader.client.violations).toEqual([]);
    expect(reader.client.state).toBe(delivery.rig.truth());
  }
  expect(delivery.faults).toEqual([]);
  return { delivery, resumed };
}

describeRecorded('delivery of recorded feeds', () => {
  test.each([
    ['a race', RACE, { every: 211, offline: 37 }],
    ['97 images in mid-stream', IMAGES, { every: 523, offline: 53 }],
    ['200 markets, 4,380 runners', FOOTBALL, { every: 211, offline: 53 }],
    ['cricket, in play for hours', CRICKET, { every: 1_009, offline: 101 }],
  ])(
    'resumes byte-identically wherever it was cut, in every window, and never shows a price of what is not open: %s',
    async (_, capture, cuts) => {
      const { delivery, resumed } = await playWithCuts(capture, cuts);
      expect(resumed).toBeGreaterThan(20);
      // A heartbeat every second of the log: its quiet markets were never taken for dead.
      expect(delivery.log.some(({ update }) => update.type === 'market' && update.sr === 'FEED')).toBe(false);
    },
  );

  test("takes a source's clock that goes back", async () => {
    const messages = (await messagesOf(RACE)).slice(0, 2_000).map(({ pt, changes }, at) => {
      const back = at % 7 === 0 ? 5_000 : 0;
      return { pt, changes: changes.map((change) => ({ ...change, source: { ...change.source, pt: pt - back } })) };
    });
    const { delivery } = playMessages(messages, { every: 211, offline: 37 }, () => undefined);
    expect(delivery.rig.truth()).not.toBe('[]');
  });

  test('a market state that is rebuilt from the log in mid-window, again and again, changes nothing for any reader', async () => {
    await playWithCuts(RACE, { every: 223, offline: 29 }, (delivery, at) => {
      if (at % 307 === 0) delivery.rebuildState();
    });
  });

  // The table of the data's README, where windows lie at multiples of their length of the source's clock.
  test.each([
    [RACE, [7_679, 7_401, 3_550, 1_882, 958, 483]],
    [RACE_2021, [7_600, 7_331, 3_949, 2_333, 1_333, 731]],
    [IMAGES, [16_096, 15_698, 11_080, 8_662, 6_920, 5_589]],
    [CRICKET, [18_529, 18_308, 15_879, 12_870, 9_160, 5_846]],
    [NBA, [11_357, 11_281, 9_775, 8_133, 6_231, 4_421]],
  ])('is conflated to exactly as many entries as there are windows with a change: %s', async (capture, expected) => {
    const messages = (await messagesOf(capture)).filter(({ changes }) => changes.some(({ type }) => type === 'market'));
    const rig = new MarketRig((messages[0]?.pt ?? 0) - 60_000);
    rig.open('sim:1');
    const readers = [0, 100, 250, 500, 1_000, 2_000].map((conflateMs) =>
      rig.subscribe({ conflateMs, hbMs: 5_000, reader: new TestReader() }),
    );
    for (const { client } of readers) client.entries = 0;
    // Every message counts here, because each is a new price.
    for (const [at, { pt }] of messages.entries()) {
      rig.goTo(pt);
      rig.price('sim:1', 10_000 + at);
    }
    rig.goTo(rig.clock.now() + 2_000);
    expect(readers.map(({ client }) => client.entries)).toEqual(expected);
    expect(new Set(readers.map(({ client }) => client.state)).size).toBe(1);
  });

  test('of a feed that stops while its market is open suspends it, and no market of another feed', async () => {
    const messages = await messagesOf(TRUNCATED);
    const delivery = new RecordedDelivery(messages[0]?.pt ?? 0);
    const reader = delivery.reader({ conflateMs: 120_000 });
    for (const message of messages) delivery.play(message);
    const market = [...delivery.rig.shards]
      .flatMap(({ markets }) => [...markets.values()])
      .find(({ book }) => book.feed === 'bf');
    if (!market) throw new Error('the capture has no market');
    const def = { event: market.book.event, sport: 'football', type: 'X', runners: [{ id: 1 }] };
    delivery.write(
      market.partition,
      () => [
        {
          type: 'market',
          id: 'other:1',
          event: market.book.event,
          feed: 'other',
          pt: 0,
          img: true,
          st: 'OPEN',
          sr: null,
          def,
          r: [{ id: 1, st: 'ACTIVE', p: 2_000 }],
        },
      ],
      delivery.rig.clock.now(),
    );
    delivery.rig.goTo(delivery.rig.clock.now() + 120_000);
    expect(reader.client.markets.get(market.id)?.st).toBe('OPEN');
    delivery.write(market.partition, (shard) => decideFeedDown(shard, 'bf', 'SILENT'), delivery.rig.clock.now());
    delivery.rig.hub.flush();
    expect([...reader.client.markets].map(([id, { st, sr }]) => [id, st, sr])).toEqual(
      expect.arrayContaining([
        [market.id, 'SUSPENDED', 'FEED'],
        ['other:1', 'OPEN', undefined],
      ]),
    );
    // Nothing from the log at all: the edge says the same of everything, by its own clock.
    delivery.rig.wait(11_000, { heard: false });
    expect([...reader.client.markets.values()].map(({ st, sr }) => [st, sr])).toEqual([
      ['SUSPENDED', 'FEED'],
      ['SUSPENDED', 'FEED'],
    ]);
    expect(delivery.faults.filter((fault) => !fault.startsWith('other:1'))).toEqual([]);
  });

  test('hides in one view what another sees, in every byte', async () => {
    const messages = await messagesOf(FOOTBALL);
    const delivery = new RecordedDelivery(messages[0]?.pt ?? 0);
    const { rig } = delivery;
    const rules = ruleSet(
      compileRule(`market-rule/${ALL_SITES}/no-handicaps`, ALL_SITES, {
        match: { marketType: 'ASIAN_HANDICAP' },
        audience: { jurisdictions: ['DE'] },
        effect: 'HIDE',
        reason: 'law',
      }),
    );
    rig.applyRules(rules);
    const uk = rig.subscribe({ conflateMs: 100, hbMs: 5_000, reader: new TestReader(true) });
    const de = rig.subscribe({
      conflateMs: 100,
      hbMs: 5_000,
      reader: new TestReader(true),
      view: rig.view(rules, 'production/acme-de/DE'),
    });
    for (const message of messages) delivery.play(message);
    rig.wait(200);
    const hidden = [...uk.client.markets]
      .filter(([, { def }]) => JSON.stringify(def).includes('"ASIAN_HANDICAP"'))
      .map(([id]) => id);
    expect(hidden.length).toBeGreaterThan(50);
    expect(de.client.markets.size).toBe(uk.client.markets.size - hidden.length);
    expect(hidden.filter((id) => de.bytes.includes(`"${id}"`))).toEqual([]);
    expect(de.bytes).not.toContain('ASIAN_HANDICAP');
  });

  test('settles a market once, and says nothing more of it until that is taken back', async () => {
    const messages = await messagesOf(RACE);
    const delivery = new RecordedDelivery(messages[0]?.pt ?? 0);
    for (const message of messages) delivery.play(message);
    const reader = delivery.reader();
    const last = messages.at(-1)?.changes.find((change) => change.type === 'market');
    const settlement = messages.flatMap(({ changes }) => changes).find((change) => change.type === 'settlement');
    if (last?.type !== 'market' || settlement?.type !== 'settlement')
      throw new Error('the capture does not end as it should');
    const { definition: _, runners: __, ...about } = last;
    const say = (...changes: Parameters<RecordedDelivery['play']>[0]['changes']): void =>
      delivery.play({ pt: delivery.rig.clock.now() + 1_000, changes });
    say({ ...about, status: 'OPEN', source: { ...last.source, pt: last.source.pt + 1 } });
    expect(delivery.statusOf(last.market)).toBe('SETTLED');
    expect(reader.client.markets.size).toBe(0);
    const { results: ___, certainty: ____, ...undone } = settlement;
    say({ ...undone, state: 'ROLLED_BACK', source: { ...settlement.source, pt: last.source.pt + 2 } });
    expect(reader.client.markets.get(last.market)?.st).toBe('OPEN');
    say({ ...settlement, source: { ...settlement.source, pt: last.source.pt + 3 } });
    expect(reader.client.markets.size).toBe(0);
    expect(delivery.faults).toEqual([]);
  });
});

test('the hub lets go of each of a hundred readers that never read, among ten thousand, once their unread bytes reach the limit', () => {
  const rig = new MarketRig();
  for (let market = 0; market < 100; market += 1) rig.open(`sim:${market}`);
  const readers = Array.from({ length: 10_000 }, (_, index) => {
    const reader = new QuietReader();
    reader.reads = index % 100 !== 0;
    rig.subscribe({ conflateMs: 250, hbMs: 5_000, reader });
    return reader;
  });
  const [first, second] = readers;
  for (let p = 2_000; p < 2_600; p += 1) {
    for (let market = 0; market < 100; market += 1)
      rig.update({ id: `sim:${market}`, event: 'sim:e1', r: [{ id: 1, p }] }, { flush: false });
    rig.hub.flush();
    rig.wait(50);
  }
  // It was let go; what it had unread never exceeded the limit by more than the frame with which it was reached.
  expect(first?.ended).toBe('SLOW');
  expect(readers.filter(({ ended }) => ended !== undefined)).toHaveLength(100);
  expect(Math.max(...readers.map(({ buffered }) => buffered))).toBeLessThan((256 << 10) + 8_000);
  expect(second?.written).toBeGreaterThan(100);
});

/** Counts what it is sent, for tests with many readers. */
class QuietReader extends TestReader {
  written = 0;

  override write(frame: Buffer): void {
    this.written += 1;
    if (!this.reads) this.buffered += frame.length;
  }
}
