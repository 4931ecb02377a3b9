/*
 * The words of the metric grammar, declared a second time on purpose. The model shares no code with the product, so a
 * mistake there cannot hide behind the same mistake here.
 */

/** The type of an event field. */
export type FieldType = 'text' | 'number' | 'integer' | 'flag' | 'time';

/** The contract of an event: its versions, and which of its fields identify and place an event. */
export interface Contract {
  readonly event: string;
  /** Oldest first. */
  readonly versions: readonly { readonly version: string; readonly fields: Readonly<Record<string, FieldType>> }[];
  readonly idField: string;
  readonly timeField: string;
  readonly userField?: string;
  /** Holds the id of a visitor who is not signed in. */
  readonly anonymousField?: string;
  readonly sessionField?: string;
  /** A minute that ended this long before the watermark takes no more events. */
  readonly allowedLatenessMs: number;
  /** How far the watermark stays behind the newest event. */
  readonly outOfOrderMs: number;
  readonly maxFutureSkewMs: number;
}

export const GRAINS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

export type FilterValue = string | number | boolean;
export type ComparisonName = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte';
/** A field and the value that it is compared with. */
export interface Operand {
  readonly field: string;
  readonly value: FilterValue;
}

/** A condition on the fields of one event. */
export type Filter =
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter }
  | { [name in ComparisonName]: { readonly [one in name]: Operand } }[ComparisonName]
  | { readonly in: { readonly field: string; readonly values: readonly FilterValue[] } }
  | { readonly contains: { readonly field: string; readonly text: string } }
  | { readonly exists: { readonly field: string } };

/** The events of one contract that fit a filter. */
export interface Selection {
  readonly event: string;
  readonly filter?: Filter;
}

export interface Dimension {
  readonly name: string;
  /** The field whose values split the metric; the name where left out. */
  readonly field?: string;
}

export type Aggregation = 'count' | 'sum' | 'count_distinct' | 'min' | 'max' | 'average' | 'percentile';

export interface SimpleMetric extends Selection {
  readonly contract?: string;
  readonly agg: Aggregation;
  readonly expr?: string;
  readonly percentile?: number;
  readonly accuracy?: 'exact' | 'approximate';
  readonly dimensions?: readonly Dimension[];
}

export interface MetricInput {
  readonly metric: string;
  readonly alias?: string;
  readonly offsetWindow?: string;
  readonly offsetToGrain?: Grain;
}

export interface CumulativeMetric {
  readonly metric: string;
  readonly window?: string;
  readonly grainToDate?: Grain;
  readonly periodAgg?: 'first' | 'last' | 'average';
}

export interface ConversionMetric {
  readonly base: Selection;
  readonly conversion: Selection;
  readonly entity?: string;
  readonly window?: string;
  readonly calculation: 'conversions' | 'conversion_rate';
  readonly counting?: 'events' | 'converters';
  readonly dimensions?: readonly Dimension[];
}

export interface FunnelMetric {
  readonly entity?: string;
  readonly order: 'ordered' | 'strict' | 'unordered';
  readonly window: string;
  readonly steps: readonly (Selection & { readonly name: string; readonly within?: string })[];
  readonly exclude?: readonly (Selection & { readonly after?: number; readonly before?: number })[];
  readonly rangeAppliesTo?: 'entry' | 'every_step';
}

export interface RetentionMetric {
  readonly entity?: string;
  readonly start: Selection;
  readonly return: Selection;
  readonly mode: 'bounded' | 'rolling';
  readonly period: 'day' | 'week' | 'month';
  readonly periods: number;
  readonly cohort?: 'first' | 'every';
}

export interface SessionMetric {
  readonly events: readonly Selection[];
  readonly entity?: string;
  readonly gap: string;
  readonly measure: 'sessions' | 'average_duration' | 'events_per_session' | 'bounce_rate';
}

/** A metric: exactly one definition, and how it is served. */
export interface Metric {
  readonly simple?: SimpleMetric;
  readonly ratio?: { readonly numerator: MetricInput; readonly denominator: MetricInput };
  readonly derived?: { readonly expr: string; readonly inputs: readonly MetricInput[] };
  readonly cumulative?: CumulativeMetric;
  readonly conversion?: ConversionMetric;
  readonly funnel?: FunnelMetric;
  readonly retention?: RetentionMetric;
  readonly session?: SessionMetric;
  readonly serving?: {
    readonly joinToTimespine?: boolean;
    readonly fillNullsWith?: number;
    readonly timeZone?: string;
  };
}

/** The contracts by event, and the metrics by key. */
export interface Definitions {
  readonly contracts: Readonly<Record<string, Contract>>;
  readonly metrics: Readonly<Record<string, Metric>>;
}
