import { Global, Module } from '@nestjs/common';
import { CONFIG_KINDS } from '../documents/config-kind.js';
import { adoptionKind } from './adoption/adoption.kind.js';
import { componentKind } from './component/component.kind.js';
import { eventSchemaKind } from './event-schema/event-schema.kind.js';
import { explorationKind } from './exploration/exploration.kind.js';
import { layoutKind } from './layout/layout.kind.js';
import { marketRuleKind } from './market-rule/market-rule.kind.js';
import { metricKind } from './metric/metric.kind.js';
import { oddsFeedKind } from './odds-feed/odds-feed.kind.js';
import { promoKind } from './promo/promo.kind.js';
import { proxyUpstreamKind } from './proxy-upstream/proxy-upstream.kind.js';

/** Registers the kinds with the engine, which knows no kind by name. */
@Global()
@Module({
  providers: [
    {
      provide: CONFIG_KINDS,
      useValue: [
        promoKind,
        componentKind,
        layoutKind,
        adoptionKind,
        eventSchemaKind,
        metricKind,
        explorationKind,
        proxyUpstreamKind,
        marketRuleKind,
        oddsFeedKind,
      ],
    },
  ],
  exports: [CONFIG_KINDS],
})
export class KindsModule {}
