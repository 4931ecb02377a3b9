import { Global, Module } from '@nestjs/common';
import { provideGates } from '../../releases/gates/gate-registry.js';
import { LiveMarkets } from './live-markets.js';
import { MarketRuleObserver } from './market-rule-observer.js';
import { matchesNothing } from './matches-nothing.js';

/** Providers of market rules besides their kind: a read of the current markets, in every process that makes plans. */
@Global()
@Module({
  providers: [LiveMarkets, MarketRuleObserver, provideGates(matchesNothing)],
  exports: [LiveMarkets],
})
export class MarketRuleModule {}
