import { openLoop } from '@paddock/testing';
import { receiveTask } from './child.js';
import { KeptConnection } from './kept-connection.js';

/** The load to generate. */
export interface ReadLoad {
  /** Asked in turn. */
  urls: string[];
  perSecond: number;
}

/** The result of the load. */
export interface ReadLoadReport {
  sent: number;
  failed: number;
  dropped: number;
  p50Ms: number;
  p99Ms: number;
}

/** Readers that ask at a steady rate until they are stopped. */
const { urls, perSecond } = await receiveTask<ReadLoad>();
const targets = urls.map((text) => ({ url: new URL(text), idle: new Array<KeptConnection>() }));

const load = openLoop({ perSecond }, async (number) => {
  const target = targets[number % targets.length];
  if (!target) throw new Error('there is nothing to read');
  const connection = target.idle.pop() ?? new KeptConnection(target.url);
  const { status } = await connection.get(target.url.pathname + target.url.search);
  target.idle.push(connection);
  if (status !== 200) throw new Error(`answered ${status}`);
});
process.send?.('under way');

process.once('message', async () => {
  const { sent, errors, dropped, delayMs } = await load.stop();
  const report: ReadLoadReport = { sent, failed: errors.length, dropped, p50Ms: delayMs(0.5), p99Ms: delayMs(0.99) };
  process.send?.(report, () => process.exit());
});
