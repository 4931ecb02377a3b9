import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PreviewGrain } from '@paddock/metrics';
import { ReleasePlan } from '../../../releases/release.object.js';
import { AnalyticsClient } from './analytics-client.js';
import { EventSchemaPlan, ExplorationPlan, MetricPlan, MetricPreview, PreviewGrainEnum } from './metric-plan.object.js';
import { plannedEventSchemas, plannedExplorations, plannedMetrics } from './planned-metrics.js';

/** What the plan of a release says of metrics and event schemas; the engine knows neither. */
@Resolver(() => ReleasePlan)
export class ReleaseMetricsResolver {
  @ResolveField(() => [MetricPlan], { description: 'What it does to metrics.' })
  metrics(@Parent() { input }: ReleasePlan): MetricPlan[] {
    return plannedMetrics(input).map(MetricPlan.of);
  }

  @ResolveField(() => [EventSchemaPlan], { description: 'What it does to event schemas.' })
  eventSchemas(@Parent() { input }: ReleasePlan): EventSchemaPlan[] {
    return plannedEventSchemas(input).map(EventSchemaPlan.of);
  }

  @ResolveField(() => [ExplorationPlan], { description: 'What it does to saved explorations.' })
  explorations(@Parent() { input }: ReleasePlan): ExplorationPlan[] {
    return plannedExplorations(input).map(ExplorationPlan.of);
  }
}

@Resolver(() => MetricPlan)
export class MetricPlanResolver {
  constructor(private readonly analytics: AnalyticsClient) {}

  @ResolveField(() => MetricPreview, {
    description: 'Asked of analytics at this moment. That it is missing blocks nothing.',
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
