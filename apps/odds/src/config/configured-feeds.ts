import { formatRef } from '@paddock/contracts';
import { type ConfigState, instanceId, LiveConfig, RefusedDocuments } from '@paddock/live-config';
import type { Logger } from '@paddock/runtime';
import type { Feed } from '../feeds/feed.js';
import type { FeedConfig } from '../feeds/feed-config.js';
import type { ChosenFeed } from '../feeds/feed-runner.js';
import type { FeedLimits } from '../markets/feed-watch.js';
import type { OddsSettings } from '../settings.js';
import { type SecretsAndFiles, toFeedConfig } from './to-feed-config.js';

/** The name under which odds services appear among consumers. */
const ODDS_CONSUMER = 'odds';

export interface ConfiguredFeedsParts {
  readonly create: (config: FeedConfig) => Promise<Feed>;
  /** Runs these feeds from now on, judged by these limits. */
  readonly run: (feeds: readonly ChosenFeed[], limits: ReadonlyMap<string, FeedLimits>) => void;
}

/**
 * Runs the feeds of the live odds-feed documents of an environment. A document that cannot be used here is refused alone:
 * its feed keeps its last good config, and other documents are applied.
 */
export async function followFeeds(
  settings: OddsSettings,
  logger: Logger,
  { create, run }: ConfiguredFeedsParts,
): Promise<LiveConfig> {
  const { environment, stateDir, pollMs, redis } = settings;
  return LiveConfig.start({
    ...{ environment, consumer: ODDS_CONSUMER, kinds: ['odds-feed'], redis, stateDir, pollMs, logger },
    instance: await instanceId({ consumer: ODDS_CONSUMER, given: settings.instance, directory: stateDir }, logger),
    apply: async (state) => {
      const { feeds, limits } = await makeFeeds(state, settings, create);
      run(feeds, limits);
    },
  });
}

/** @throws RefusedDocuments naming every document from which no feed can be made, and why */
export async function makeFeeds(
  { documents }: ConfigState,
  secretsAndFiles: SecretsAndFiles,
  create: ConfiguredFeedsParts['create'],
): Promise<{ feeds: ChosenFeed[]; limits: Map<string, FeedLimits> }> {
  const feeds: ChosenFeed[] = [];
  const limits = new Map<string, FeedLimits>();
  const refused = new Map<string, string>();
  for (const { ref, sha256, body } of documents.values()) {
    try {
      const configured = await toFeedConfig(ref.key, body, secretsAndFiles);
      if (!configured) continue;
      const feed = await create(configured.config);
      feeds.push({ feed, version: sha256 });
      for (const key of feed.keys) limits.set(key, configured.limits);
    } catch (error) {
      refused.set(formatRef(ref), `odds-feed ${ref.key}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (refused.size > 0) throw new RefusedDocuments(refused);
  return { feeds, limits };
}
