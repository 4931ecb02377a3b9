export { type LoggedRequest, readAccessLine } from './access-log.js';
export { announceLegacyRoutes, readLegacyRoutes } from './announced-routes.js';
export { ClientRequests } from './client-requests.js';
export { canonicalTarget, type CanonicalTarget, canonicalUrl, RefusedUrl } from './canonical-url.js';
export {
  DirectPolling,
  MAX_CLIENTS,
  MAX_QUESTIONS,
  type PolledQuestion,
  type PollingOptions,
  type PollingReport,
} from './duplicate-polling.js';
export { isGone, legacyHeaders, type LegacyRoute, LegacyRoutes } from './legacy-route.js';
export { type ClientMigration, migrationBoard, type MigrationState } from './migration-board.js';
export { readLines } from './read-lines.js';
export { readTraffic, type TrafficCount, TrafficCounters, type TrafficKey } from './traffic-counters.js';
