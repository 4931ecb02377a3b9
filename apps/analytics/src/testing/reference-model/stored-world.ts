import { pino } from 'pino';
import type { Delivery } from '../../../../../test/reference-model/intake.js';
import type { IdentityCall } from '../../../../../test/reference-model/persons.js';
import { until } from '@paddock/testing';
import { readSegmentBatch } from '../../collector/segment.js';
import { EVENTS_TOPIC, STORE_GROUP } from '../../log/topic.js';
import { Serving } from '../../serving.js';
import { testAnalytics, type TestAnalytics } from '../test-analytics.js';
import { type ReferenceWorld, toLiveDefinitions } from './reference-world.js';

/** A real store with a world's deliveries. */
export interface StoredWorld {
  readonly serving: Serving;
  /** The current time of answers. */
  now(): number;
  /** By delivery: the indexes of the events that were refused in the answer to the sender. */
  readonly refusedAt: readonly (readonly number[])[];
  /** Computes all windows that are closed, so that queries are answered from rollups. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Sends everything to a separate collector, each delivery after the previous one was stored. In every second world, all
 * due windows are computed before each delivery.
 */
export async function storeWorld({
  seed,
  now,
  definitions,
  deliveries,
}: Pick<ReferenceWorld, 'seed' | 'now' | 'definitions' | 'deliveries'>): Promise<StoredWorld> {
  const live = toLiveDefinitions(definitions);
  const clock = { now };
  const computesEarly = seed % 2 === 1;
  const test = await testAnalytics({ clock: () => clock.now });
  await test.analytics.apply(live);
  await test.analytics.start();
  const serving = await Serving.open(test.analytics, pino({ level: 'fatal' }));
  const refusedAt: number[][] = [];
  for (const delivery of deliveries) {
    clock.now = delivery.receivedAt;
    // What is computed already must be computed again when later deliveries change it.
    if (computesEarly) while ((await test.analytics.rollups.advance()) > 0);
    refusedAt.push(await deliver(delivery, test, serving));
    const readAll = async () => (await test.log.lag(EVENTS_TOPIC, STORE_GROUP)).every((records) => records === 0);
    await until(readAll, { timeoutMs: 60_000, everyMs: 2, what: 'the end of the log' });
  }
  return {
    serving,
    now: () => clock.now,
    refusedAt,
    async settle() {
      // Windows are computed when nothing touched them for a while.
      do clock.now += 10_000;
      while ((await test.analytics.rollups.advance()) > 0);
    },
    async close() {
      await serving.close();
      await test.close();
    },
  };
}

/** Sends a delivery. Returns the indexes of refused events. */
async function deliver(delivery: Delivery, test: TestAnalytics, serving: Serving): Promise<number[]> {
  if (delivery.kind === 'repair') {
    const { event, code, mapping } = delivery;
    await serving.quarantine.repair({ where: { event, code }, mapping, dryRun: false, limit: 10_000 });
    return [];
  }
  const { rejected } = await (delivery.kind === 'events' ? test.send(delivery.events) : call(test, delivery.calls));
  return rejected.map(({ index }) => index);
}

/** Makes calls by Segment's API. */
function call(
  { analytics: { collector } }: TestAnalytics,
  calls: readonly IdentityCall[],
): ReturnType<TestAnalytics['send']> {
  const batch = calls.map(({ call: type, user, anonymous, previous, at }) => {
    return { type, userId: user, anonymousId: anonymous, previousId: previous, timestamp: at };
  });
  return collector.take(readSegmentBatch({ batch }, collector.contracts, batch.length).events, { producer: 'test' });
}
