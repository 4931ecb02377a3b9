import { Injectable } from '@nestjs/common';
import { type Observed, PlanObserver } from '../../releases/plan-observer.js';
import { type LiveMarket, LiveMarkets } from './live-markets.js';
import { knownMarkets } from './matches-nothing.js';

/** Shows the gates of market rules the markets of the moment. */
@Injectable()
export class MarketRuleObserver extends PlanObserver<readonly LiveMarket[] | undefined> {
  constructor(private readonly markets: LiveMarkets) {
    super();
  }

  async look(): Promise<void> {
    await this.markets.look();
  }

  observed(): Observed<readonly LiveMarket[] | undefined> {
    return knownMarkets.with(this.markets.current);
  }
}
