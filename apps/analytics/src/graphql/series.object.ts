import { createUnionType, Field, Float, Int, ObjectType } from '@nestjs/graphql';
import { FINALITIES, type Finality } from '../processor/watermark.js';
import {
  AUTHORITIES,
  type Authority,
  RECONCILIATION_STATES,
  type ReconciliationState,
} from '../reconciliation/reconciliation-state.js';
import { ValidationProblem } from './problems.js';
import { enumOf, GrainEnum } from './query.input.js';

export const FinalityEnum = enumOf(
  FINALITIES,
  'Finality',
  'OPEN: more events are expected. CLOSED: complete as far as known. REVISED: late events changed it, perhaps even after it was final. FINAL: nothing changes it any more by itself.',
);
const SourceEnum = enumOf(
  ['ROLLUP', 'RAW', 'MIXED'],
  'Source',
  'ROLLUP: from windows computed before. RAW: from events. MIXED: open or just changed windows from events, all others from windows.',
);
const DimensionKindEnum = enumOf(
  ['VALUE', 'MISSING', 'OTHER'],
  'DimensionKind',
  'OTHER: all values that are not kept apart, together. MISSING: events without the field.',
);
export const ReconciliationStateEnum = enumOf(
  RECONCILIATION_STATES,
  'ReconciliationState',
  'UNCHECKED: no closed window was recomputed yet. EQUAL: all checked windows were. DIFFERENT: some differ. DIRECT: computed from events at every question, so there is nothing to compare.',
);
export const AuthorityEnum = enumOf(
  AUTHORITIES,
  'Authority',
  'SHADOW: shown beside the old batch. AUTHORITATIVE: these numbers count. BATCH_RETIRED: the batch is gone.',
);

@ObjectType({ description: 'A bucket of time.' })
export class TimeBucket {
  @Field({ description: 'RFC 3339, UTC, inclusive.' }) start: string;
  @Field({ description: 'RFC 3339, UTC, exclusive.' }) end: string;
  @Field(() => FinalityEnum, { description: 'Whether its values can still change.' }) finality: Finality;
}

@ObjectType()
export class DimensionCell {
  @Field({ description: 'The name of the dimension.' }) name: string;
  @Field(() => DimensionKindEnum, {
    description: 'Whether it is a value, a missing one, or the rest beyond the limit.',
  })
  kind: 'VALUE' | 'MISSING' | 'OTHER';
  @Field(() => String, { nullable: true, description: 'Only of VALUE.' }) value: string | null;
}

@ObjectType()
export class SeriesPoint {
  @Field({ description: 'Start of the bucket, RFC 3339, UTC.' }) start: string;
  @Field(() => Float, {
    nullable: true,
    description: 'Null where there is nothing to say: no event, or a division by 0.',
  })
  value: number | null;
  @Field(() => String, { nullable: true, description: 'The same with every digit.' }) exact: string | null;
  @Field(() => FinalityEnum, { description: 'Whether the value can still change.' }) finality: Finality;
  @Field(() => Float, { nullable: true, description: 'Of the bucket that `compareTo` names.' }) previous: number | null;
}

@ObjectType({ description: 'The points of one combination of dimension values.' })
export class Series {
  @Field(() => [DimensionCell], { description: 'The values of the dimensions that this series is about.' })
  dimensions: DimensionCell[];
  @Field(() => [SeriesPoint], { description: 'One point per bucket, in their order.' }) points: SeriesPoint[];
}

@ObjectType({ description: 'From what an answer was read.' })
export class Route {
  @Field(() => SourceEnum, { description: 'Whether raw events, stored aggregates or both were read.' }) source: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Rows that were expected to be read, where both ways were possible.',
  })
  estimatedRows: number | null;
}

@ObjectType({ description: 'How new an answer can be.' })
export class FreshnessState {
  @Field(() => String, { nullable: true, description: 'RFC 3339: all events before it are taken to have arrived.' })
  watermark: string | null;
  @Field(() => Float, { nullable: true, description: 'How far the watermark is behind the clock, in milliseconds.' })
  lagMs: number | null;
}

@ObjectType({ description: 'Whether an independent recomputation gave the same numbers.' })
export class ReconciliationSummary {
  @Field(() => ReconciliationStateEnum, { description: 'Whether all compared windows are equal.' })
  state: ReconciliationState;
  @Field(() => Int, { description: 'Windows that were compared, of this version of the metric.' }) windows: number;
  @Field(() => Int, { description: 'Those among them that differ.' }) different: number;
  @Field(() => String, { nullable: true, description: 'RFC 3339: when the last one was compared.' }) checkedAt:
    string | null;
  @Field(() => AuthorityEnum, { description: 'Which of the two numbers counts.' }) authority: Authority;
}

@ObjectType({ description: 'Which definition of a metric gave the numbers.' })
export class MetricVersion {
  @Field({ description: 'Key of the metric.' }) metric: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'The number of the revision of the document. Null for a definition that comes from a file, and where the release that brought it is not kept any more.',
  })
  revision: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'The number of the release that made the revision live. Null where `revision` is.',
  })
  seq: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Names what is computed: equal names, equal numbers, whatever the title or the revision. Null for metrics that are computed from others.',
  })
  computation: string | null;
}

@ObjectType({ description: 'The numbers of a metric over time.' })
export class MetricSeries {
  @Field({ description: 'Key of the metric; empty for an exploration.' }) metric: string;
  @Field(() => String, { nullable: true, description: 'The title of the metric.' }) title: string | null;
  @Field(() => String, { nullable: true, description: '`GBP`, `ms`, `%`.' }) unit: string | null;
  @Field(() => GrainEnum, { description: 'The length of a bucket.' }) grain: string;
  @Field({ description: 'The zone whose days and hours the buckets are; an IANA name.' }) timeZone: string;
  @Field(() => [TimeBucket], { description: 'The buckets of the range, which all series share.' })
  buckets: TimeBucket[];
  @Field(() => [Series], { description: 'The largest first; what was not kept apart last.' }) series: Series[];
  @Field({ description: 'There were more combinations than `limit`.' }) limited: boolean;
  @Field(() => [MetricVersion], {
    description:
      'The definitions that gave the numbers: of the metric first, then of those that it is made of. While `catchingUp` they are those of before. Empty for explorations.',
  })
  versions: MetricVersion[];
  @Field({ description: 'A changed definition is being computed; these are the numbers of the one before.' })
  catchingUp: boolean;
  @Field(() => Route, { description: 'From what the answer was computed.' }) route: Route;
  @Field(() => FreshnessState, { description: 'How far the data behind the answer reaches.' })
  freshness: FreshnessState;
  @Field(() => ReconciliationSummary, { nullable: true, description: 'Null for explorations.' })
  reconciliation: ReconciliationSummary | null;
}

export const MetricSeriesResult = createUnionType({
  name: 'MetricSeriesResult',
  types: () => [MetricSeries, ValidationProblem] as const,
});
export const ExploreResult = createUnionType({
  name: 'ExploreResult',
  types: () => [MetricSeries, ValidationProblem] as const,
});
