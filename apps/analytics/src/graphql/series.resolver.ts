import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Requires } from '../access/scope.guard.js';
import { Queries } from '../queries/queries.js';
import { Reconciliations } from '../reconciliation/reconciliations.js';
import {
  Funnel,
  FunnelResult,
  Retention,
  RetentionResult,
  share,
  toFunnel,
  toRetention,
  TopValue,
  TopValues,
  TopValuesResult,
} from './funnel.object.js';
import { orProblem, ValidationProblem } from './problems.js';
import { ExploreInput, FunnelInput, MetricSeriesInput, RetentionInput, TopValuesInput } from './query.input.js';
import { ExploreResult, MetricSeries, MetricSeriesResult } from './series.object.js';
import { toMetricSeries } from './to-series.js';

/** Queries of metrics and of the events behind them. */
@Resolver()
@Requires('read')
export class SeriesResolver {
  constructor(
    @Inject(Queries) private readonly queries: Queries,
    @Inject(Reconciliations) private readonly reconciliations: Reconciliations,
  ) {}

  @Query(() => MetricSeriesResult, {
    description:
      'A metric over time, split by its dimensions. Late events revise it, and every bucket has its finality.',
  })
  metricSeries(@Args('input') input: MetricSeriesInput): Promise<MetricSeries | ValidationProblem> {
    return orProblem(async () =>
      toMetricSeries(await this.queries.series(input), await this.reconciliations.status(input.metric)),
    );
  }

  @Query(() => ExploreResult, {
    description:
      'Any measure by any fields of an event, from raw events. It answers what a metric would, without one being defined.',
  })
  explore(@Args('input') input: ExploreInput): Promise<MetricSeries | ValidationProblem> {
    const { measure } = input;
    return orProblem(async () =>
      toMetricSeries(
        await this.queries.explore({
          ...input,
          measure: { ...measure, agg: measure.agg.toLowerCase(), accuracy: measure.accuracy?.toLowerCase() },
        }),
        null,
      ),
    );
  }

  @Query(() => TopValuesResult, { description: 'The most frequent values of a field.' })
  topValues(
    @Args('input') { event, field, from, to, filter, limit }: TopValuesInput,
  ): Promise<TopValues | ValidationProblem> {
    return orProblem(async () => {
      const { values, other, total } = await this.queries.topValues({ event, field, from, to, filter, limit });
      return Object.assign(new TopValues(), {
        other,
        total,
        values: values.map(({ value, count }) =>
          Object.assign(new TopValue(), { value, count, share: share(count, total) }),
        ),
      });
    });
  }

  @Query(() => FunnelResult, {
    description:
      'How far entities came in a funnel metric. The range covers their entries; later steps may lie after it.',
  })
  funnel(@Args('input') input: FunnelInput): Promise<Funnel | ValidationProblem> {
    return orProblem(async () => toFunnel(input.metric, await this.queries.funnel(input)));
  }

  @Query(() => RetentionResult, {
    description: 'How many of those who started in a period came back, by periods since.',
  })
  retention(@Args('input') input: RetentionInput): Promise<Retention | ValidationProblem> {
    return orProblem(async () => toRetention(input.metric, await this.queries.retention(input)));
  }
}
