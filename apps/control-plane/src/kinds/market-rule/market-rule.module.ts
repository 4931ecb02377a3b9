import { Global, Module } from '@nestjs/common';
import { PLAN_OBSERVERS } from '../../releases/plan.js';
import { LiveMarkets } from './live-markets.js';
import { MarketRuleObserver } from './market-rule-observer.js';

/** What market rules need besides their kind: a look at the markets of the moment, wherever plans are made. */
@Global()
@Module({
  providers: [
    LiveMarkets,
    MarketRuleObserver,
    { provide: PLAN_OBSERVERS, inject: [MarketRuleObserver], useFactory: (observer: MarketRuleObserver) => [observer] },
  ],
  exports: [LiveMarkets, PLAN_OBSERVERS],
})
export class MarketRuleModule {}
