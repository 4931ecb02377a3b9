import type { Analytics } from '../analytics.js';
import { rawTable } from '../store/raw-table.js';

/** How much one producer sends of one version of a contract: what tells whether the version can go. */
export interface VersionUsage {
  event: string;
  version: string;
  producer: string;
  /** Events that were taken and are kept. */
  events: number;
  /** RFC 3339, UTC. */
  lastReceivedAt: string;
}

/** Who sends which versions of the contracts that are live, the newest first. */
export async function usageOf({
  store,
  definitions,
}: Pick<Analytics, 'store' | 'definitions'>): Promise<VersionUsage[]> {
  const answers = await Promise.all(
    [...definitions.events].map(async ({ event }) => {
      const rows = await store.engine.select(
        `SELECT _contract AS version, _producer AS producer, count() AS events, toUnixTimestamp64Milli(max(_received)) AS last FROM ${rawTable(event)} GROUP BY version, producer ORDER BY last DESC, version, producer`,
      );
      return rows.map((row): VersionUsage => ({
        event,
        version: String(row['version']),
        producer: String(row['producer']),
        events: Number(row['events']),
        lastReceivedAt: new Date(Number(row['last'])).toISOString(),
      }));
    }),
  );
  return answers.flat();
}
