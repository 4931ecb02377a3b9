import { Field, Float, Int } from '@nestjs/graphql';
import type {
  Aggregation,
  ConversionMetric as ConversionShape,
  CumulativeMetric as CumulativeShape,
  DerivedMetric as DerivedShape,
  Filter,
  FunnelMetric as FunnelShape,
  Grain,
  MetricBody,
  RatioMetric as RatioShape,
  RetentionMetric as RetentionShape,
  ServingPolicy as ServingShape,
  SessionMetric as SessionShape,
  SimpleMetric as SimpleShape,
} from '@paddock/metrics';
import { BodyType } from '../body-type.js';
import { EventFilter } from './event-filter.js';
import { EventSelection, FunnelExclusion, FunnelStep, InputMetric, MetricDimension } from './metric-parts.js';
import {
  AggregationEnum,
  ConversionCalculationEnum,
  ConversionCountingEnum,
  DistinctAccuracyEnum,
  FunnelOrderEnum,
  FunnelRangeEnum,
  GrainEnum,
  PeriodAggregationEnum,
  RetentionCohortEnum,
  RetentionModeEnum,
  RetentionPeriodEnum,
  SessionMeasureEnum,
} from './metric.enums.js';

@BodyType('An aggregation over the events of one contract.')
export class SimpleMetric implements SimpleShape {
  @Field({ description: 'Name of the event; its event schema must be live.' })
  event: string;

  @Field(() => EventFilter, { nullable: true, description: 'Which of them count.' })
  filter?: Filter;

  @Field(() => String, { nullable: true, description: 'Only events of contract versions in this range: `>=2.1 <3`.' })
  contract?: string;

  @Field(() => AggregationEnum, { description: 'The aggregation of the events.' })
  agg: Aggregation;

  @Field(() => String, {
    nullable: true,
    description:
      'What is aggregated: a field, or arithmetic over fields without division: `price * quantity`. Not for COUNT.',
  })
  expr?: string;

  @Field(() => Float, { nullable: true, description: '0 to 1, for PERCENTILE.' })
  percentile?: number;

  @Field(() => DistinctAccuracyEnum, {
    nullable: true,
    description: 'For COUNT_DISTINCT; EXACT where left out. Percentiles are always approximate.',
  })
  accuracy?: 'exact' | 'approximate';

  @Field(() => [MetricDimension], { nullable: true, description: 'At most 5.' })
  dimensions?: MetricDimension[];
}

@BodyType('A ratio of two numbers of the same bucket, never a mean of ratios; null where the denominator is 0.')
export class RatioMetric implements RatioShape {
  @Field(() => InputMetric, { description: 'The numerator.' })
  numerator: InputMetric;

  @Field(() => InputMetric, { description: 'The denominator.' })
  denominator: InputMetric;
}

@BodyType('Arithmetic over other metrics; null where an input is, or where a divisor is 0.')
export class DerivedMetric implements DerivedShape {
  @Field({ description: '`(a - b) / b`' })
  expr: string;

  @Field(() => [InputMetric], { description: '1 to 20, whose names stand in the expression.' })
  inputs: InputMetric[];
}

@BodyType('A metric over a moving or growing window; over everything so far where neither is given.')
export class CumulativeMetric implements CumulativeShape {
  @Field({ description: 'Key of a simple metric.' })
  metric: string;

  @Field(() => String, { nullable: true, description: '`7d`; not together with `grainToDate`.' })
  window?: string;

  @Field(() => GrainEnum, { nullable: true, description: 'Since the start of the day, week, month …' })
  grainToDate?: Grain;

  @Field(() => PeriodAggregationEnum, {
    nullable: true,
    description: "Which day's figure stands for a longer bucket; LAST where left out.",
  })
  periodAgg?: 'first' | 'last' | 'average';
}

@BodyType('How many of some events are followed by another one of the same entity.')
export class ConversionMetric implements ConversionShape {
  @Field(() => EventSelection, { description: 'The base events.' })
  base: EventSelection;

  @Field(() => EventSelection, { description: 'The converting events.' })
  conversion: EventSelection;

  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field(() => String, { nullable: true, description: 'At most this long after: `7d`; any time where left out.' })
  window?: string;

  @Field(() => ConversionCalculationEnum, { description: 'A number or a share.' })
  calculation: 'conversions' | 'conversion_rate';

  @Field(() => ConversionCountingEnum, {
    nullable: true,
    description: 'EVENTS, as MetricFlow counts (a rate can exceed 1), where left out.',
  })
  counting?: 'events' | 'converters';

