import { setTimeout as delay } from 'node:timers/promises';
import { openLoop } from '@paddock/testing';
import { receiveTask } from './child.js';
import { KeptConnection } from './kept-connection.js';
import { percentile } from './statistics.js';

/** The load to generate. */
export interface ProxyLoadTask {
  /** The servers to ask, in turn. */
  origins: string[];
  /** Asked in turn, at each of them. */
  paths: string[];
  /** Header lines of every request. */
  headers: string;
  perSecond: number;
  seconds: number;
}

/** Delays in milliseconds, of reads that were answered with a price, from the moment that each was due. */
export interface ProxyLoadReport {
  sent: number;
  /** Answered with 429. */
  refused: number;
  /** Not answered with a price for any other reason. */
  failed: number;
  /** Due, and not sent because thousands before it had no answer. */
  dropped: number;
  /** From the first read until the last answer; longer than requested where the server fell behind. */
  tookMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** p95 of the answers that came from memory of the same window. */
  hitP95Ms: number;
  /** How old the prices were when they were received. */
  ageP50Ms: number;
  ageP95Ms: number;
}

const { origins, paths, headers, perSecond, seconds } = await receiveTask<ProxyLoadTask>();
const targets = origins.map((origin) => ({ url: new URL(origin), idle: new Array<KeptConnection>() }));
const ages: number[] = [];
const delays: number[] = [];
const hits: number[] = [];
let refused = 0;
const begun = performance.now();

const load = openLoop({ perSecond, maxInFlight: 4_000 }, async (number) => {
  const target = targets[number % targets.length];
  const path = paths[Math.floor(number / targets.length) % paths.length];
  if (!target || path === undefined) throw new Error('there is nothing to ask');
  const connection = target.idle.pop() ?? new KeptConnection(target.url, headers);
  const { status, head, body } = await connection.get(path);
  target.idle.push(connection);
  if (status === 429) {
    refused += 1;
    return;
  }
  if (status !== 200) throw new Error(`answered ${status}`);
  const took = performance.now() - begun - (number * 1_000) / perSecond;
  delays.push(took);
  const at = /"at":(\d+)/.exec(body.toString('latin1', 0, 40))?.[1];
  ages.push(Date.now() - Number(at));
  if (/\r\npaddock-cache: HIT\r\n|\r\nx-cache: HIT\r\n/i.test(`${head}\r\n`)) hits.push(took);
});
await delay(seconds * 1_000);
const { sent, errors, dropped } = await load.stop();
const tookMs = performance.now() - begun;
const report: ProxyLoadReport = {
  sent,
  refused,
  failed: errors.length,
  dropped,
  tookMs,
  p50Ms: percentile(delays, 0.5),
  p95Ms: percentile(delays, 0.95),
  p99Ms: percentile(delays, 0.99),
  hitP95Ms: percentile(hits, 0.95),
  ageP50Ms: percentile(ages, 0.5),
  ageP95Ms: percentile(ages, 0.95),
};
process.send?.(report, () => process.exit());
