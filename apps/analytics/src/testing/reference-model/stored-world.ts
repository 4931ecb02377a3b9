import { pino } from 'pino';
import type { Delivery } from '../../../../../test/reference-model/intake.js';
import { until } from '#testing';
import { Serving } from '../../serving.js';
import { testAnalytics, type TestAnalytics } from '../test-analytics.js';
import { type ReferenceWorld, toLiveDefinitions } from './reference-world.js';

/** What a world's deliveries became in a real store. */
export interface StoredWorld {
  readonly serving: Serving;
  /** What the clock of answers says. */
  now(): number;
  /** By delivery, the places of the events that the sender was told are refused. */
  readonly refusedAt: readonly (readonly number[])[];
  /** Computes all windows that are closed, so that questions are answered from rollups. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Sends everything to a collector of its own, one delivery after the other was stored. */
export async function storeWorld({
  now,
  definitions,
  deliveries,
}: Pick<ReferenceWorld, 'now' | 'definitions' | 'deliveries'>): Promise<StoredWorld> {
  const live = toLiveDefinitions(definitions);
  const clock = { now };
  const test = await testAnalytics({ clock: () => clock.now });
  await test.analytics.apply(live);
  await test.analytics.start();
  const serving = await Serving.open(test.analytics, pino({ level: 'fatal' }));
  const refusedAt: number[][] = [];
  let sent = 0;
  for (const delivery of deliveries) {
    clock.now = delivery.receivedAt;
    const { taken, refused } = await deliver(delivery, test, serving);
    sent += taken;
    refusedAt.push(refused);
    await until(() => handledBy(test) >= sent, { timeoutMs: 60_000, everyMs: 2, what: `${sent} stored events` });
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

/** How many events the processor has stored, refused or dropped. */
function handledBy({ analytics }: TestAnalytics): number {
  return Object.values(analytics.processor.counts).reduce((sum: number, count: number) => sum + count, 0);
}

/** Sends a delivery; `taken` says how many events came upon the log. */
async function deliver(
  delivery: Delivery,
  test: TestAnalytics,
  serving: Serving,
): Promise<{ taken: number; refused: number[] }> {
  if (delivery.kind === 'events') {
    const { rejected } = await test.send(delivery.events);
    return { taken: delivery.events.length, refused: rejected.map(({ index }) => index) };
  }
  const { event, code, mapping } = delivery;
  const { repaired } = await serving.quarantine.repair({
    where: { event, code },
    mapping,
    dryRun: false,
    limit: 10_000,
  });
  return { taken: repaired, refused: [] };
}
