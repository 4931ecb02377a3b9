import type { FeedLimits } from '../../markets/feed-watch.js';
import type { Feed, FeedOutlet } from '../feed.js';
import { pause } from '../pause.js';
import { MatchDay, type MatchDayOptions } from './match-day.js';

const TICK_MS = 250;

/** An invented match day, for machines without a real feed: moving prices, goals, bet stops, results. */
export class SimulatorFeed implements Feed {
  readonly keys: readonly [string];
  readonly limits: FeedLimits = { silenceMs: 10_000, lagMs: 10_000 };
  private mustRestate = true;

  constructor(
    private readonly options: MatchDayOptions,
    private readonly now: () => number = Date.now,
  ) {
    this.keys = [options.feed];
  }

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    await outlet.down('RESTART');
    const day = new MatchDay(this.options, this.now());
    while (!signal.aborted) {
      const now = this.now();
      await outlet.write(day.tick(now));
      if (this.mustRestate) {
        this.mustRestate = false;
        await outlet.write(day.images(now));
        await outlet.complete();
      }
      outlet.alive();
      await pause(TICK_MS, signal);
    }
  }

  recover(): void {
    this.mustRestate = true;
  }
}
