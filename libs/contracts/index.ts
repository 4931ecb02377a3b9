export {
  ADOPTED_KINDS,
  type AdoptedDocuments,
  type AdoptedKind,
  ADOPTION_MODES,
  type AdoptionBody,
  type AdoptionField,
  type AdoptionFilter,
  type AdoptionJoin,
  type AdoptionMirror,
  type AdoptionMode,
  type AdoptionTransform,
  BAD_VALUES,
  type BadValues,
  COLUMN_ENCODINGS,
  type ColumnEncoding,
  FILTER_OPERATORS,
  type FilterOperator,
  HTTP_LINKS,
  type HttpLinks,
  LINE_BREAKS,
  type LineBreaks,
  MIRROR_POLICIES,
  type MirrorPolicy,
  SHORT_CODES,
  type ShortCodes,
  joinsOf,
  TRANSFORM_TYPES,
  type TransformType,
  VALUE_FORMATS,
  type ValueFormat,
} from './adoption.js';
export {
  type Change,
  type ChangeItem,
  CLIENT_KEY_SCOPES,
  type ClientKeyScope,
  type ClientKeySettings,
  type EnvironmentSettings,
  type Head,
  type Manifest,
  type ReleaseType,
  type SiteSettings,
} from './artefacts.js';
export {
  type Audience,
  type CallToAction,
  type ComponentBody,
  type Device,
  DEVICES,
  type Image,
  type LayoutBody,
  type LayoutItem,
  type LayoutSlot,
  type PromoBody,
  type Schedule,
} from './bodies.js';
export { canonicalJson, type Json, sha256Hex } from './canonical-json.js';
export { parseJsonObject } from './parse-json.js';
export {
  exactNumber,
  INEXACT_NUMBER_MESSAGE,
  InexactNumber,
  mayHoldInexactNumbers,
  parseExactJson,
} from './exact-json.js';
export { decodeChange, decodeHead, decodeSettings, type LandedChange } from './decode-artefacts.js';
export {
  ALL_SITES,
  type AnyRef,
  type DocumentRef,
  formatRef,
  KEY_PATTERN,
  type KindName,
  KINDS,
  MAX_KEY_LENGTH,
  parseRef,
} from './documents.js';
export { continuesFrom } from './history.js';
export { INSTANT_EXPECTED, parseInstant } from './instant.js';
export {
  type MarketMatch,
  type MarketRuleBody,
  RULE_EFFECTS,
  type RuleAudience,
  type RuleEffect,
} from './market-rule.js';
export {
  type BetfairSource,
  DEFAULT_CONFLATE_MS,
  FEED_SECRET_PREFIX,
  FEED_SOURCES,
  type FeedSourceName,
  type OddsFeedBody,
  type OddsFeedSource,
  type Place,
  type PollerHeader,
  type PollerParameter,
  type PollerSource,
  type PollMapping,
  type RecordingSource,
  SUSPENDED_DISPLAYS,
  type SimulatorSource,
  type SuspendedDisplay,
  type UofSource,
} from './odds-feed.js';
export { literalSecretInHeader, literalSecretInUrl } from './literal-secrets.js';
export {
  type BetStop,
  type Certainty,
  type FeedChange,
  type FeedDownReason,
  type MarketChange,
  type OddsChange,
  parseOddsChange,
  type Result,
  type RunnerChange,
  type RunnerResult,
  type SettlementChange,
  type SettlementState,
  type SourceClock,
} from './odds/change.js';
export {
  isPrice,
  type MarketDefinition,
  marketId,
  type MarketStatus,
  MAX_DECIMAL_ODDS,
  type Runner,
  type RunnerDefinition,
  type RunnerId,
  runnerKey,
  type RunnerStatus,
  type SourceStatus,
  type SuspensionReason,
  type Thousandths,
  toThousandths,
} from './odds/market.js';
export { applyMarketUpdate, type MarketBook } from './odds/market-book.js';
export {
  type BooksSnapshot,
  type FeedRequest,
  ODDS_CHANGES,
  ODDS_MARKETS,
  ODDS_QUARANTINE,
  ODDS_REQUESTS,
  oddsBooksKey,
  type QuarantinedMessage,
} from './odds/topics.js';
export {
  type FeedRecord,
  type Hold,
  type MarketUpdate,
  type OddsUpdate,
  type Outcome,
  parseOddsUpdate,
  parseShardBeat,
  type RunnerUpdate,
  type SettlementRecord,
  type ShardBeat,
} from './odds/update.js';
export {
  baseUrlProblem,
  CACHE_BUSTERS,
  isLoopbackHost,
  pathPatternProblem,
  PROXY_DEFAULTS,
  PROXY_SECRET_PREFIX,
  type ProxyUpstreamBody,
  type UpstreamCredential,
} from './proxy-upstream.js';
export {
  type Heartbeat,
  type HeldPosition,
  isReservedConsumer,
  type Receipt,
  RECEIPT_STATES,
  type ReceiptState,
  RESERVED_CONSUMERS,
} from './receipts.js';
export { analyticsLogPrefix, artefactPatterns, QUEUES, redisAreas, stagedKey } from './redis-areas.js';
export { artefactKeys, CHANGES_KEPT, environmentsKey, type Notice } from './redis-keys.js';
export { splitRef } from './ref-text.js';
export { counter, flag, list, nullable, number, oneOf, type Reader, sha256, Shape, ShapeError, text } from './shape.js';
export { advanceStateHash, EMPTY_STATE, type StateChange, type StateHash } from './state-hash.js';
