import type { Analytics } from '../analytics.js';
import { rawTable } from '../store/raw-table.js';

/** How many events one producer sends of one version of a contract. It shows whether the version can be retired. */
export interface VersionUsage {
  event: string;
  version: string;
  producer: string;
  /** Events that were accepted and are still stored. */
  events: number;
  /** RFC 3339, UTC. */
  lastReceivedAt: string;
}

/** The producers of each version of the live contracts, the newest first. */
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
