export type { ConfigDocument, ConfigPosition, ConfigState } from './config-state.js';
export { instanceId, type InstanceName } from './instance-id.js';
export { type Applied, type ConfigStanding, leftOut, LiveConfig, type LiveConfigOptions } from './live-config.js';
export { DOCUMENTS_AT_ONCE, type LiveNames, readLiveNames } from './live-names.js';
export { ReceiptOutbox } from './receipt-outbox.js';
export { ReceiptReporter, type RefusedRelease, type ReporterParts, type Standing } from './receipt-reporter.js';
export { type HeadAndChanges, readEnvironments, RedisSource } from './redis-source.js';
export { RedisWatch, type RedisWatchOptions } from './redis-watch.js';
export { RetryPace } from './retry-pace.js';
