import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { MarketWriter } from '../apps/edge/test/market-writer.js';
import { startChild } from './child.js';
import type { ClientsTask, Counted } from './odds-clients.js';
import { clientsOf, type Served } from './odds-stage.js';
import { cpuSeconds, residentBytes } from './usage.js';

export const EVENT = 'sim:e1';
export const MARKETS = ['sim:1', 'sim:2', 'sim:3', 'sim:4'];

const UPDATES_PER_SECOND = 25;
const SECONDS = 4;

/** The result of some seconds of updates. */
export interface Fanned extends Counted {
  readonly perCpuSecond: number;
  readonly rss: number;
}

/** Updates of markets to many sockets. */
export async function fanOut(
  served: Served,
  writer: MarketWriter,
  {
    count,
    deaf = 0,
    conflateMs = 0,
    markets = MARKETS.length,
  }: { count: number; deaf?: number; conflateMs?: number; markets?: number },
): Promise<Fanned> {
  const { pid } = served;
  const clients = await Clients.open({ ...clientsOf(served, EVENT, conflateMs), count, deaf, oneMarket: false });
  const stop = keepUpdating(writer, MARKETS.slice(0, markets));
  await delay(1_000);
  await clients.ask('begin');
  const before = await cpuSeconds(pid);
  await delay(SECONDS * 1_000);
  const counted = await clients.ask('end');
  const cpu = (await cpuSeconds(pid)) - before;
  const rss = await residentBytes(pid);
  stop();
  await clients.leave();
  return { ...counted, perCpuSecond: counted.deliveries / cpu, rss };
}

/** Many sockets in a process of their own. */
export class Clients {
  private constructor(
    private readonly child: ChildProcess,
    /** Of that process. */
    readonly pid: number,
  ) {}

  static async open(task: ClientsTask): Promise<Clients> {
    const { child } = await startChild('./odds-clients.js', task);
    return new Clients(child, child.pid ?? 0);
  }

  async ask(question: 'begin' | 'end'): Promise<Counted> {
    this.child.send(question);
    const [answer]: Counted[] = await once(this.child, 'message');
    if (!answer) throw new Error('the clients said nothing');
    return answer;
  }

  /** All at once, as when their process dies; the server gets a moment to see it. */
  async leave(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill();
    await gone;
    await delay(500);
  }
}

/** So many updates a second of each market; the price of each is the time at which it was written. */
function keepUpdating(writer: MarketWriter, markets: readonly string[]): () => void {
  const timer = setInterval(() => {
    for (const market of markets) void writer.price(market, EVENT, [[1, Date.now() % 10_000_000]]);
  }, 1_000 / UPDATES_PER_SECOND);
  return () => clearInterval(timer);
}
