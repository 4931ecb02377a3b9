import { Global, Module } from '@nestjs/common';
import { provideGates } from '../../releases/gates/gate-registry.js';
import { LiveMarkets } from './live-markets.js';
import { MarketRuleObserver } from './market-rule-observer.js';
import { matchesNothing } from './matches-nothing.js';

/** What market rules need besides their kind: a look at the markets of the moment, wherever plans are made. */
@Global()
@Module({
  providers: [LiveMarkets, MarketRuleObserver, provideGates(matchesNothing)],
  exports: [LiveMarkets],
})
export class MarketRuleModule {}
