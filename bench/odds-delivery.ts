import type { MarketWriter } from '../apps/edge/test/market-writer.js';
import { splitCores } from './cores.js';
import type { Outcome } from './figures.js';
import type { Servers } from './installation.js';
import { countIdentical, countIdenticalOfSocketIo, type DropSizes } from './odds-drops.js';
import { EVENT, type Fanned, fanOut, MARKETS } from './odds-fanout.js';
import { readRace } from './odds-race.js';
import { replayRace, type ReplaySizes } from './odds-replay.js';
import { type Kind, NAMES, type OddsStage, setOddsStage } from './odds-stage.js';
import { delays, median, megabytes, percentile, spreadOf } from './statistics.js';

const PREFIX = 'fanout';
const KINDS = ['edge', 'ws', 'socket.io', 'edge-sse', 'better-sse'] as const satisfies readonly Kind[];
const ROUNDS = 3;
const CLIENTS = 1_000;

/** How much of it there is. */
export interface DeliverySizes {
  readonly drops: DropSizes;
  readonly replay: ReplaySizes;
}

export const DELIVERY_SIZES: DeliverySizes = {
  drops: { clients: 300, seconds: 8, offlineMs: 5_000, updatesPerSecond: 25 },
  replay: { sockets: [2_000], seconds: 4, speeds: [4] },
};

/** A thousand clients that parse everything run in one process here, which must keep up with its input. */
export const DELIVERY_LONG_SIZES: DeliverySizes = {
  drops: { clients: 1_000, seconds: 40, offlineMs: 30_000, updatesPerSecond: 5 },
  replay: { sockets: [500, 2_000, 10_000], seconds: 6, speeds: [1, 4, 16, 64, 256] },
};

/** Updates of markets from the log to many sockets, by the edge and by what is commonly built instead. */
export async function benchOddsDelivery(
  { redis }: Servers,
  sizes: DeliverySizes,
  say: (what: string) => void,
): Promise<Outcome> {
  const cores = await splitCores([redis.pid]);
  try {
    say(`odds delivery: ${CLIENTS.toLocaleString('en')} sockets`);
    const stage = await setOddsStage(redis.url, PREFIX, KINDS, cores, openMarkets);
    const outcome = await measure(stage, sizes, say).finally(() => stage.stop());
    outcome.observations.push(
      { name: 'cores', value: cores.description },
      ...(await replayRace(redis.url, await readRace(), sizes.replay, cores, say)),
    );
    return outcome;
  } finally {
    await cores.release();
  }
}

async function openMarkets(writer: MarketWriter): Promise<void> {
  for (const market of MARKETS) await writer.open(market, EVENT, [[1, 2_000]]);
}

async function measure(stage: OddsStage, { drops }: DeliverySizes, say: (what: string) => void): Promise<Outcome> {
  const { writer } = stage;
  const rates = await ratesInTurns(stage);
  const own = stage.served('edge');
  const few: Fanned[] = [];
  const many: Fanned[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    few.push(await fanOut(own, writer, { count: 10, markets: 1 }));
    many.push(await fanOut(own, writer, { count: CLIENTS, markets: 1 }));
  }
  const conflated = await fanOut(own, writer, { count: CLIENTS, conflateMs: 250 });
  const crowd = await fanOut(own, writer, { count: 10_000, deaf: 100, conflateMs: 1_000, markets: 1 });
  say('odds delivery: drops');
  const identical = await countIdentical({ port: own.port, writer, event: EVENT, markets: MARKETS }, drops);
  const identicalOfPeer = await countIdenticalOfSocketIo(
    { port: stage.served('socket.io').port, writer, event: EVENT, markets: MARKETS },
    drops,
  );
  // The median of the rounds: one of them may have had a neighbour.
  const worst = median(many.map(({ delays: values }) => percentile(values, 0.99)));
  const rounds = (fanned: readonly Fanned[]): string => fanned.map(({ delays: values }) => delays(values)).join('; ');
  const sockets = CLIENTS.toLocaleString('en');
  const against = (name: string, ours: Kind, peer: Kind, how: string, atLeast: number) => {
    const [mine = [], theirs = []] = [rates.get(ours), rates.get(peer)];
    const ratios = mine.map((rate, index) => rate / (theirs[index] ?? Number.NaN));
    return {
      name,
      measured: whole(median(mine)),
      limit: `${whole(median(theirs))} by ${how}`,
      ratio: median(ratios),
      spread: spreadOf(ratios),
      bar: { atLeast },
    };
  };
  return {
    figures: [
      against(
        `updates delivered to ${sockets} sockets per CPU second of the server`,
        'edge',
        'ws',
        'a send loop with bare ws',
        1.3,
      ),
      against('the same', 'edge', 'socket.io', NAMES['socket.io'], 1),
      against('the same by server-sent events', 'edge-sse', 'better-sse', NAMES['better-sse'], 1),
      {
        name: `update on the log → frame at the client, p99, ${sockets} clients, 25 updates/s of a market`,
        measured: `${worst.toFixed(0)} ms`,
        limit: '50 ms',
        ratio: worst / 50,
        bar: { atMost: 1 },
      },
      {
        name: `clients with exactly the log's state after each was offline for up to ${drops.offlineMs / 1_000} s at random`,
        measured: `${identical.same} of ${identical.of}`,
        limit: `${identicalOfPeer.same} of ${identicalOfPeer.of} with socket.io and its recovery`,
        ratio: identical.same / identical.of,
        bar: { atLeast: 1 },
      },
    ],
    observations: [
      { name: `update on the log → frame, ${sockets} clients`, value: rounds(many) },
      { name: 'the same with 10 clients', value: rounds(few) },
      {
        name: 'with windows of 250 ms: updates delivered per CPU second (each entry stands for several)',
        value: whole(conflated.perCpuSecond),
      },
      {
        name: '10,000 sockets, 100 of them never reading, windows of 1 s: memory of the edge',
        value: `${megabytes(crowd.rss)}, ${((crowd.rss - (few[0]?.rss ?? 0)) / 10_000 / 1e3).toFixed(1)} KB per socket`,
      },
      { name: 'edge still ready afterwards', value: String(await stage.isReady()) },
    ],
  };
}

/** Deliveries per CPU second of each kind, round by round. */
async function ratesInTurns(stage: OddsStage): Promise<ReadonlyMap<Kind, readonly number[]>> {
  const rates = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) {
      const { perCpuSecond } = await fanOut(stage.served(kind), stage.writer, { count: CLIENTS });
      rates.get(kind)?.push(perCpuSecond);
    }
  }
  return rates;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
