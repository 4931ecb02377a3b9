export {
  checkCompatibility,
  type CompatibilityViolation,
  isTransitive,
  type VersionedSchema,
} from './contracts/check-compatibility.js';
export {
  contractFields,
  type EventField,
  FIELD_TYPES,
  type FieldType,
  versionFields,
} from './contracts/event-fields.js';
export { comparedName, MAX_SENT_NAME_LENGTH, sentNames } from './contracts/event-names.js';
export {
  COMPATIBILITY_MODES,
  type CompatibilityMode,
  DEFAULT_COMPATIBILITY,
  type Deprecation,
  type EventSchemaBody,
  type EventTimePolicy,
  type EventVersion,
  type IdentifyingFields,
} from './contracts/event-schema-body.js';
export { EVENT_NAME, incompatibility, parseEventSchema, requiresField } from './contracts/parse-event-schema.js';
export { compareSemVer, parseSemVer, parseSemVerRange, type SemVer } from './contracts/semver.js';
export { checkExploration } from './exploration/check-exploration.js';
export {
  type ExplorationBody,
  type ExplorationMeasure,
  type ExplorationRange,
  type Visualisation,
  VISUALISATIONS,
} from './exploration/exploration-body.js';
export { parseExploration } from './exploration/parse-exploration.js';
export { evaluate, finish, ratio, type ReadParts } from './finish.js';
export { reduceFunnel, type FunnelPlan, type FunnelRun, type FunnelEvent } from './funnel/reduce-funnel.js';
export { type Catalogue, ENVELOPE_FIELDS, fieldTypes, namesPerson } from './grammar/catalogue.js';
export { checkMetric, checkSelection } from './grammar/check-metric.js';
export { divides, type Expression, ExpressionError, namesIn, parseExpression } from './grammar/expression.js';
export { filterInstant } from './grammar/filter-instant.js';
export { parseFilter } from './grammar/parse-filter.js';
export { type Filter, type FilterValue, readFilter } from './grammar/filter.js';
export type {
  Aggregation,
  ConversionMetric,
  CumulativeMetric,
  DerivedMetric,
  EventSelection,
  FunnelExclusion,
  FunnelMetric,
  FunnelStep,
  MetricBody,
  MetricDimension,
  MetricInput,
  MetricType,
  RatioMetric,
  RetentionMetric,
  ServingPolicy,
  SessionMetric,
  SimpleMetric,
} from './grammar/metric-body.js';
export { AGGREGATIONS, METRIC_TYPES } from './grammar/metric-body.js';
export { inputsOf, selectionsOf } from './grammar/metric-parts.js';
export { dimensionsOf, eventsOf, filteredEvents, metricsWithin, simpleMetrics } from './grammar/metric-reach.js';
export { inputName, parseMetric } from './grammar/parse-metric.js';
export {
  DEFAULT_LIMIT,
  MAX_BUCKETS,
  MAX_LIMIT,
  MAX_QUESTION_DIMENSIONS,
  PERIOD_COMPARISONS,
  type PeriodComparison,
  SHORTEST_MS,
} from './grammar/question-limits.js';
export { type MetricPreview, parsePreview, PREVIEW_GRAINS, type PreviewGrain, type PreviewRow } from './preview.js';
export { type DefinitionProblem, type Parsed, type ProblemCode, PROBLEM_CODES } from './problem.js';
export { type Columns, compileFilter, rawColumns, UnknownColumn } from './sql/compile-filter.js';
export { hourColumns, insertIntoHours, needsHours, selectHourValues } from './sql/compile-hours.js';
export type { Finish, Measure, StatePart } from './sql/compile-measure.js';
export {
  compileDimension,
  type CompiledDimension,
  type CompiledSimple,
  compileSimple,
  DEFAULT_CARDINALITY,
  type DimensionCell,
  type Form,
  insertIntoRollup,
  keptColumns,
  type MergeOptions,
  MISSING_CELL,
  narrowed,
  OTHER_CELL,
  rollupColumns,
  selectAlone,
  selectFromRaw,
  selectFromRollup,
  selectMerged,
  type StatesQuestion,
} from './sql/compile-simple.js';
export {
  canWiden,
  columnName,
  columnOf,
  columnType,
  identifier,
  instantLiteral,
  NUMBER_LIMIT,
  NUMBER_SCALE,
  PERSON_COLUMN,
  textLiteral,
  valueOf,
} from './sql/literals.js';
export { COMPUTED_TABLE } from './sql/newest-rows.js';
export { personSql, PERSONS_COLUMNS, PERSONS_DDL, PERSONS_TABLE } from './sql/person.js';
export { hidden, selectAs } from './sql/select-as.js';
export { type Bucket, bucketAt, bucketStart, buckets, type Grain, GRAINS, shift } from './time/calendar.js';
export { comparedInterval, type Offset } from './time/compared-bucket.js';
export { type Duration, durationMs, parseDuration } from './time/duration.js';
export { endInOrder, latestEnd, type WindowEnds, windowEnds } from './time/window-ends.js';
