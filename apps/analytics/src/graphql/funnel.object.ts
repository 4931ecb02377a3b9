import { createUnionType, Field, Float, Int, ObjectType } from '@nestjs/graphql';
import type { Finality } from '../processor/watermark.js';
import type { FunnelAnswer } from '../queries/funnel.js';
import type { Cohort } from '../queries/retention.js';
import { ValidationProblem } from './problems.js';
import { isoTime } from './to-series.js';
import { FinalityEnum } from './series.object.js';

@ObjectType()
export class FunnelStep {
  @Field({ description: 'The name of the step.' }) name: string;
  @Field(() => Int, { description: 'How many reached it.' }) count: number;
  @Field(() => Float, { nullable: true, description: 'Of those, the share of the step before.' }) fromPrevious:
    number | null;
  @Field(() => Float, { nullable: true, description: 'Of those, the share of all who entered.' }) fromFirst:
    number | null;
  @Field(() => Float, { nullable: true, description: 'Seconds since the step before.' }) averageSeconds: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The median time from the step before, in seconds; null where no one reached this step.',
  })
  medianSeconds: number | null;
}

@ObjectType()
export class FunnelGroup {
  @Field(() => String, {
    nullable: true,
    description: 'The value of the breakdown; null for entries without one, and without a breakdown.',
  })
  value: string | null;
  @Field(() => [FunnelStep], { description: 'The steps in their order.' }) steps: FunnelStep[];
}

@ObjectType({ description: 'How far the entities came that entered within the range.' })
export class Funnel {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field(() => [FunnelGroup], { description: 'One funnel per combination of dimensions, the largest first.' })
  groups: FunnelGroup[];
  @Field(() => FinalityEnum, { description: 'OPEN while an entity may still take a step within the window.' })
  finality: Finality;
}

@ObjectType()
export class RetentionPeriod {
  @Field(() => Int, {
    nullable: true,
    description:
      'How many came back in that period; in a rolling retention, in it or any later period up to the newest event. Null for periods that have not begun.',
  })
  returned: number | null;
  @Field(() => Float, { nullable: true, description: 'The same as a share of the cohort.' }) rate: number | null;
  @Field(() => FinalityEnum, { description: 'Whether the number can still change.' }) finality: Finality;
}

@ObjectType({ description: 'Those who started in one period.' })
export class RetentionCohort {
  @Field({ description: 'The start of the period in which they began; RFC 3339.' }) start: string;
  @Field({ description: 'The end of the period in which they began, exclusive; RFC 3339.' }) end: string;
  @Field(() => Int, { description: 'How many began in the period.' }) size: number;
  @Field(() => [RetentionPeriod], { description: 'From the period of the start on.' }) periods: RetentionPeriod[];
}

@ObjectType()
export class Retention {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field(() => [RetentionCohort], { description: 'The cohorts, the oldest first.' }) cohorts: RetentionCohort[];
}

@ObjectType()
export class TopValue {
  @Field(() => String, { nullable: true, description: 'Null for events without the field.' }) value: string | null;
  @Field(() => Float, { description: 'How many events have the value.' }) count: number;
  @Field(() => Float, { nullable: true, description: 'The share of all events, 0 to 1.' }) share: number | null;
}

@ObjectType({ description: 'The most frequent values of a field.' })
export class TopValues {
  @Field(() => [TopValue], { description: 'The most frequent values, the most frequent first.' }) values: TopValue[];
  @Field(() => Float, { description: 'Events with any other value.' }) other: number;
  @Field(() => Float, { description: 'How many events there are in the range.' }) total: number;
}

export const FunnelResult = createUnionType({
  name: 'FunnelResult',
  types: () => [Funnel, ValidationProblem] as const,
});
export const RetentionResult = createUnionType({
  name: 'RetentionResult',
  types: () => [Retention, ValidationProblem] as const,
});
export const TopValuesResult = createUnionType({
  name: 'TopValuesResult',
  types: () => [TopValues, ValidationProblem] as const,
});

export function toFunnel(metric: string, { groups, finality }: FunnelAnswer): Funnel {
  return Object.assign(new Funnel(), {
    metric,
    finality,
    groups: groups.map(({ value, steps }) =>
      Object.assign(new FunnelGroup(), {
        value,
        steps: steps.map((step, index) =>
          Object.assign(new FunnelStep(), {
            ...step,
            fromPrevious: index === 0 ? null : share(step.count, steps[index - 1]?.count),
            fromFirst: share(step.count, steps[0]?.count),
          }),
        ),
      }),
    ),
  });
}

export function toRetention(metric: string, cohorts: readonly Cohort[]): Retention {
  return Object.assign(new Retention(), {
    metric,
    cohorts: cohorts.map(({ start, end, size, returned, finality }) =>
      Object.assign(new RetentionCohort(), {
        start: isoTime(start),
        end: isoTime(end),
        size,
        periods: returned.map((count, index) =>
          Object.assign(new RetentionPeriod(), {
            returned: count,
            rate: count === null ? null : share(count, size),
            finality: finality[index] ?? 'OPEN',
          }),
        ),
      }),
    ),
  });
}

export function share(part: number, whole: number | undefined): number | null {
  return whole === undefined || whole === 0 ? null : part / whole;
}
