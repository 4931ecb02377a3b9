import { Inject } from '@nestjs/common';
import {
  Args,
  createUnionType,
  Field,
  Float,
  InputType,
  Int,
  ObjectType,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { Requires } from '../access/scope.guard.js';
import { FilterInput } from '../graphql/filter.input.js';
import { toValidationProblem, ValidationProblem } from '../graphql/problems.js';
import { GrainEnum } from '../graphql/query.input.js';
import { DimensionCell, FinalityEnum } from '../graphql/series.object.js';
import { isoTime } from '../graphql/to-series.js';
import { InvalidQuery } from '../queries/query-problems.js';
import { LiveSeries, type PointChange } from './live-series.js';

@InputType()
export class MetricChangesInput {
  @Field({ description: 'Key of a metric.' }) metric: string;
  @Field(() => GrainEnum, { description: 'The length of a bucket.' }) grain: string;
  @Field(() => String, {
    nullable: true,
    description: 'The IANA time zone of the buckets. If absent, that of the metric, or UTC.',
  })
  timeZone?: string | null;
  @Field(() => [String], { nullable: true, description: 'Names of dimensions to break the metric down by.' })
  dimensions?: string[] | null;
  @Field(() => FilterInput, { nullable: true, description: 'Which events count.' }) filter?: FilterInput | null;
  @Field(() => Int, { nullable: true, description: 'As in `metricSeries`.' }) limit?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many buckets up to now, 1 to 1,500; default 60.' }) buckets?:
    number | null;
}

@ObjectType({ description: 'The new value of one point.' })
export class ChangedPoint {
  @Field(() => [DimensionCell], { description: 'The values of the dimensions that were asked for, in their order.' })
  dimensions: DimensionCell[];
  @Field({ description: 'Start of the bucket, RFC 3339, UTC.' }) start: string;
  @Field({ description: 'The end of the bucket, exclusive; RFC 3339.' }) end: string;
  @Field(() => Float, { nullable: true, description: 'The value; null if the point has no value.' }) value:
    number | null;
  @Field(() => String, {
    nullable: true,
    description: 'The value as a decimal without rounding, where it has more digits than a float keeps.',
  })
  exact: string | null;
  @Field(() => FinalityEnum, { description: 'Whether the value can still change.' }) finality: string;
  @Field({
    description:
      'Names the computation, as `computation` of the versions of `metricSeries` does. A different name means that the definition changed.',
  })
  version: string;
}

@ObjectType({ description: 'Points that changed since the previous message; all points in the first message.' })
export class MetricChanges {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field(() => [ChangedPoint], { description: 'The buckets that changed since the message before.' })
  points: ChangedPoint[];
}

export const MetricChangesResult = createUnionType({
  name: 'MetricChangesResult',
  types: () => [MetricChanges, ValidationProblem] as const,
});

@Resolver()
@Requires('read')
export class LiveResolver {
  constructor(@Inject(LiveSeries) private readonly live: LiveSeries) {}

  @Subscription(() => MetricChangesResult, {
    description:
      'A series that ends now, as it changes: at most four messages a second, of changed points only. A reader that is too slow gets the newest value of each point.',
    resolve: (value: unknown) => value,
  })
  async metricChanges(
    @Args('input') input: MetricChangesInput,
  ): Promise<AsyncIterableIterator<MetricChanges | ValidationProblem>> {
    try {
      return mapped(await this.live.watch(input), (changes) => toChanges(input.metric, changes));
    } catch (error) {
      if (error instanceof InvalidQuery) return once(toValidationProblem(error.problems));
      throw error;
    }
  }
}

function toChanges(metric: string, changes: readonly PointChange[]): MetricChanges {
  return Object.assign(new MetricChanges(), {
    metric,
    points: changes.map(({ dimensions, start, end, value, finality, version }) =>
      Object.assign(new ChangedPoint(), {
        dimensions: dimensions.map((cell) => Object.assign(new DimensionCell(), cell)),
        start: isoTime(start),
        end: isoTime(end),
        value: value === null ? null : Number(value),
        exact: value,
        finality,
        version,
      }),
    ),
  });
}

/** Not a generator: its `return()` would wait for the next change, and the reader would stay. */
function mapped<From, To>(source: AsyncIterableIterator<From>, map: (value: From) => To): AsyncIterableIterator<To> {
  return {
    async next() {
      const step = await source.next();
      return step.done ? { done: true, value: undefined } : { done: false, value: map(step.value) };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield await Promise.resolve(value);
}
