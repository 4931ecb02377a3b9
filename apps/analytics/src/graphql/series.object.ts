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
  'OPEN: more events are expected. CLOSED: complete as far as known. REVISED: late events changed it, perhaps even after it was final. FINAL: only a repair or a new identity link changes it.',
);
const SourceEnum = enumOf(
  ['ROLLUP', 'RAW', 'MIXED'],
  'Source',
  'ROLLUP: from windows computed before. RAW: from events. MIXED: open or just changed windows from events, all others from windows.',
);
const DimensionKindEnum = enumOf(
  ['VALUE', 'MISSING', 'OTHER'],
  'DimensionKind',
  'OTHER: all values beyond the limit together. MISSING: events without the field.',
);
export const ReconciliationStateEnum = enumOf(
  RECONCILIATION_STATES,
  'ReconciliationState',
  'UNCHECKED: no closed window was recomputed yet. EQUAL: all checked windows are equal. DIFFERENT: some differ. DIRECT: computed from events in every query, so there is nothing to compare.',
);
export const AuthorityEnum = enumOf(
  AUTHORITIES,
  'Authority',
  'SHADOW: shown beside the old batch. AUTHORITATIVE: these numbers are used. BATCH_RETIRED: the batch no longer runs.',
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
  @Field(() => String, { nullable: true, description: 'The value; only if the kind is VALUE.' }) value: string | null;
}

@ObjectType()
export class SeriesPoint {
  @Field({ description: 'Start of the bucket, RFC 3339, UTC.' }) start: string;
  @Field(() => Float, {
    nullable: true,
    description: 'The value; null where there is none: no event, or a division by 0.',
  })
  value: number | null;
  @Field(() => String, { nullable: true, description: 'The value with every digit.' }) exact: string | null;
  @Field(() => FinalityEnum, { description: 'Whether the value can still change.' }) finality: Finality;
  @Field(() => Float, { nullable: true, description: 'The value of the bucket that `compareTo` names.' }) previous:
    number | null;
}

@ObjectType({ description: 'The points of one combination of dimension values.' })
export class Series {
  @Field(() => [DimensionCell], { description: 'The values of the dimensions that this series is about.' })
  dimensions: DimensionCell[];
  @Field(() => [SeriesPoint], { description: 'One point per bucket, in their order.' }) points: SeriesPoint[];
}

@ObjectType({ description: 'The source of an answer.' })
export class Route {
  @Field(() => SourceEnum, { description: 'Whether raw events, stored aggregates or both were read.' }) source: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Rows that were expected to be read, where both ways were possible.',
  })
  estimatedRows: number | null;
}

@ObjectType({ description: 'The freshness of an answer.' })
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
  @Field(() => AuthorityEnum, { description: 'Which of the two numbers is used.' }) authority: Authority;
}

@ObjectType({ description: 'The definition of a metric that gave the numbers.' })
export class MetricVersion {
  @Field({ description: 'Key of the metric.' }) metric: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'The number of the revision of the document. Null for a definition that comes from a file, and where its release is no longer kept.',
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
      'Names the computation: equal names mean equal numbers, whatever the title or the revision is. Null for metrics that are computed from others.',
  })
  computation: string | null;
}

@ObjectType({ description: 'The numbers of a metric over time.' })
export class MetricSeries {
  @Field({ description: 'Key of the metric; empty for an exploration.' }) metric: string;
  @Field(() => String, { nullable: true, description: 'The title of the metric.' }) title: string | null;
  @Field(() => String, { nullable: true, description: '`GBP`, `ms`, `%`.' }) unit: string | null;
  @Field(() => GrainEnum, { description: 'The length of a bucket.' }) grain: string;
  @Field({ description: 'The IANA time zone of the buckets.' }) timeZone: string;
  @Field(() => [TimeBucket], { description: 'The buckets of the range, which all series share.' })
  buckets: TimeBucket[];
  @Field(() => [Series], { description: 'The largest first; the combined rest last.' }) series: Series[];
  @Field({ description: 'There were more combinations than `limit`.' }) limited: boolean;
  @Field(() => [MetricVersion], {
    description:
      'The definitions behind the numbers: of the metric first, then of the metrics that it is computed from. While `catchingUp` they are the previous ones. Empty for explorations.',
  })
  versions: MetricVersion[];
  @Field({ description: 'A changed definition is being computed; these numbers come from the previous one.' })
  catchingUp: boolean;
  @Field(() => Route, { description: 'The source that the answer was computed from.' }) route: Route;
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
