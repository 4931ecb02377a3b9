import type { Logger } from '@paddock/runtime';
import type { FeedLimits } from '../../markets/feed-watch.js';
import { BetfairMarkets } from '../betfair/betfair-markets.js';
import { parseMessage } from '../betfair/messages.js';
import type { Feed, FeedOutlet } from '../feed.js';
import { pause } from '../pause.js';
import { linesOf } from './open-recording.js';

/** What to play, and how fast: 1 is real time, 10 ten times as fast, Infinity as fast as possible. */
export interface RecordingOptions {
  readonly key: string;
  readonly path: string;
  readonly speed: number;
  /** Begins again at the end; otherwise the feed stays alive without further changes. */
  readonly repeat?: boolean;
}

const BEAT_MS = 1_000;

/** Plays a recorded Betfair stream as if it came now: source times are those of the recording, receive times are real. */
export class RecordingFeed implements Feed {
  readonly keys: readonly [string];
  private readonly key: string;
  readonly limits: FeedLimits = { silenceMs: 10_000, lagMs: 10_000 };
  private markets: BetfairMarkets;
  private outlet: FeedOutlet | undefined;

  constructor(
    private readonly options: RecordingOptions,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {
    this.key = options.key;
    this.keys = [options.key];
    this.markets = new BetfairMarkets(options.key);
  }

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    this.outlet = outlet;
    const beat = setInterval(() => outlet.alive(), BEAT_MS);
    try {
      do {
        this.markets = new BetfairMarkets(this.key);
        await outlet.down('RESTART');
        await this.play(outlet, signal);
      } while (this.options.repeat && !signal.aborted);
      this.logger.info({ feed: this.key }, 'recording played to its end');
      await waitFor(signal);
    } finally {
      clearInterval(beat);
    }
  }

  recover(): void {
    if (this.outlet) void this.sayAnew(this.outlet);
  }

  private async play(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    const { path, speed } = this.options;
    let begun: { readonly pt: number; readonly at: number } | undefined;
    let count = 0;
    for await (const line of linesOf(path)) {
      if (signal.aborted) return;
      try {
        const message = parseMessage(line);
        if (message.op !== 'mcm') continue;
        begun ??= { pt: message.pt ?? 0, at: performance.now() };
        const due = begun.at + ((message.pt ?? begun.pt) - begun.pt) / speed;
        if (due - performance.now() > 1) await pause(due - performance.now(), signal);
        await outlet.write(this.markets.take(message, this.now()));
        count += 1;
        // The first message is the only image in a recording.
        if (count === 1) await outlet.complete();
      } catch (error) {
        // A recording cannot be asked again: each market stays suspended until the recording changes it.
        outlet.quarantine(line, error);
        await outlet.down('UNREADABLE');
        await outlet.complete();
      }
    }
  }

  private async sayAnew(outlet: FeedOutlet): Promise<void> {
    await outlet.write(this.markets.images(this.now()));
    await outlet.complete();
  }
}

function waitFor(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
