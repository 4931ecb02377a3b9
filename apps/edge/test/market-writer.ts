import { Redis } from 'ioredis';
import {
  type BooksSnapshot,
  type MarketBook,
  type MarketUpdate,
  ODDS_MARKETS,
  oddsBooksKey,
  type OddsUpdate,
  type ShardBeat,
} from '@paddock/contracts';
import { connectRedisEventLog, type EventLog, partitionOf } from '@paddock/eventlog';

const BEAT_MS = 200;

/** A runner as tests write it: id and price. */
export type Prices = readonly (readonly [id: number, p: number])[];

/** Writes market records straight to the log, as the market-state service does, and says something while it is alive. */
export class MarketWriter {
  readonly epoch = `epoch-${Date.now().toString(36)}`;
  private readonly seqs = new Map<number, number>();
  private readonly versions = new Map<string, number>();
  private beating: NodeJS.Timeout | undefined;

  private constructor(
    private readonly log: EventLog,
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  static async open(url: URL, prefix: string): Promise<MarketWriter> {
    const writer = new MarketWriter(
      await connectRedisEventLog({ url, prefix, onError: () => undefined }),
      new Redis(url.href),
      prefix,
    );
    writer.live();
    return writer;
  }

  /** Beats, until {@link die}. */
  live(): void {
    this.beating ??= setInterval(() => void this.beat(), BEAT_MS);
  }

  die(): void {
    clearInterval(this.beating);
    this.beating = undefined;
  }

  async open(
    id: string,
    event: string,
    prices: Prices,
    about: { readonly sport?: string; readonly type?: string; readonly startTime?: string } = {},
  ): Promise<void> {
    const def = {
      event,
      sport: 'football',
      type: 'MATCH_ODDS',
      ...about,
      runners: prices.map(([runner]) => ({ id: runner })),
    };
    await this.write(id, event, {
      img: true,
      st: 'OPEN',
      sr: null,
      ip: false,
      def,
      r: prices.map(([runner, p]) => ({ id: runner, st: 'ACTIVE', p })),
      source: 'OPEN',
      hold: null,
    });
  }

  price(id: string, event: string, prices: Prices): Promise<void> {
    return this.write(id, event, { r: prices.map(([runner, p]) => ({ id: runner, p })) });
  }

  status(id: string, event: string, st: 'SUSPENDED' | 'CLOSED' | 'SETTLED'): Promise<void> {
    return this.write(id, event, { st, sr: st === 'SUSPENDED' ? 'BETSTOP' : null });
  }

  async write(id: string, event: string, given: Partial<MarketUpdate>): Promise<void> {
    const partition = partitionOf(ODDS_MARKETS, event);
    const seq = (this.seqs.get(partition) ?? 0) + 1;
    const v = (this.versions.get(id) ?? 0) + 1;
    this.seqs.set(partition, seq);
    this.versions.set(id, v);
    const at = Date.now();
    const update: OddsUpdate = {
      type: 'market',
      id,
      event,
      feed: id.split(':', 1)[0] ?? '',
      epoch: this.epoch,
      pt: at,
      at,
      ...given,
      seq,
      v,
    };
    await this.log.append(ODDS_MARKETS, [{ key: event, value: JSON.stringify(update), partition }]);
  }

  /** Writes a partition's snapshot as of everything that was written. */
  async snapshot(partition: number, books: readonly MarketBook[]): Promise<void> {
    const { last } = (await this.log.bounds(ODDS_MARKETS))[partition] ?? {};
    const snapshot: BooksSnapshot = {
      epoch: this.epoch,
      seq: this.seqs.get(partition) ?? 0,
      position: last ?? '',
      down: [],
    };
    await this.redis.hset(oddsBooksKey(this.prefix, partition), {
      '': JSON.stringify(snapshot),
      ...Object.fromEntries(books.map((book) => [book.id, JSON.stringify(book)])),
    });
  }

  async close(): Promise<void> {
    this.die();
    await this.log.close();
    this.redis.disconnect();
  }

  private async beat(): Promise<void> {
    const at = Date.now();
    const records = Array.from({ length: ODDS_MARKETS.partitions }, (_, partition) => {
      const beat: ShardBeat = { type: 'beat', epoch: this.epoch, seq: this.seqs.get(partition) ?? 0, at };
      return { key: '', value: JSON.stringify(beat), partition };
    });
    await this.log.append(ODDS_MARKETS, records).catch(() => undefined);
  }
}
