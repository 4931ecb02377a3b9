import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { receiveTask } from './child.js';

/** The number of sockets, and the message that each sends once it is open. */
export interface ClientsTask {
  readonly port: number;
  readonly transport: 'websocket' | 'sse';
  readonly count: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly say: string;
  /** The keep-alive message, also sent unasked; absent where the server needs none. */
  readonly alive?: 'pong' | { readonly text: string };
  /** A text that every frame with markets contains once. */
  readonly frame: string;
  /** This many of the last sockets never read anything after that. */
  readonly deaf: number;
  /**
   * Whether there is only one market, whose version then counts the updates. Otherwise prices encode their time of
   * writing.
   */
  readonly oneMarket: boolean;
}

/** The messages since the count began. */
export interface Counted {
  /** Entries of markets; each may stand for several updates. */
  readonly deliveries: number;
  readonly frames: number;
  /** Delivered updates of one market, one by one or several at once. */
  readonly updates: number;
  readonly bytes: number;
  /** By the price, which is the time of the update. */
  readonly delays: readonly number[];
  /** Of some sockets: which version of the one market came when. */
  readonly arrivals: readonly (readonly Arrival[])[];
  /** Sockets that the server has ended since they were opened. */
  readonly ended: number;
}

/** `before` and `v`: the versions that the client was at and is at, in milliseconds since the epoch. */
export interface Arrival {
  readonly before: number;
  readonly v: number;
  readonly atMs: number;
}

const VERSION = Buffer.from('"v":');
/** The number of sockets whose delay is measured. */
const SAMPLED = 50;
/** Servers ask every 15 or 25 seconds, and end what does not answer. */
const ALIVE_EVERY_MS = 10_000;
/** Not all at once, because that would be an extra load. */
const ALIVE_PARTS = 100;

/** Raw sockets that count what comes: a client that parsed everything would measure itself. */
const task = await receiveTask<ClientsTask>();
const FRAME = Buffer.from(task.frame);
let deliveries = 0;
let frames = 0;
let bytes = 0;
let ended = 0;
let delays: number[] = [];
let arrivals: Arrival[][] = [];
// Everybody begins with the image, which is the first.
const versions = new Float64Array(task.count).fill(1);
let versionsBefore = versions.slice();

const sockets: Socket[] = [];
// All at once would exceed a server's backlog.
for (let first = 0; first < task.count; first += 250) {
  sockets.push(
    ...(await Promise.all(
      Array.from({ length: Math.min(250, task.count - first) }, (_, index) => open(first + index)),
    )),
  );
}
keepAlive();
process.on('message', (question) => {
  if (question === 'begin') {
    [deliveries, frames, bytes] = [0, 0, 0];
    delays = [];
    arrivals = Array.from({ length: SAMPLED }, () => []);
    versionsBefore = versions.slice();
  }
  const updates = versions.reduce((sum, version, index) => sum + version - (versionsBefore[index] ?? 0), 0);
  const counted: Counted = { deliveries, frames, updates, bytes, delays, arrivals, ended };
  process.send?.(counted);
});
process.send?.(sockets.length);

function open(index: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(task.port, '127.0.0.1', () => {
      const upgrade = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      };
      const lines = Object.entries({
        Host: 'bench',
        ...(task.transport === 'sse' ? { Accept: 'text/event-stream' } : upgrade),
        ...task.headers,
      });
      socket.write(
        `GET ${task.path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      );
    });
    socket.on('error', reject);
    socket.once('close', () => (ended += 1));
    socket.once('data', (answer) => {
      if (!answer.toString('latin1').startsWith(`HTTP/1.1 ${task.transport === 'sse' ? 200 : 101}`)) {
        reject(new Error(answer.toString('latin1').slice(0, 300)));
        return;
      }
      take(answer, index);
      if (task.say !== '') socket.write(masked(task.say));
      if (index >= task.count - task.deaf) socket.pause();
      else socket.on('data', (piece) => take(piece, index));
      resolve(socket);
    });
  });
}

function keepAlive(): void {
  if (task.alive === undefined) return;
  // An unsolicited pong is allowed (RFC 6455, 5.5.3).
  const frame = task.alive === 'pong' ? Buffer.from([0x8a, 0x80, 0, 0, 0, 0]) : masked(task.alive.text);
  let part = 0;
  setInterval(() => {
    for (let index = part % ALIVE_PARTS; index < sockets.length; index += ALIVE_PARTS) sockets[index]?.write(frame);
    part += 1;
  }, ALIVE_EVERY_MS / ALIVE_PARTS);
}

function take(piece: Buffer, index: number): void {
  bytes += piece.length;
  let last = -1;
  for (let at = piece.indexOf(VERSION); at >= 0; at = piece.indexOf(VERSION, at + VERSION.length)) {
    deliveries += 1;
    last = at;
  }
  for (let at = piece.indexOf(FRAME); at >= 0; at = piece.indexOf(FRAME, at + FRAME.length)) frames += 1;
  if (task.oneMarket) {
    if (last >= 0) takeVersion(piece, last + VERSION.length, index);
  } else if (index < SAMPLED) {
    // The price is the time of the update, so every delivery shows its age.
    const now = Date.now() % 10_000_000;
    for (const [, price] of piece.toString('latin1').matchAll(/"p":(\d{4,7})/g)) delays.push(now - Number(price));
  }
}

/** A number that the piece cuts off is left to the next one. */
function takeVersion(piece: Buffer, from: number, index: number): void {
  const digits = /^(\d+)\D/.exec(piece.toString('latin1', from, from + 16))?.[1];
  const v = Number(digits ?? Number.NaN);
  const before = versions[index] ?? 1;
  if (!(v > before)) return;
  versions[index] = v;
  if (index < SAMPLED) arrivals[index]?.push({ before, v, atMs: performance.timeOrigin + performance.now() });
}

/** A text frame as clients send it (RFC 6455, 5.2), with a mask of zeros. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const header =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([header, Buffer.alloc(4), payload]);
}
