import type { FeedDownReason, MarketBook, OddsChange } from '@paddock/contracts';
import { createLogger } from '@paddock/runtime';
import { checkChange } from '../feeds/check-change.js';
import { UofFeed } from '../feeds/uof/uof-feed.js';
import { decide } from '../markets/decide.js';
import { Shard } from '../markets/shard.js';
import { CollectingOutlet } from './collecting-outlet.js';

/** An outlet behind which a market state decides at once what it is given, as the market-state service does behind the log. */
class ShardOutlet extends CollectingOutlet {
  readonly shard = new Shard('test');

  constructor(private readonly now: () => number) {
    super();
  }

  override async write(changes: readonly OddsChange[]): Promise<void> {
    await super.write(changes);
    for (const said of changes) {
      const { change, problems } = checkChange(said);
      if (problems.length > 0) this.quarantine(JSON.stringify(said), problems.join('; '));
      if (change) this.shard.write(decide(this.shard, change), { in: undefined, at: change.at });
    }
  }

  override async down(reason: FeedDownReason, source = 'uof'): Promise<void> {
    const at = this.now();
    await this.write([{ type: 'feed_down', source: { feed: source, pt: at }, at, reason }]);
  }

  override async complete(source = 'uof'): Promise<void> {
    const at = this.now();
    await this.write([{ type: 'feed_up', source: { feed: source, pt: at }, at }]);
  }
}

export interface UofPlay {
  readonly book: (market: string) => MarketBook | undefined;
  readonly books: readonly MarketBook[];
  readonly setAside: readonly string[];
  readonly changes: readonly OddsChange[];
  /** Products whose recovery was requested, in order; the first of each is the initial one. */
  readonly recoveries: readonly number[];
}

export interface UofPlayOptions {
  readonly producers?: readonly [number, ...number[]];
  readonly reference?: readonly string[];
  /** Looks at the market state after each message, by its number. */
  readonly after?: (number: number, books: readonly MarketBook[]) => void;
}

/** Plays messages of the Unified Odds Feed, after the recovery of all producers, through the real feed into a market state. */
export async function playUof(
  messages: readonly string[],
  { producers = [1, 3], reference = [], after }: UofPlayOptions = {},
): Promise<UofPlay> {
  let time = 0;
  const now = (): number => (time += 1);
  const outlet = new ShardOutlet(now);
  const recoveries: number[] = [];
  const newest = new Map<number, number>();
  async function* source(): AsyncGenerator<string> {
    for (const product of producers) {
      yield `<alive product="${product}" timestamp="0" subscribed="1"/>`;
      yield `<snapshot_complete product="${product}" timestamp="0" request_id="${newest.get(product)}"/>`;
    }
    for (const [number, message] of messages.entries()) {
      yield message;
      after?.(number, [...outlet.shard.books.values()]);
    }
    await Promise.resolve();
  }
  const feed = new UofFeed(
    {
      key: 'uof',
      producers,
      reference,
      messages: source,
      requestRecovery: (product, requestId) => (
        recoveries.push(product),
        newest.set(product, requestId),
        Promise.resolve()
      ),
    },
    createLogger('test', 'silent'),
    now,
  );
  await feed.run(outlet, new AbortController().signal);
  return {
    book: (market) => outlet.shard.books.get(`uof:${market}`),
    books: [...outlet.shard.books.values()],
    setAside: outlet.setAside.map(({ reason }) => reason),
    changes: outlet.changes,
    recoveries,
  };
}
