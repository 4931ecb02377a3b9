import type { Filter } from '../grammar/filter.js';
import type { SimpleMetric } from '../grammar/metric-body.js';
import type { PeriodComparison } from '../grammar/question-limits.js';
import type { Grain } from '../time/calendar.js';

/** How an exploration is best drawn; a hint for boards, which analytics only passes on. */
export const VISUALISATIONS = ['line', 'area', 'bar', 'table', 'number'] as const;
export type Visualisation = (typeof VISUALISATIONS)[number];

/** A measure over an event's fields where no metric was defined for it. */
export type ExplorationMeasure = Pick<SimpleMetric, 'event' | 'contract' | 'agg' | 'expr' | 'percentile' | 'accuracy'>;

/** Which time is asked about: `last`, or `from` and `to`. */
export interface ExplorationRange {
  /** `7d`: this long, up to the end of the current bucket. */
  last?: string;
  /** With `last`: up to the end of the last bucket that is over, so that no incomplete one is shown. */
  complete?: boolean;
  /** RFC 3339, inclusive. */
  from?: string;
  /** RFC 3339, exclusive. */
  to?: string;
}

/** The body of an exploration: a saved query over a metric or over a measure of an event. */
export interface ExplorationBody {
  title: string;
  description?: string;
  /** Key of a metric; not together with `measure`. */
  metric?: string;
  measure?: ExplorationMeasure;
  /** Names of the metric's dimensions, or paths of the event's fields. */
  dimensions?: string[];
  filter?: Filter;
  grain: Grain;
  range: ExplorationRange;
  /** The metric's own zone, or UTC, when left out. */
  timeZone?: string;
  compareTo?: PeriodComparison;
  limit?: number;
  visualisation?: Visualisation;
}
