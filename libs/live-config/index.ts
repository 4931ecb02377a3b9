export type { ConfigDocument, ConfigPosition, ConfigState, Landing } from './config-state.js';
export { describeReasons } from './describe-reasons.js';
export {
  EnvironmentSettingsWatch,
  type FetchedSettings,
  fetchSettings,
  hasNewSettings,
  type KnownSettings,
  type NamedSettings,
  type SettingsWatchOptions,
} from './environment-settings.js';
export { Follower, type FollowerParts } from './follower.js';
export { instanceId, type InstanceName } from './instance-id.js';
export { type LandedVersion, lastWriteWins, oldestRelease, type Version } from './last-write-wins.js';
export { type ConfigStanding, LiveConfig, type LiveConfigOptions } from './live-config.js';
export { DOCUMENTS_AT_ONCE } from './live-names.js';
export { newestReleases } from './newest-releases.js';
export { ReceiptOutbox } from './receipt-outbox.js';
export { ReceiptReporter, type RefusedRelease, type ReporterParts, type Standing } from './receipt-reporter.js';
export { readEnvironments, RedisSource } from './redis-source.js';
export { RedisWatch, type RedisWatchOptions } from './redis-watch.js';
export { type Apply, RefusedDocuments } from './refused-documents.js';
export type { Assembled, Failure, Held, NamedState, ReadState, Rejection, Target, Verdict } from './target.js';
