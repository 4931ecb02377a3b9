import { Field, Float, InputType, Int } from '@nestjs/graphql';
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
} from '#metrics';
import { EventFilterInput } from './event-filter.input.js';
import { EventSelectionInput, FunnelExclusionInput, FunnelStepInput, InputMetricInput, MetricDimensionInput } from './metric-parts.input.js';
import { AggregationEnum, ConversionCalculationEnum, ConversionCountingEnum, DistinctAccuracyEnum, FunnelOrderEnum, FunnelRangeEnum, GrainEnum, PeriodAggregationEnum, RetentionCohortEnum, RetentionModeEnum, RetentionPeriodEnum, SessionMeasureEnum } from './metric.enums.js';

@InputType({ description: 'An aggregation over the events of one contract.' })
export class SimpleMetricInput implements SimpleShape {
  @Field({ description: 'Name of the event; its event schema must be live.' })
  event: string;

  @Field(() => EventFilterInput, { nullable: true, description: 'Which of them count.' })
  filter?: Filter;

  @Field(() => String, { nullable: true, description: 'Only events of contract versions in this range: `>=2.1 <3`.' })
  contract?: string;

  @Field(() => AggregationEnum, { description: 'What is done with them.' })
  agg: Aggregation;

  @Field(() => String, { nullable: true, description: 'What is aggregated: a field, or arithmetic over fields without division: `price * quantity`. Not for COUNT.' })
  expr?: string;

  @Field(() => Float, { nullable: true, description: '0 to 1, for PERCENTILE.' })
  percentile?: number;

  @Field(() => DistinctAccuracyEnum, { nullable: true, description: 'For COUNT_DISTINCT; EXACT where left out. Percentiles are always approximate.' })
  accuracy?: 'exact' | 'approximate';

  @Field(() => [MetricDimensionInput], { nullable: true, description: 'At most 5.' })
  dimensions?: MetricDimensionInput[];
}

@InputType({ description: 'A ratio of two numbers of the same bucket, never a mean of ratios; null where the denominator is 0.' })
export class RatioMetricInput implements RatioShape {
  @Field(() => InputMetricInput, { description: 'What is divided.' })
  numerator: InputMetricInput;

  @Field(() => InputMetricInput, { description: 'What it is divided by.' })
  denominator: InputMetricInput;
}

@InputType({ description: 'Arithmetic over other metrics; null where an input is, or where a divisor is 0.' })
export class DerivedMetricInput implements DerivedShape {
  @Field({ description: '`(a - b) / b`' })
  expr: string;

  @Field(() => [InputMetricInput], { description: '1 to 20, whose names stand in the expression.' })
  inputs: InputMetricInput[];
}

@InputType({ description: 'A metric over a moving or growing window; over everything so far where neither is given.' })
export class CumulativeMetricInput implements CumulativeShape {
  @Field({ description: 'Key of a simple metric.' })
  metric: string;

  @Field(() => String, { nullable: true, description: '`7d`; not together with `grainToDate`.' })
  window?: string;

  @Field(() => GrainEnum, { nullable: true, description: 'Since the start of the day, week, month …' })
  grainToDate?: Grain;

  @Field(() => PeriodAggregationEnum, { nullable: true, description: "Which day's figure stands for a longer bucket; LAST where left out." })
  periodAgg?: 'first' | 'last' | 'average';
}

@InputType({ description: 'How many of some events are followed by another one of the same entity.' })
export class ConversionMetricInput implements ConversionShape {
  @Field(() => EventSelectionInput, { description: 'What may be followed.' })
  base: EventSelectionInput;

  @Field(() => EventSelectionInput, { description: 'What follows it.' })
  conversion: EventSelectionInput;

  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field(() => String, { nullable: true, description: 'At most this long after: `7d`; any time where left out.' })
  window?: string;

  @Field(() => ConversionCalculationEnum, { description: 'A number or a share.' })
  calculation: 'conversions' | 'conversion_rate';

  @Field(() => ConversionCountingEnum, { nullable: true, description: 'EVENTS, as MetricFlow counts (a rate can exceed 1), where left out.' })
  counting?: 'events' | 'converters';

  @Field(() => [MetricDimensionInput], { nullable: true, description: 'Of the base event; at most 5.' })
  dimensions?: MetricDimensionInput[];
}

@InputType({ description: 'How far entities get along a path of events.' })
export class FunnelMetricInput implements FunnelShape {
  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field(() => FunnelOrderEnum, { description: 'What may come between the steps.' })
  order: 'ordered' | 'strict' | 'unordered';

