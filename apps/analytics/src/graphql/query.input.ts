import { Field, Float, InputType, Int, registerEnumType } from '@nestjs/graphql';
import { PERIOD_COMPARISONS, type PeriodComparison } from '@paddock/metrics';
import { FilterInput } from './filter.input.js';

/** Enum types of lists of words; the values are the names. */
export function enumOf<const T extends string>(
  names: readonly T[],
  name: string,
  description: string,
): { [word in T]?: T } {
  const words: { [word in T]?: T } = {};
  for (const word of names) words[word] = word;
  registerEnumType(words, { name, description });
  return words;
}

export const GrainEnum = enumOf(
  ['SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'],
  'Grain',
  'The length of buckets; weeks start on Monday.',
);
export const ComparisonEnum = enumOf(
  PERIOD_COMPARISONS,
  'Comparison',
  'The bucket that each bucket is compared with: as many buckets before, or the same one of the previous day, week, month, quarter or year.',
);
export const AggregationEnum = enumOf(
  ['COUNT', 'SUM', 'COUNT_DISTINCT', 'MIN', 'MAX', 'AVERAGE', 'PERCENTILE'],
  'Aggregation',
  'How values are aggregated.',
);
export const AccuracyEnum = enumOf(['EXACT', 'APPROXIMATE'], 'Accuracy', 'The accuracy of distinct counts.');

@InputType({ isAbstract: true })
abstract class RangeInput {
  @Field({ description: 'RFC 3339, inclusive; taken down to the start of its bucket.' }) from: string;
  @Field({ description: 'RFC 3339, exclusive; the bucket that it lies in is whole.' }) to: string;
}

@InputType({ isAbstract: true })
abstract class SplitRangeInput extends RangeInput {
  @Field(() => GrainEnum, { description: 'The length of a bucket.' }) grain: string;
  @Field(() => String, {
    nullable: true,
    description: "IANA zone of the calendar; otherwise the metric's own, or UTC.",
  })
  timeZone?: string | null;
  @Field(() => FilterInput, { nullable: true, description: 'Which events count.' }) filter?: FilterInput | null;
  @Field(() => ComparisonEnum, { nullable: true, description: 'An earlier period to compare with.' })
  compareTo?: PeriodComparison | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'How many combinations of dimensions stay apart, 1 to 1,000, the largest first; all others are one row, "other". Default 10.',
  })
  limit?: number | null;
}

@InputType()
export class MetricSeriesInput extends SplitRangeInput {
  @Field({ description: 'Key of a metric.' }) metric: string;
  @Field(() => [String], { nullable: true, description: 'Names of dimensions that the metric declares, at most 4.' })
  dimensions?: string[] | null;
}

@InputType({ description: 'A computation, written as in a simple metric.' })
export class MeasureInput {
  @Field({ description: 'Name of an event that has a contract.' }) event: string;
  @Field(() => AggregationEnum, { description: 'How values become one number.' }) agg: string;
  @Field(() => String, {
    nullable: true,
    description: 'A field, or arithmetic over fields: `price * quantity`. Not for COUNT.',
  })
  expr?: string | null;
  @Field(() => Float, { nullable: true, description: '0 to 1, for PERCENTILE.' }) percentile?: number | null;
  @Field(() => AccuracyEnum, { nullable: true, description: 'Exact or approximate, where the aggregation has both.' })
  accuracy?: string | null;
  @Field(() => String, { nullable: true, description: 'Only events of contract versions in this range: `>=2.1 <3`.' })
  contract?: string | null;
}

@InputType()
export class ExploreInput extends SplitRangeInput {
  @Field(() => MeasureInput, { description: 'What to compute.' }) measure: MeasureInput;
  @Field(() => [String], { nullable: true, description: 'Paths of fields, at most 4.' }) dimensions?: string[] | null;
}

@InputType()
export class TopValuesInput extends RangeInput {
  @Field({ description: 'Name of an event that has a contract.' }) event: string;
  @Field({ description: 'Path of the field whose values are counted.' }) field: string;
  @Field(() => FilterInput, { nullable: true, description: 'Which events count.' }) filter?: FilterInput | null;
  @Field(() => Int, { nullable: true, description: '1 to 1,000; default 10.' }) limit?: number | null;
}

@InputType()
export class FunnelInput extends RangeInput {
  @Field({ description: 'Key of a funnel metric.' }) metric: string;
  @Field(() => String, {
    nullable: true,
    description: "IANA zone of the calendar on which windows are counted; otherwise the metric's own, or UTC.",
  })
  timeZone?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'A field. An entity belongs to the value of the field at its entry.',
  })
  breakdown?: string | null;
}

@InputType()
export class RetentionInput extends RangeInput {
  @Field({ description: 'Key of a retention metric.' }) metric: string;
  @Field(() => String, {
    nullable: true,
    description: 'The IANA time zone of the periods. If absent, that of the metric, or UTC.',
  })
  timeZone?: string | null;
}
