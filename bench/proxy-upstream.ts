import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '@paddock/testing';
import { receiveTask } from './child.js';
import { readBoard } from './proxy-board.js';
import { WindowJudge } from './window-judge.js';

/** How a third party behaves. */
export interface UpstreamTask {
  seed: number;
  /** Log-normal latency with this median and p95; 0 for none. */
  medianMs: number;
  p95Ms: number;
  /** Share of requests that stall for `stallMs`. */
  stallShare: number;
  stallMs: number;
  /** Requests that are worked on at once; the others queue. */
  capacity: number;
  /** Does it refuse the second request for one question in a second of its clock? */
  limited: boolean;
  /** How many questions there are: `event=0` and so on. */
  questions: number;
}

/** The requests since the last report. */
export interface UpstreamCounts {
  requests: number;
  /** Answered with 429. */
  refused: number;
  /** Requests for what had been asked for in that window. */
  beyondWindows: number;
}

/** The message that it sends once it is ready. */
export interface UpstreamReady {
  port: number;
  source: string;
}

/** The standard normal value below which 95 % lie. */
const Z95 = 1.645;
const SECOND_MS = 1_000;
/** So long may a request have been on its way here, on a machine that is busy with other things. */
const ON_ITS_WAY_MS = 250;
/** A recorded change comes that often. */
const CHANGE_EVERY_MS = 100;

const task = await receiveTask<UpstreamTask>();
const board = await readBoard(task.questions);
const random = seededRandom(task.seed);
const sigma = task.medianMs > 0 ? Math.log(task.p95Ms / task.medianMs) / Z95 : 0;
let working = 0;
const queue: (() => void)[] = [];
const lastSecond = new Map<string, number>();
const windows = new WindowJudge(SECOND_MS, ON_ITS_WAY_MS);
const nothing = (): UpstreamCounts => ({ requests: 0, refused: 0, beyondWindows: 0 });
let counts = nothing();

function latencyMs(): number {
  if (random.next() < task.stallShare) return task.stallMs;
  if (task.medianMs === 0) return 0;
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return task.medianMs * Math.exp(sigma * normal);
}

function isRefused(question: string, now: number): boolean {
  const second = Math.floor(now / SECOND_MS);
  const again = lastSecond.get(question) === second;
  lastSecond.set(question, second);
  return task.limited && again;
}

const server = createServer(async (request, response) => {
  const [question = '', now] = [request.url, Date.now()];
  counts.requests += 1;
  if (windows.isSecond(question, now)) counts.beyondWindows += 1;
  if (isRefused(question, now)) {
    counts.refused += 1;
    response.writeHead(429, { 'retry-after': '1', 'content-length': 0 }).end();
    return;
  }
  if (working >= task.capacity) await new Promise<void>((resolve) => queue.push(resolve));
  working += 1;
  await delay(latencyMs());
  working -= 1;
  queue.shift()?.();
  // The answer contains the current time, so that readers know its age.
  const body = Buffer.from(`{"at":${Date.now()},"markets":${board.body(Number(/\d+$/.exec(question)?.[0]))}}`);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.keepAliveTimeout = 60_000;
setInterval(() => board.advance(), CHANGE_EVERY_MS);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const ready: UpstreamReady = {
    port: typeof address === 'object' && address ? address.port : 0,
    source: board.source,
  };
  process.send?.(ready);
});

process.on('message', () => {
  process.send?.(counts);
  counts = nothing();
});
