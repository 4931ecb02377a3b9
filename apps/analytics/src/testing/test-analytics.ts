import { pino } from 'pino';
import { type EventLog, memoryEventLog } from '@paddock/eventlog';
import {
  type EventSchemaBody,
  type MetricBody,
  parseEventSchema,
  parseExploration,
  parseMetric,
} from '@paddock/metrics';
import { temporaryDirectory, until } from '@paddock/testing';
import { Analytics } from '../analytics.js';
import type { CollectorLimits } from '../collector/collector.js';
import { Definitions } from '../definitions/definitions.js';
import { openEngine } from '../store/engine.js';

/** Half a million events, a tenth of them repeated, beside three other suites on two cores. */
const STORED_WITHIN_MS = 240_000;
/** Half a million events take 20 s on two idle cores, and longer beside other suites. */
const SETTLED_WITHIN_MS = 240_000;
const LIMITS = { maxBodyBytes: 64 << 20, maxEvents: 1_000_000, maxBufferedBytes: 256 << 20 };

/** Analytics on an empty store of its own and a log in memory. */
export interface TestAnalytics {
  analytics: Analytics;
  log: EventLog;
  /** Ingests events as one request and returns the answer to the sender. */
  send(events: readonly object[], producer?: string): ReturnType<Analytics['collector']['take']>;
  /** How many events were stored, or left out because their id was counted before. */
  handled(): number;
  /** Waits until so many are. */
  stored(events: number): Promise<void>;
  /** Computes every window that can be computed. */
  settle(): Promise<void>;
  until: typeof until;
  close(): Promise<void>;
  /** Only removes the store's files; for tests in which something else closes analytics. */
  remove(): Promise<void>;
}

interface TestOptions {
  clock?: () => number;
  log?: EventLog;
  limits?: CollectorLimits;
  deduplicationMs?: number;
  /** A store that outlives this; a new one when left out. */
  storeDirectory?: string;
}

export async function testAnalytics({
  clock = Date.now,
  log = memoryEventLog(),
  limits = LIMITS,
  deduplicationMs,
  storeDirectory,
}: TestOptions = {}): Promise<TestAnalytics> {
  const directory = await temporaryDirectory();
  const engine = await openEngine({ directory: storeDirectory ?? directory.path });
  const analytics = await Analytics.open({
    log,
    engine,
    logger: pino({ level: 'fatal' }),
    limits,
    clock,
    ...(deduplicationMs === undefined ? {} : { deduplicationMs }),
  });
  const handled = (): number => analytics.processor.counts.stored + analytics.processor.counts.duplicates;
  const remove = async (): Promise<void> => {
    await log.close();
    await directory.remove();
  };
  return {
    analytics,
    log,
    send: (events, producer = 'test') =>
      analytics.collector.take(
        events.map((parsed) => ({ parsed, original: () => JSON.stringify(parsed) })),
        { producer },
      ),
    handled,
    async stored(events) {
      await until(() => handled() >= events, { timeoutMs: STORED_WITHIN_MS, what: `${events} stored events` });
    },
    async settle() {
      await until(async () => (await analytics.rollups.advance()) === 0, {
        timeoutMs: SETTLED_WITHIN_MS,
        everyMs: 400,
        what: 'nothing more to compute',
      });
    },
    until,
    async close() {
      await analytics.close();
      await remove();
    },
    remove,
  };
}

/** A contract for events with the given fields (JSON types), an id `id` and a time `at`. */
export function contract(
  event: string,
  fields: Record<string, string>,
  more: Partial<EventSchemaBody> = {},
): EventSchemaBody {
  const properties = {
    id: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    ...Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type: [type, 'null'] }])),
  };
  const parsed = parseEventSchema({
    event,
    versions: [{ version: '1.0.0', schema: { type: 'object', required: ['id', 'at'], properties } }],
    fields: {
      id: 'id',
      time: 'at',
      ...('user' in fields ? { user: 'user' } : {}),
      ...('session' in fields ? { session: 'session' } : {}),
    },
    ...more,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.body;
}

export function definitions(
  contracts: readonly EventSchemaBody[],
  metrics: Record<string, Omit<MetricBody, 'title'>>,
  explorations: Record<string, object> = {},
): Definitions {
  const bodies = Object.entries(metrics).map(([key, body]) => {
    const parsed = parseMetric({ title: key, ...body });
    if (!parsed.ok) throw new Error(`${key}: ${JSON.stringify(parsed.problems)}`);
    return [key, parsed.body] as const;
  });
  const asked = Object.entries(explorations).map(([key, body]) => {
    const parsed = parseExploration({ title: key, ...body });
    if (!parsed.ok) throw new Error(`${key}: ${JSON.stringify(parsed.problems)}`);
    return [key, parsed.body] as const;
  });
  return new Definitions(contracts, bodies, asked);
}