  @Field(() => [MetricDimension], { nullable: true, description: 'Of the base event; at most 5.' })
  dimensions?: MetricDimension[];
}

@BodyType('How far entities get along a path of events.')
export class FunnelMetric implements FunnelShape {
  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field(() => FunnelOrderEnum, { description: 'What may come between the steps.' })
  order: 'ordered' | 'strict' | 'unordered';

  @Field({ description: 'From the first step to the last, inclusive: `7d`.' })
  window: string;

  @Field(() => [FunnelStep], { description: '2 to 20.' })
  steps: FunnelStep[];

  @Field(() => [FunnelExclusion], { nullable: true, description: 'What ends an attempt; at most 20.' })
  exclude?: FunnelExclusion[];

  @Field(() => FunnelRangeEnum, {
    nullable: true,
    description: 'Whether the asked range bounds when the path was entered, or every step; ENTRY where left out.',
  })
  rangeAppliesTo?: 'entry' | 'every_step';
}

@BodyType('The number of entities that return, by period after their start.')
export class RetentionMetric implements RetentionShape {
  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field(() => EventSelection, { description: 'Events that count as a start.' })
  start: EventSelection;

  @Field(() => EventSelection, { description: 'Events that count as a return.' })
  return: EventSelection;

  @Field(() => RetentionModeEnum, { description: 'In that very period, or in that or a later one.' })
  mode: 'bounded' | 'rolling';

  @Field(() => RetentionPeriodEnum, { description: 'The length of a period.' })
  period: 'day' | 'week' | 'month';

  @Field(() => Int, { description: 'How many; 1 to 400.' })
  periods: number;

  @Field(() => RetentionCohortEnum, { nullable: true, description: 'Which starts count; FIRST where left out.' })
  cohort?: 'first' | 'every';
}

@BodyType('A figure of sessions: runs of events of an entity without a long pause.')
export class SessionMetric implements SessionShape {
  @Field(() => [EventSelection], { description: 'What belongs to sessions; 1 to 20.' })
  events: EventSelection[];

  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field({ description: 'The pause that ends a session: `30m`.' })
  gap: string;

  @Field(() => SessionMeasureEnum, { description: 'Which figure.' })
  measure: 'sessions' | 'average_duration' | 'events_per_session' | 'bounce_rate';
}

@BodyType('How a metric is answered.')
export class ServingPolicy implements ServingShape {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether buckets without events are in the answer too; true where left out.',
  })
  joinToTimespine?: boolean;

  @Field(() => Float, { nullable: true, description: 'The value of empty buckets; null by default.' })
  fillNullsWith?: number;

  @Field(() => String, {
    nullable: true,
    description: 'IANA zone of days and longer buckets for queries without one; UTC by default.',
  })
  timeZone?: string;
}

@BodyType('A metric as config: its names, and exactly one definition, named by its type.')
export class Metric implements MetricBody {
  @Field({ description: 'What people call it. At most 200 characters.' })
  title: string;

  @Field(() => String, { nullable: true, description: 'Its meaning and its limits. At most 10,000 characters.' })
  description?: string;

  @Field(() => String, { nullable: true, description: 'Shown beside numbers: `GBP`, `ms`, `%`.' })
  unit?: string;

  @Field(() => SimpleMetric, { nullable: true, description: 'An aggregation over events.' })
  simple?: SimpleMetric;

  @Field(() => RatioMetric, { nullable: true, description: 'One metric by another.' })
  ratio?: RatioMetric;

  @Field(() => DerivedMetric, { nullable: true, description: 'Arithmetic over metrics.' })
  derived?: DerivedMetric;

  @Field(() => CumulativeMetric, { nullable: true, description: 'A metric over a longer window.' })
  cumulative?: CumulativeMetric;

  @Field(() => ConversionMetric, { nullable: true, description: 'Events that are followed by others.' })
  conversion?: ConversionMetric;

  @Field(() => FunnelMetric, { nullable: true, description: 'A path of events.' })
  funnel?: FunnelMetric;

  @Field(() => RetentionMetric, { nullable: true, description: 'A count of returning entities.' })
  retention?: RetentionMetric;

  @Field(() => SessionMetric, { nullable: true, description: 'Runs of events.' })
  session?: SessionMetric;

  @Field(() => ServingPolicy, { nullable: true, description: 'How it is answered.' })
  serving?: ServingPolicy;
}

export function toMetric(body: MetricBody): Metric {
  return Object.assign(new Metric(), body);
}
