import type { Grain } from '../time/calendar.js';
import type { Filter } from './filter.js';

/** The types of metrics, MetricFlow's words where it has them. */
export const METRIC_TYPES = [
  'simple',
  'ratio',
  'derived',
  'cumulative',
  'conversion',
  'funnel',
  'retention',
  'session',
] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** The body of a metric: what it is called, and exactly one definition, named by its type. */
export interface MetricBody {
  title: string;
  description?: string;
  /** Shown beside numbers: `GBP`, `ms`, `%`. */
  unit?: string;
  simple?: SimpleMetric;
  ratio?: RatioMetric;
  derived?: DerivedMetric;
  cumulative?: CumulativeMetric;
  conversion?: ConversionMetric;
  funnel?: FunnelMetric;
  retention?: RetentionMetric;
  session?: SessionMetric;
  serving?: ServingPolicy;
}

/** Some events of one contract. */
export interface EventSelection {
  event: string;
  filter?: Filter;
}

export const AGGREGATIONS = ['count', 'sum', 'count_distinct', 'min', 'max', 'average', 'percentile'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** An aggregation over the events of one contract. */
export interface SimpleMetric extends EventSelection {
  /** Only events of contract versions in this range: `>=2.1 <3`. */
  contract?: string;
  agg: Aggregation;
  /** The aggregated value: a field, or arithmetic over fields without division: `price * quantity`. Not for count. */
  expr?: string;
  /** 0 to 1, for percentile. */
  percentile?: number;
  /** For count_distinct; percentiles are always approximate. Default exact. */
  accuracy?: 'exact' | 'approximate';
  dimensions?: MetricDimension[];
}

/** A way to split a metric. */
export interface MetricDimension {
  name: string;
  /** The field of the event; the name when left out. */
  field?: string;
  /** How many values are kept apart; all others count together as "other", with a state of their own. Default 300. */
  maxCardinality?: number;
}

/** Another metric as an input. */
export interface MetricInput {
  /** Key of the metric. */
  metric: string;
  /** Its name within the expression; the metric's key when left out. */
  alias?: string;
  /** Reads it this much earlier: `7d`, `1 month`. Each bucket is compared with one whole bucket. */
  offsetWindow?: string;
  /** Reads it at the start of the grain that contains the bucket. */
  offsetToGrain?: Grain;
}

/** Ratio of two numbers of the same bucket, never a mean of ratios; null where the denominator is 0. */
export interface RatioMetric {
  numerator: MetricInput;
  denominator: MetricInput;
}

/** Arithmetic over other metrics; null where an input is, or where a divisor is 0. */
export interface DerivedMetric {
  expr: string;
  inputs: MetricInput[];
}

/** A metric over a growing or moving window: `window`, or `grainToDate`, or everything so far. */
export interface CumulativeMetric {
  metric: string;
  window?: string;
  grainToDate?: Grain;
  /** The day whose figure is used for a longer bucket. Default last. */
  periodAgg?: 'first' | 'last' | 'average';
}

/** How many base events (or entities) are followed by a conversion event of the same entity within the window. */
export interface ConversionMetric {
  base: EventSelection;
  conversion: EventSelection;
  /** The field that names who converts; `$user` when left out. */
  entity?: string;
  window?: string;
  calculation: 'conversions' | 'conversion_rate';
  /** Conversion events, as MetricFlow counts (a rate can exceed 1), or base events that were converted. Default events. */
  counting?: 'events' | 'converters';
  dimensions?: MetricDimension[];
}

export interface FunnelStep extends EventSelection {
  name: string;
  /** At most this long after the step before. */
  within?: string;
}

/** An event that ends an attempt when it happens after one step and before another. */
export interface FunnelExclusion extends EventSelection {
  /** After this step, counted from 1; default 1. */
  after?: number;
  /** Before this step; default the last. */
  before?: number;
}

/** How far entities get along a path of events. */
export interface FunnelMetric {
  entity?: string;
  /** ordered: other events may come between; strict: no other event of the entity may, of whatever contract; unordered: in any order. */
  order: 'ordered' | 'strict' | 'unordered';
  /** From the first step to the last, inclusive. */
  window: string;
  steps: FunnelStep[];
  exclude?: FunnelExclusion[];
  /** Whether the asked range bounds when the path was entered, or every step. Default entry. */
  rangeAppliesTo?: 'entry' | 'every_step';
}

/** The share of entities that come back, by periods since their start. */
export interface RetentionMetric {
  entity?: string;
  start: EventSelection;
  return: EventSelection;
  /** bounded: came back in that very period; rolling: in that or any later one, up to the newest event. */
  mode: 'bounded' | 'rolling';
  period: 'day' | 'week' | 'month';
  periods: number;
  /** first: only the entity's first start ever counts; every: each period in which it started. Default first. */
  cohort?: 'first' | 'every';
}

/** Figures of sessions: runs of an entity's events without a pause longer than `gap`. */
export interface SessionMetric {
  events: EventSelection[];
  entity?: string;
  gap: string;
  measure: 'sessions' | 'average_duration' | 'events_per_session' | 'bounce_rate';
}

export interface ServingPolicy {
  /** Buckets without events are in the answer too. Default true; otherwise they are left out, also of counts. */
  joinToTimespine?: boolean;
  /** The value of empty buckets; null when left out. */
  fillNullsWith?: number;
  /** The zone of days and longer buckets where a question names none. Default UTC. */
  timeZone?: string;
}
