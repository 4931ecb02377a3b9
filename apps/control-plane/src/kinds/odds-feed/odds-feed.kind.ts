import { FEED_SOURCES, type OddsFeedBody } from '@paddock/contracts';
import { feedDestinations } from '@paddock/outbound';
import type { ConfigKind } from '../../documents/config-kind.js';
import { parseBody } from '../parse-body.js';
import { feedFindings } from './odds-feed-rules.js';
import { OddsFeedInput } from './odds-feed.input.js';
import { withoutLiteralSecrets } from './without-literal-secrets.js';

/** A feed of odds. Its key begins the ids of its markets, so it holds for all sites, and there are no two of one key. */
export const oddsFeedKind: ConfigKind<OddsFeedBody> = {
  name: 'odds-feed',
  schemaVersion: 1,
  siteless: true,
  longestKey: 40,
  parse: (input) => parseBody(OddsFeedInput, input, feedFindings),
  destinations: { policy: 'feeds', of: feedDestinations },
  withoutSecrets: withoutLiteralSecrets,
  label: ({ source, enabled }) =>
    `${FEED_SOURCES.find((name) => source[name] !== undefined) ?? 'feed'}${enabled ? '' : ' (off)'}`,
  references: () => [],
  checkAgainst: () => [],
  // Every site shows the markets of every feed; which ones is for market rules to say.
  reach: () => ({ audiences: [], tags: [], places: [], claims: [] }),
};
