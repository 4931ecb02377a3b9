import { ODDS_CHANGES, ODDS_REQUESTS, type FeedRequest } from '@paddock/contracts';
import type { Lease, Member, Position } from '@paddock/eventlog';
import type { Logger } from '@paddock/runtime';
import { openShard } from './open-shard.js';
import { type KeeperParts, ShardKeeper } from './shard-keeper.js';

/** The consumer group that keeps the market state: each partition has one keeper among all processes. */
export const MARKET_STATE_GROUP = 'market-state';

const EVERY = { feedsMs: 250, cacheMs: 250, storeMs: 1_000, logMs: 1_000 };
/** How often a feed that stays down is asked again. */
const ASK_AGAIN_MS = 5_000;

/** The settings that differ between processes and tests. */
export interface MarketStateOptions extends Omit<KeeperParts, 'requestRecovery'> {
  readonly logger: Logger;
  readonly leaseMs?: number;
}

/** The market-state service: a member of the group, a keeper per owned partition, and their timers. */
export class MarketState {
  private readonly keepers = new Map<number, { readonly token: number; readonly keeper: ShardKeeper }>();
  private readonly member: Member;
  private readonly timers: NodeJS.Timeout[];
  private readonly asked = new Map<string, number>();
  private readonly failing = new Set<string>();

  constructor(private readonly options: MarketStateOptions) {
    const { log, leaseMs } = options;
    this.member = log.join(ODDS_CHANGES, MARKET_STATE_GROUP, {
      assigned: (lease, acknowledged) => this.open(lease, acknowledged),
      records: async ({ records, lease }) => {
        const owned = this.keepers.get(lease.partition);
        if (owned?.token === lease.token) await owned.keeper.take({ records });
        this.failing.delete('input');
      },
      revoked: (lease) => this.close(lease),
      lost: (partition) => {
        options.logger.warn({ partition }, 'changes were lost before they were read');
        this.keepers.get(partition)?.keeper.forgetPosition();
      },
      onError: (error) => this.failed('input', error),
      ...(leaseMs ? { leaseMs } : {}),
    });
    this.timers = [
      this.every(EVERY.feedsMs, 'feeds', (keeper) => keeper.checkFeeds()),
      this.every(EVERY.logMs, 'log', (keeper) => keeper.checkLog()),
      this.every(EVERY.cacheMs, 'cache', (keeper) => keeper.saveCache()),
      this.every(EVERY.storeMs, 'store', (keeper) => keeper.save()),
    ];
  }

  /** The partitions that this process keeps, with their state. */
  get shards(): { partition: number; books: number; down: string[] }[] {
    return [...this.keepers.values()].map(({ keeper: { partition, books, down } }) => ({ partition, books, down }));
  }

  /** Parts that fail at the moment: `input`, `feeds`, `log`, `cache`, `store`. */
  get trouble(): string[] {
    return [...this.failing];
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.member.leave();
  }

  private async open(lease: Lease, acknowledged: Position | undefined): Promise<Position | undefined> {
    const { log, store, now, logger } = this.options;
    const opened = await openShard(log, store, lease.partition, acknowledged, now());
    const keeper = new ShardKeeper(
      { ...this.options, requestRecovery: (feed) => this.requestRecovery(feed) },
      lease,
      opened,
    );
    await keeper.begin();
    this.keepers.set(lease.partition, { token: lease.token, keeper });
    const { shard, replayed, newEpoch } = opened;
    logger.info(
      { partition: lease.partition, books: shard.books.size, replayed: replayed.length, newEpoch },
      'market state opened',
    );
    return opened.changes.position;
  }

  private async close(lease: Lease): Promise<void> {
    const owned = this.keepers.get(lease.partition);
    if (!owned || owned.token !== lease.token) return;
    this.keepers.delete(lease.partition);
    await owned.keeper.save();
  }

  private requestRecovery(feed: string): void {
    const { log, now } = this.options;
    const at = now();
    if (at - (this.asked.get(feed) ?? -Infinity) < ASK_AGAIN_MS) return;
    this.asked.set(feed, at);
    const request: FeedRequest = { type: 'recover', feed, at };
    log
      .append(ODDS_REQUESTS, [{ key: feed, value: JSON.stringify(request) }])
      .catch((error: unknown) => this.failed('feeds', error));
  }

  private every(ms: number, part: string, act: (keeper: ShardKeeper) => Promise<void>): NodeJS.Timeout {
    return setInterval(() => {
      for (const { keeper } of this.keepers.values()) {
        act(keeper).then(
          () => this.failing.delete(part),
          (error: unknown) => this.failed(part, error),
        );
      }
    }, ms);
  }

  /** Logged once per outage, because the failing part is retried constantly. */
  private failed(part: string, error: unknown): void {
    if (!this.failing.has(part))
      this.options.logger.error({ err: error, part }, 'market state: a part fails, trying again');
    this.failing.add(part);
  }
}
