import { setTimeout as delay } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { MarketSocket } from '../apps/edge/test/market-socket.js';
import type { MarketWriter } from '../apps/edge/test/market-writer.js';
import { seededRandom, until } from '@paddock/testing';

/** How long after the last update a client may be late; a client that lags longer has lost something. */
const PATIENCE_MS = 15_000;

/** How many clients are dropped, for how long at most, and the rate and duration of the updates of each market. */
export interface DropSizes {
  readonly clients: number;
  readonly seconds: number;
  readonly offlineMs: number;
  readonly updatesPerSecond: number;
}

/** The server that clients connect to, and the markets that are updated meanwhile. */
export interface DropTask {
  readonly port: number;
  readonly writer: MarketWriter;
  readonly event: string;
  readonly markets: readonly string[];
}

/** How many of the clients ended with the same as the log. */
export interface Identical {
  readonly same: number;
  readonly of: number;
}

/** Each client is dropped once, at random, and resumes with its clk. */
export async function countIdentical(task: DropTask, sizes: DropSizes): Promise<Identical> {
  const { clients: count, seconds, offlineMs } = sizes;
  const random = seededRandom(7);
  const edge = `http://127.0.0.1:${task.port}`;
  const wishes = { filter: { events: [task.event] }, conflateMs: 250 };
  const last = new Map<string, number>();
  const updating = update(task, sizes, last);
  const clients = await Promise.all(
    Array.from({ length: count }, async () => {
      await delay(random.integer(0, 1_000));
      const socket = await MarketSocket.open(edge, 'bench');
      await socket.subscribe(wishes);
      await delay(random.integer(0, (seconds * 1_000) / 2));
      socket.socket.terminate();
      await delay(random.integer(0, offlineMs));
      const again = await MarketSocket.open(edge, 'bench');
      // The client keeps its state; only the connection is new.
      for (const [id, market] of socket.client.markets) again.client.markets.set(id, market);
      again.send({ op: 'sub', id: 1, ...wishes, clk: socket.client.clk });
      return again;
    }),
  );
  await updating;
  const same = await settled(
    () =>
      clients.filter(({ client }) => task.markets.every((market) => client.priceOf(market, 1) === last.get(market)))
        .length,
    count,
  );
  for (const client of clients) client.socket.terminate();
  return { same, of: count };
}

/** The same with socket.io as it is shipped, its connection state recovery on. */
export async function countIdenticalOfSocketIo(task: DropTask, sizes: DropSizes): Promise<Identical> {
  const { clients: count, seconds, offlineMs } = sizes;
  const random = seededRandom(7);
  const last = new Map<string, number>();
  const updating = update(task, sizes, last);
  const clients = await Promise.all(
    Array.from({ length: count }, async () => {
      await delay(random.integer(0, 1_000));
      const held = new Map<string, number>();
      const socket: Socket = io(`http://127.0.0.1:${task.port}`, {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
      });
      socket.on('mc', ({ id, r }: { id: string; r: { p: number }[] }) => void held.set(id, r[0]?.p ?? 0));
      await connected(socket);
      await delay(random.integer(0, (seconds * 1_000) / 2));
      socket.io.engine.close();
      await delay(random.integer(0, offlineMs));
      socket.connect();
      await connected(socket);
      return { socket, held };
    }),
  );
  await updating;
  const same = await settled(
    () => clients.filter(({ held }) => task.markets.every((market) => held.get(market) === last.get(market))).length,
    count,
  );
  for (const { socket } of clients) socket.disconnect();
  return { same, of: count };
}

/** How many there are at last: all, or those who are there when patience ends. */
async function settled(same: () => number, all: number): Promise<number> {
  await until(() => same() === all, { timeoutMs: PATIENCE_MS, what: 'the same prices everywhere' }).catch(
    () => undefined,
  );
  return same();
}

async function connected(socket: Socket): Promise<void> {
  if (!socket.connected) await new Promise<void>((resolve) => void socket.once('connect', () => resolve()));
}

/** Each market has its last update at a different time, so that a client that was offline then must catch up. */
async function update(
  { writer, event, markets }: DropTask,
  { seconds, updatesPerSecond }: DropSizes,
  last: Map<string, number>,
): Promise<void> {
  const began = performance.now();
  let price = 2_000;
  while (performance.now() - began < seconds * 1_000) {
    const share = (performance.now() - began) / (seconds * 1_000);
    for (const [index, market] of markets.entries()) {
      if (share > (index + 1) / markets.length) continue;
      price += 1;
      last.set(market, price);
      await writer.price(market, event, [[1, price]]);
    }
    await delay(1_000 / updatesPerSecond);
  }
}
