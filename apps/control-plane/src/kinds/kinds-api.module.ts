import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ApiSpelling } from './api-spelling.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { BODY_RESOLVERS } from './document-body.resolver.js';
import { AnalyticsClient } from './metric/plan/analytics-client.js';
import { MetricPlanResolver, ReleaseMetricsResolver } from './metric/plan/metric-plan.resolver.js';
import { LiveRules } from './market-rule/live-rules.js';
import { MarketImpactResolver } from './market-rule/market-impact.resolver.js';
import { MarketsResolver, MarketVisibilityResolver } from './market-rule/markets.resolver.js';
import { SaveDraftResolver } from './save-draft.resolver.js';

/** Bodies in the GraphQL API: the one place where the engine's types meet the kinds'. */
@Module({
  imports: [AccessModule, DocumentsModule, ReleasesModule],
  providers: [
    ApiSpelling,
    ...BODY_RESOLVERS,
    SaveDraftResolver,
    LiveRules,
    MarketImpactResolver,
    MarketsResolver,
    MarketVisibilityResolver,
    AnalyticsClient,
    ReleaseMetricsResolver,
    MetricPlanResolver,
  ],
})
export class KindsApiModule {}
