import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { Analytics } from '../apps/analytics/src/analytics.js';
import { readBody } from '../apps/analytics/src/collector/read-body.js';
import { parseDefinitions } from '../apps/analytics/src/definitions/definitions-file.js';
import { openEngine } from '../apps/analytics/src/store/engine.js';
import { memoryEventLog } from '@paddock/eventlog';
import { until } from '@paddock/testing';
import { betBody, betDefinitions } from './bets.js';
import type { Outcome } from './figures.js';

const PER_BATCH = 10_000;

/**
 * The cost of ingestion with 1, 8 and 64 metrics: CPU time until all events are stored and every window of every metric
 * is computed.
 */
export async function benchMetrics({ events = 100_000 } = {}): Promise<Outcome> {
  const observations = [];
  for (const metrics of [1, 8, 64]) {
    const { cpu, storing } = await costOf(metrics, events);
    observations.push({
      name: `taking in ${events.toLocaleString('en')} events with ${metrics} metrics`,
      value: `${((cpu / events) * 1_000).toFixed(1)} µs of CPU per event; ${((storing / events) * 1_000).toFixed(1)} of them until stored`,
    });
  }
  return { figures: [], observations };
}

/** In milliseconds of CPU. */
async function costOf(metrics: number, events: number): Promise<{ cpu: number; storing: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'paddock-bench-'));
  const log = memoryEventLog();
  const engine = await openEngine({ directory: join(directory, 'store') });
  const analytics = await Analytics.open({
    log,
    engine,
    logger: pino({ level: 'warn' }),
    limits: { maxBodyBytes: 1 << 20, maxEvents: PER_BATCH, maxBufferedBytes: 256 << 20 },
  });
  try {
    await analytics.apply(parseDefinitions(betDefinitions(metrics)));
    await analytics.processor.start();
    const at = Date.now() - 10 * 60_000;
    const bodies = Array.from({ length: events / PER_BATCH }, (_, index) =>
      betBody(index * PER_BATCH, PER_BATCH, at + index * 6_000),
    );
    const begun = process.cpuUsage();
    for (const body of bodies) await analytics.collector.take(readBody(body, PER_BATCH).events, { producer: 'bench' });
    await until(() => analytics.processor.counts.stored >= events, { timeoutMs: 120_000, what: 'events stored' });
    const storing = spent(begun);
    // A window is computed when it was quiet for a while.
    await delay(400);
    await until(async () => (await analytics.rollups.advance()) === 0, {
      timeoutMs: 120_000,
      everyMs: 350,
      what: 'windows computed',
    });
    return { cpu: spent(begun), storing };
  } finally {
    await analytics.close();
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function spent(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}
