import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { canonicalJson, type OddsChange, runnerKey, toThousandths } from '@paddock/contracts';
import { Shard } from '../../markets/shard.js';
import { decide } from '../../markets/decide.js';
import { type FullBook, type OracleBook, oracleOf, summarised } from '../../testing/oracle.js';
import { CAPTURES, describeRecorded, recorded } from '../../testing/recorded-feeds.js';
import { linesOf } from '../recordings/open-recording.js';
import { BetfairMarkets } from './betfair-markets.js';
import { type MarketChangeMessage, parseMessage } from './messages.js';

const AT = 1_800_000_000_000;

/** The feed and the market state, run together over a capture; `after` sees both after every message. */
async function replay(
  path: string,
  after: (count: number, markets: BetfairMarkets, shard: Shard, message: MarketChangeMessage) => void,
): Promise<void> {
  const markets = new BetfairMarkets('betfair');
  const shard = new Shard('epoch');
  let count = 0;
  for await (const line of linesOf(path)) {
    const message = parseMessage(line);
    if (message.op !== 'mcm') continue;
    for (const change of markets.take(message, AT)) shard.write(decide(shard, change), { in: undefined, at: AT });
    count += 1;
    after(count, markets, shard, message);
  }
}

/** What the feed's cache holds, in the oracle's form. */
function cached(markets: BetfairMarkets, { marketId, runners }: Pick<OracleBook, 'marketId' | 'runners'>) {
  const cache = markets.cache(marketId);
  const definition = cache?.definition;
  return {
    status: definition?.status,
    inplay: definition?.inPlay,
    version: definition?.version,
    totalMatched: cache?.tv,
    runners: runners.map(({ selectionId, handicap }) => {
      const runner = cache?.runners.get(`${selectionId}/${handicap}`);
      const described = definition?.runners.find(({ id, hc }) => id === selectionId && (hc ?? 0) === handicap);
      return {
        selectionId,
        handicap,
        status: described?.status,
        lastPriceTraded: runner?.ltp,
        totalMatched: runner?.tv,
        bestBack: runner?.back ?? null,
        bestLay: runner?.lay ?? null,
        backLevels: runner?.backDepth,
        layLevels: runner?.layDepth,
        tradedLevels: runner?.traded.depth,
        actualSP: typeof described?.bsp === 'number' ? described.bsp : null,
      };
    }),
  };
}

function expected({ status, inplay, version, totalMatched, runners }: Omit<OracleBook, 'update'>) {
  return {
    status,
    inplay,
    version,
    totalMatched,
    runners: runners.map(
      ({
        selectionId,
        handicap,
        status,
        lastPriceTraded,
        totalMatched,
        bestBack,
        bestLay,
        backLevels,
        layLevels,
        tradedLevels,
        actualSP,
      }) => ({
        selectionId,
        handicap,
        status,
        lastPriceTraded,
        totalMatched,
        bestBack,
        bestLay,
        backLevels,
        layLevels,
        tradedLevels,
        actualSP,
      }),
    ),
  };
}

/** What the market state must say where the oracle says this. */
function stateOf(book: Omit<OracleBook, 'update'>) {
  return {
    source: book.status,
    ip: book.inplay,
    runners: Object.fromEntries(
      book.runners.map((runner) => {
        const active = runner.status === 'ACTIVE';
        return [
          runnerKey({ id: runner.selectionId, hc: runner.handicap }),
          {
            st: runner.status,
            ltp: toThousandths(runner.lastPriceTraded),
            lay: active ? toThousandths(runner.bestLay?.price) : null,
          },
        ];
      }),
    ),
  };
}

function stated(shard: Shard, marketId: string) {
  const book = shard.books.get(`betfair:${marketId}`);
  return {
    source: book?.source,
    ip: book?.ip,
    runners: Object.fromEntries(
      Object.entries(book?.runners ?? {}).map(([key, { st, ltp, lay }]) => [key, { st, ltp, lay }]),
    ),
  };
}

function compare(markets: BetfairMarkets, shard: Shard, book: Omit<OracleBook, 'update'>): void {
  const pairs = [
    [cached(markets, book), expected(book)],
    [stated(shard, book.marketId), stateOf(book)],
  ];
  // Jest compares thousands of books slowly; canonical JSON says whether they are the same, Jest where they differ.
  for (const [ours, theirs] of pairs) if (canonicalJson(ours) !== canonicalJson(theirs)) expect(ours).toEqual(theirs);
}

describeRecorded('recorded Betfair streams give the books of an independent consumer', () => {
  test.each(CAPTURES)('%s', async (capture) => {
    const oracle = await oracleOf(capture);
    let last: MarketChangeMessage | undefined;
    let compared = 0;
    await replay(recorded(capture), (count, markets, shard, message) => {
      last = message;
      for (const book of oracle.books) {
        if (book.update !== count) continue;
        compare(markets, shard, book);
        compared += 1;
      }
    });
    expect(compared).toBe(oracle.books.length);
    expect(last?.clk).toBe(oracle.clk);
  });

  test('after each of the 480 updates of the BASIC file', async () => {
    const folder = ['betcode-org__betfair', 'tests', 'resources', 'historicaldata'];
    const books: FullBook[] = JSON.parse(
      await readFile(recorded(...folder, 'BASIC-1.132153978-processed.json'), 'utf8'),
    );
    let compared = 0;
    await replay(recorded(...folder, 'BASIC-1.132153978'), (count, markets, shard) => {
      const book = books[count - 1];
      if (!book) throw new Error('more updates than books');
      const summary = summarised(book);
      compare(markets, shard, summary);
      compared += 1;
    });
    expect(compared).toBe(480);
  });

  test('and every market that closed is settled once, with its winners', async () => {
    const settlements: OddsChange[] = [];
    const markets = new BetfairMarkets('betfair');
    for await (const line of linesOf(recorded('limx0__betfair_parser/tests/resources/data/1.127236622.bz2'))) {
      const message = parseMessage(line);
      if (message.op === 'mcm')
        settlements.push(...markets.take(message, AT).filter(({ type }) => type === 'settlement'));
    }
    const shard = new Shard('epoch');
    const records = settlements
      .flatMap((change) => shard.write(decide(shard, change), { in: undefined, at: AT }))
      .filter(({ type }) => type === 'settlement');
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      revision: 1,
      state: 'SETTLED',
      certainty: 'CONFIRMED',
      results: expect.arrayContaining([{ id: 11129238, result: 'WON' }]),
    });
  });
});
