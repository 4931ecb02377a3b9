import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PreviewGrain } from '@paddock/metrics';
import { ReleasePlan } from '../../../releases/release.object.js';
import { AnalyticsClient } from './analytics-client.js';
import { EventSchemaPlan, ExplorationPlan, MetricPlan, MetricPreview, PreviewGrainEnum } from './metric-plan.object.js';
import { plannedEventSchemas, plannedExplorations, plannedMetrics } from './planned-metrics.js';

/** The part of a plan about metrics and event schemas; the engine knows neither. */
@Resolver(() => ReleasePlan)
export class ReleaseMetricsResolver {
  @ResolveField(() => [MetricPlan], { description: 'Its effect on metrics.' })
  metrics(@Parent() { input }: ReleasePlan): MetricPlan[] {
    return plannedMetrics(input).map(MetricPlan.of);
  }

  @ResolveField(() => [EventSchemaPlan], { description: 'Its effect on event schemas.' })
  eventSchemas(@Parent() { input }: ReleasePlan): EventSchemaPlan[] {
    return plannedEventSchemas(input).map(EventSchemaPlan.of);
  }

  @ResolveField(() => [ExplorationPlan], { description: 'Its effect on saved explorations.' })
  explorations(@Parent() { input }: ReleasePlan): ExplorationPlan[] {
    return plannedExplorations(input).map(ExplorationPlan.of);
  }
}

@Resolver(() => MetricPlan)
export class MetricPlanResolver {
  constructor(private readonly analytics: AnalyticsClient) {}

  @ResolveField(() => MetricPreview, {
    description: 'Requested from analytics for this query. A missing preview blocks nothing.',
  })
  async preview(
    @Parent() plan: MetricPlan,
    @Args('grain', {
      type: () => PreviewGrainEnum,
      defaultValue: 'hour',
      description: 'MINUTE shows the last hour that has events, HOUR the last day, DAY the last 30 days.',
    })
    grain: PreviewGrain,
  ): Promise<MetricPreview> {
    return MetricPreview.of(await this.analytics.preview(plan, grain));
  }
}
