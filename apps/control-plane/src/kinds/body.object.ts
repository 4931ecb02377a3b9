import { createUnionType } from '@nestjs/graphql';
import type { KindName } from '@paddock/contracts';
import { Adoption, toAdoption } from './adoption/adoption.object.js';
import { Component, toComponent } from './component/component.object.js';
import { EventSchema, toEventSchema } from './event-schema/event-schema.body.js';
import { Exploration, toExploration } from './exploration/exploration.body.js';
import { Layout, toLayout } from './layout/layout.object.js';
import { MarketRule, toMarketRule } from './market-rule/market-rule.object.js';
import { Metric, toMetric } from './metric/metric.body.js';
import { OddsFeed, toOddsFeed } from './odds-feed/odds-feed.object.js';
import { Promo, toPromo } from './promo/promo.object.js';
import { ProxyUpstream, toProxyUpstream } from './proxy-upstream/proxy-upstream.object.js';

export type DocumentBody =
  Promo | Component | Layout | Adoption | EventSchema | Metric | Exploration | ProxyUpstream | MarketRule | OddsFeed;

/** The body of a document, as its kind has it. */
export const DocumentBodyUnion = createUnionType({
  name: 'DocumentBody',
  description: 'The body of a document, as its kind has it.',
  types: () =>
    [
      Promo,
      Component,
      Layout,
      Adoption,
      EventSchema,
      Metric,
      Exploration,
      ProxyUpstream,
      MarketRule,
      OddsFeed,
    ] as const,
});

/** @param stored JSON that the kind's `parse` once returned */
export function toDocumentBody(kind: KindName, stored: string): DocumentBody {
  switch (kind) {
    case 'promo':
      return toPromo(JSON.parse(stored));
    case 'component':
      return toComponent(JSON.parse(stored));
    case 'layout':
      return toLayout(JSON.parse(stored));
    case 'adoption':
      return toAdoption(JSON.parse(stored));
    case 'event-schema':
      return toEventSchema(JSON.parse(stored));
    case 'metric':
      return toMetric(JSON.parse(stored));
    case 'exploration':
      return toExploration(JSON.parse(stored));
    case 'proxy-upstream':
      return toProxyUpstream(JSON.parse(stored));
    case 'market-rule':
      return toMarketRule(JSON.parse(stored));
    case 'odds-feed':
      return toOddsFeed(JSON.parse(stored));
  }
}