  @Field({ description: 'From the first step to the last, inclusive: `7d`.' })
  window: string;

  @Field(() => [FunnelStepInput], { description: '2 to 20.' })
  steps: FunnelStepInput[];

  @Field(() => [FunnelExclusionInput], { nullable: true, description: 'What ends an attempt; at most 20.' })
  exclude?: FunnelExclusionInput[];

  @Field(() => FunnelRangeEnum, { nullable: true, description: 'Whether the asked range bounds when the path was entered, or every step; ENTRY where left out.' })
  rangeAppliesTo?: 'entry' | 'every_step';
}

@InputType({ description: 'How many of those who started come back, by periods since.' })
export class RetentionMetricInput implements RetentionShape {
  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field(() => EventSelectionInput, { description: 'What makes somebody one who started.' })
  start: EventSelectionInput;

  @Field(() => EventSelectionInput, { description: 'What counts as coming back.' })
  return: EventSelectionInput;

  @Field(() => RetentionModeEnum, { description: 'In that very period, or in that or a later one.' })
  mode: 'bounded' | 'rolling';

  @Field(() => RetentionPeriodEnum, { description: 'The length of a period.' })
  period: 'day' | 'week' | 'month';

  @Field(() => Int, { description: 'How many; 1 to 400.' })
  periods: number;

  @Field(() => RetentionCohortEnum, { nullable: true, description: 'Which starts count; FIRST where left out.' })
  cohort?: 'first' | 'every';
}

@InputType({ description: 'A figure of sessions: runs of events of an entity without a long pause.' })
export class SessionMetricInput implements SessionShape {
  @Field(() => [EventSelectionInput], { description: 'What belongs to sessions; 1 to 20.' })
  events: EventSelectionInput[];

  @Field(() => String, { nullable: true, description: 'The field that names who does it; `$user` where left out.' })
  entity?: string;

  @Field({ description: 'The pause that ends a session: `30m`.' })
  gap: string;

  @Field(() => SessionMeasureEnum, { description: 'Which figure.' })
  measure: 'sessions' | 'average_duration' | 'events_per_session' | 'bounce_rate';
}

@InputType({ description: 'How a metric is answered.' })
export class ServingPolicyInput implements ServingShape {
  @Field(() => Boolean, { nullable: true, description: 'Whether buckets without events are in the answer too; true where left out.' })
  joinToTimespine?: boolean;

  @Field(() => Float, { nullable: true, description: 'What stands in buckets without a value; null where left out.' })
  fillNullsWith?: number;

  @Field(() => String, { nullable: true, description: 'IANA zone of days and longer buckets where a question names none; UTC where left out.' })
  timeZone?: string;
}

@InputType({ description: 'A metric as config: what it is called, and exactly one definition, named by its type.' })
export class MetricInput implements MetricBody {
  @Field({ description: 'What people call it. At most 200 characters.' })
  title: string;

  @Field(() => String, { nullable: true, description: 'What it says and what it does not. At most 10,000 characters.' })
  description?: string;

  @Field(() => String, { nullable: true, description: 'Shown beside numbers: `GBP`, `ms`, `%`.' })
  unit?: string;

  @Field(() => SimpleMetricInput, { nullable: true, description: 'An aggregation over events.' })
  simple?: SimpleMetricInput;

  @Field(() => RatioMetricInput, { nullable: true, description: 'One metric by another.' })
  ratio?: RatioMetricInput;

  @Field(() => DerivedMetricInput, { nullable: true, description: 'Arithmetic over metrics.' })
  derived?: DerivedMetricInput;

  @Field(() => CumulativeMetricInput, { nullable: true, description: 'A metric over a longer window.' })
  cumulative?: CumulativeMetricInput;

  @Field(() => ConversionMetricInput, { nullable: true, description: 'Events that are followed by others.' })
  conversion?: ConversionMetricInput;

  @Field(() => FunnelMetricInput, { nullable: true, description: 'A path of events.' })
  funnel?: FunnelMetricInput;

  @Field(() => RetentionMetricInput, { nullable: true, description: 'Who comes back.' })
  retention?: RetentionMetricInput;

  @Field(() => SessionMetricInput, { nullable: true, description: 'Runs of events.' })
  session?: SessionMetricInput;

  @Field(() => ServingPolicyInput, { nullable: true, description: 'How it is answered.' })
  serving?: ServingPolicyInput;
}
