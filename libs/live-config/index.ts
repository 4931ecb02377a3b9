export type { ConfigDocument, ConfigPosition, ConfigState, Landing } from './config-state.js';
export {
  EnvironmentSettingsWatch,
  type FetchedSettings,
  fetchSettings,
  hasNewSettings,
  type KnownSettings,
  type NamedSettings,
  type SettingsWatchOptions,
} from './environment-settings.js';
export { instanceId, type InstanceName } from './instance-id.js';
export { type ConfigStanding, LiveConfig, type LiveConfigOptions } from './live-config.js';
export { DOCUMENTS_AT_ONCE, type LiveNames, readLiveNames } from './live-names.js';
export { ReceiptOutbox } from './receipt-outbox.js';
export { ReceiptReporter, type RefusedRelease, type ReporterParts, type Standing } from './receipt-reporter.js';
export { type HeadAndChanges, readEnvironments, RedisSource } from './redis-source.js';
export { RedisWatch, type RedisWatchOptions } from './redis-watch.js';
export { type Apply, RefusedDocuments } from './refused-documents.js';
export { RetryPace } from './retry-pace.js';
