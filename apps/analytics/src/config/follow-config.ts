import { type ClientKeySettings, formatRef } from '@paddock/contracts';
import {
  type ConfigDocument,
  type ConfigStanding,
  EnvironmentSettingsWatch,
  instanceId,
  LiveConfig,
  RefusedDocuments,
} from '@paddock/live-config';
import type { Logger } from '@paddock/runtime';
import type { Analytics } from '../analytics.js';
import type { AnalyticsSettings } from '../settings.js';
import { BackfillReceipts } from './backfill-receipts.js';
import { ColumnConflict, assertColumnsFit } from './column-conflicts.js';
import { definitionsOf, FOLLOWED_KINDS } from './definitions-of.js';

/** A running follower of live config. */
export interface FollowedConfig {
  /** The applied release, the refused one with its reason, and the release up to which every metric is computed. */
  readonly standing: FollowedStanding;
  close(): Promise<void>;
}

export interface FollowedStanding extends ConfigStanding {
  readonly environment: string;
  readonly caughtUpSeq: number | undefined;
}

/**
 * Applies the environment's live event schemas and metrics, starting from the last known good ones on disk. An invalid
 * document is refused alone: its previous revision stays active. @param producers kept in step with the client keys;
 * `fixed` ones always stay
 */
export async function followConfig(
  analytics: Analytics,
  producers: Map<string, string>,
  fixed: ReadonlyMap<string, string>,
  settings: AnalyticsSettings,
  logger: Logger,
): Promise<FollowedConfig> {
  const { redis, environment, stateDir, pollMs } = settings;
  const instance = await instanceId({ consumer: 'analytics', given: settings.instance, directory: stateDir }, logger);
  const config = await LiveConfig.start({
    ...{ environment, instance, redis, stateDir, pollMs, logger, kinds: FOLLOWED_KINDS, consumer: 'analytics' },
    async apply({ documents }) {
      const definitions = definitionsOf(documents.values());
      await assertColumnsFit(analytics.store.engine, definitions).catch((error: unknown) => {
        throw error instanceof ColumnConflict ? refusedSchemas(error, documents.values()) : error;
      });
      await analytics.apply(definitions);
    },
  });
  const backfill = new BackfillReceipts({
    environment,
    instance,
    redis,
    logger,
    config,
    catchingUp: () => analytics.metrics.catchingUp,
  });
  backfill.start();
  const keys = new EnvironmentSettingsWatch({
    ...{ environment, redis, pollMs, logger },
    apply({ clientKeys }) {
      replaceProducers(producers, fixed, clientKeys);
      logger.info({ environment, producers: producers.size }, 'producers are those of the client keys');
    },
  });
  return {
    get standing() {
      return { environment, ...config.standing, caughtUpSeq: backfill.caughtUpSeq };
    },
    async close() {
      keys.close();
      await config.close();
      await backfill.close();
    },
  };
}

/** A key with the scope `events` lets its holder send, under the name of the key's consumer. */
function replaceProducers(
  producers: Map<string, string>,
  fixed: ReadonlyMap<string, string>,
  clientKeys: readonly ClientKeySettings[],
): void {
  const senders = clientKeys.filter(({ scopes }) => scopes.includes('events'));
  producers.clear();
  for (const [sha256, name] of fixed) producers.set(sha256, name);
  for (const { sha256, consumer } of senders) producers.set(sha256, consumer);
}

/** The event schemas whose fields do not fit their stored columns. */
function refusedSchemas({ byEvent }: ColumnConflict, documents: Iterable<ConfigDocument>): RefusedDocuments {
  const reasons = [...documents].flatMap(({ ref, body }): [string, string][] => {
    const event =
      ref.kind === 'event-schema' && typeof body === 'object' && body !== null && 'event' in body
        ? String(body.event)
        : undefined;
    const reason = event === undefined ? undefined : byEvent.get(event);
    return reason === undefined ? [] : [[formatRef(ref), `event-schema ${ref.key}: ${reason}`]];
  });
  return new RefusedDocuments(new Map(reasons));
}
