import { randomUUID } from 'node:crypto';
import {
  type BooksSnapshot,
  type MarketBook,
  ODDS_CHANGES,
  ODDS_MARKETS,
  type OddsChange,
  type OddsUpdate,
  parseOddsChange,
  type SettlementRecord,
  type ShardBeat,
} from '@paddock/contracts';
import type { Delivery, EventLog, Lease, LogRecord, Position } from '@paddock/eventlog';
import { crashPoint } from '@paddock/runtime';
import type { BookCache } from '../storage/book-cache.js';
import { KEEP_FINISHED_MS, type MarketStore } from '../storage/market-store.js';
import { PriceHistory } from '../storage/price-history.js';
import { decideEpoch } from './decide-epoch.js';
import { decideFeedDown, decideRepair, decideWithdrawals } from './decide-feed.js';
import { decide } from './decide.js';
import { type FeedLimits, FeedWatch } from './feed-watch.js';
import { isOver } from './market-status.js';
import type { OpenedShard } from './open-shard.js';
import type { Draft, Shard } from './shard.js';

/** Longest time between records of a partition: readers suspend the markets of a silent one. */
const BEAT_EVERY_MS = 1_000;

/** The collaborators that the keepers of all partitions share. */
export interface KeeperParts {
  readonly log: EventLog;
  readonly store: MarketStore;
  readonly cache: BookCache;
  readonly limitsOf: (feed: string) => FeedLimits;
  /** Asks a feed to report everything again. */
  readonly requestRecovery: (feed: string) => void;
  /** Reports a record of the input that cannot be read. */
  readonly unusable: (record: LogRecord, reason: string) => void;
  /** Records that are in the log now. */
  readonly onWritten?: (updates: readonly OddsUpdate[]) => void;
  readonly now: () => number;
}

/**
 * Keeps one partition while its lease holds: decides, writes the log first, and only then MySQL and the cache, which may
 * both be behind or unreachable. Runs one operation at a time.
 */
export class ShardKeeper {
  private readonly shard: Shard;
  private readonly watch: FeedWatch;
  private readonly history = new PriceHistory();
  /** Decided and not yet in the log. Kept over failures: no decision is made twice. */
  private unwritten: OddsUpdate[] = [];
  private settlements: SettlementRecord[] = [];
  private readonly dirty = { store: new Set<string>(), cache: new Set<string>(), forgotten: new Set<string>() };
  private wholeCache = true;
  private storing = false;
  private storeAway = false;
  /** Has a write failed since the end of the log was last compared with the written records? */
  private suspect = true;
  private caching = false;
  private turn: Promise<unknown> = Promise.resolve();
  private decidedTo: Position | undefined;
  private writtenTo: Position | undefined;
  private spokeAt = -Infinity;

  constructor(
    private readonly parts: KeeperParts,
    private readonly lease: Lease,
    private readonly opened: OpenedShard,
  ) {
    this.shard = opened.shard;
    this.decidedTo = opened.changes.position;
    this.writtenTo = opened.markets.position;
    this.watch = new FeedWatch(parts.limitsOf);
    for (const { feed } of this.shard.books.values()) this.watch.expect(feed, parts.now());
    for (const [feed] of this.shard.feeds) this.watch.expect(feed, parts.now());
    for (const id of this.shard.books.keys()) this.dirty.cache.add(id);
    for (const update of opened.replayed) this.note(update);
  }

  get partition(): number {
    return this.lease.partition;
  }

  get books(): number {
    return this.shard.books.size;
  }

  /** Feeds that this partition does not trust. */
  get down(): string[] {
    return [...this.shard.feeds].flatMap(([feed, { up }]) => (up ? [] : [feed]));
  }

  /** Completes what a crash left undone, and writes images of everything when a new history begins. */
  begin(): Promise<void> {
    return this.inTurn(async () => {
      if (this.opened.newEpoch) this.record(decideEpoch(this.shard));
      this.record(decideRepair(this.shard));
      await this.write();
    });
  }

  /** Decides the changes that records of the input cause, and writes them. */
  take({ records }: Pick<Delivery, 'records'>): Promise<void> {
    return this.inTurn(async () => {
      const changes = records.flatMap((record) => this.unread(record));
      await this.recall(changes.map(([, change]) => change));
      for (const [record, change] of changes) {
        const now = this.parts.now();
        this.decidedTo = record.position;
        const late = this.watch.hear(change, now);
        if (late && this.shard.feed(change.source.feed).up) this.distrust(change.source.feed, 'LAG');
        this.record(decide(this.shard, change));
      }
      await this.write();
    });
  }

  /** The input was replaced, so its old positions are invalid. */
  forgetPosition(): void {
    this.decidedTo = undefined;
  }

  /** Writes `feed_down` for feeds that are silent, and asks again for those that stay down. */
  checkFeeds(): Promise<void> {
    return this.inTurn(async () => {
      for (const feed of this.watch.silent(this.parts.now()))
        if (this.shard.feed(feed).up) this.distrust(feed, 'SILENT');
      for (const feed of this.down) this.parts.requestRecovery(feed);
      this.record(decideWithdrawals(this.shard, this.parts.now()));
      await this.write();
      await this.beat();
    });
  }

  /** Begins a new history when the log that holds the old one is gone. */
  checkLog(): Promise<void> {
    return this.inTurn(async () => {
      const [markets, changes, lostEnd] = await this.suspecting(async () =>
        Promise.all([
          this.parts.log.identity(ODDS_MARKETS),
          this.parts.log.identity(ODDS_CHANGES),
          this.suspect && this.hasLostEnd(),
        ]),
      );
      this.suspect = false;
      this.opened.changes.identity = changes;
      if (markets === this.opened.markets.identity && !lostEnd) return;
      this.opened.markets.identity = markets;
      this.shard.epoch = randomUUID();
      this.shard.seq = 0;
      this.unwritten = [];
      this.writtenTo = undefined;
      this.wholeCache = true;
      this.record(decideEpoch(this.shard));
      await this.write();
    });
  }

  /** Stores the changes since the last time in MySQL. Failed changes are stored the next time. */
  async save(): Promise<void> {
    if (this.storing) return;
    this.storing = true;
    const ids = [...this.dirty.store];
    const changes = await this.inTurn(() => {
      if (this.unwritten.length > 0) return undefined;
      this.dirty.store.clear();
      return {
        place: this.place(),
        feeds: new Map(this.shard.feeds),
        books: this.booksOf(ids),
        settlements: this.settlements.splice(0),
        prices: this.history.drain(),
      };
    });
    try {
      if (changes) await this.parts.store.save(this.partition, this.lease.token, changes);
      crashPoint('markets-after-save');
      this.storeAway = false;
    } catch (error) {
      this.storeAway = true;
      for (const id of ids) this.dirty.store.add(id);
      this.settlements.unshift(...(changes?.settlements ?? []));
      this.history.restore(changes?.prices ?? []);
      throw error;
    } finally {
      this.storing = false;
    }
  }

  /** Brings the cache up to date. */
  async saveCache(): Promise<void> {
    if (this.caching || !this.writtenTo) return;
    this.caching = true;
    try {
      this.forgetFinished();
      const whole = this.wholeCache || !(await this.parts.cache.holds(this.partition, this.shard));
      const { snapshot, ids, forgotten } = await this.inTurn(() => {
        const taken = {
          snapshot: this.snapshot(),
          ids: whole ? [...this.shard.books.keys()] : [...this.dirty.cache],
          forgotten: [...this.dirty.forgotten],
        };
        this.dirty.cache.clear();
        this.dirty.forgotten.clear();
        return taken;
      });
      // Until a write has succeeded the content of the cache is unknown.
      this.wholeCache = true;
      if (snapshot)
        await this.parts.cache.save(this.partition, snapshot, { books: this.booksOf(ids), forgotten, whole });
      this.wholeCache = snapshot === undefined;
    } finally {
      this.caching = false;
    }
  }

  private snapshot(): BooksSnapshot | undefined {
    if (!this.writtenTo || this.unwritten.length > 0) return undefined;
    return { epoch: this.shard.epoch, seq: this.shard.seq, position: this.writtenTo, down: this.down };
  }

  private place() {
    const { epoch, seq } = this.shard;
    return {
      epoch,
      seq,
      markets: { identity: this.opened.markets.identity, position: this.writtenTo },
      changes: { identity: this.opened.changes.identity, position: this.decidedTo },
    };
  }

  private unread(record: LogRecord): [LogRecord, OddsChange][] {
    if (this.decidedTo && this.parts.log.compare(record.position, this.decidedTo) <= 0) return [];
    try {
      const change = parseOddsChange(record.value.toString());
      if (change) return [[record, change]];
      this.parts.unusable(record, 'unknown type');
    } catch (error) {
      this.parts.unusable(record, error instanceof Error ? error.message : String(error));
    }
    return [];
  }

  /** Loads books that were over for long and are reported again, so that their versions continue. */
  private async recall(changes: readonly OddsChange[]): Promise<void> {
    const unknown = new Set(
      changes.flatMap((change) => ('market' in change && !this.shard.books.has(change.market) ? [change.market] : [])),
    );
    // Prices must flow without MySQL; the versions of a market that was over for a day then restart.
    if (unknown.size === 0 || this.storeAway) return;
    for (const book of await this.parts.store.find([...unknown])) this.shard.restore(book);
  }

  private distrust(feed: string, reason: 'SILENT' | 'LAG'): void {
    this.record(decideFeedDown(this.shard, feed, reason));
    this.parts.requestRecovery(feed);
  }

  private record(drafts: readonly Draft[]): void {
    if (drafts.length === 0) return;
    const updates = this.shard.write(drafts, { in: this.decidedTo, at: this.parts.now() });
    this.unwritten.push(...updates);
    for (const update of updates) this.note(update);
  }

  private note(update: OddsUpdate): void {
    if (update.type === 'settlement') this.settlements.push(update);
    if (update.type !== 'market') return;
    this.dirty.store.add(update.id);
    this.dirty.cache.add(update.id);
    const book = this.shard.books.get(update.id);
    if (book) this.history.take(update, book);
  }

  private async write(): Promise<void> {
    if (this.unwritten.length === 0) return;
    const records = this.unwritten.map((update) => ({
      key: update.type === 'feed' ? update.feed : update.event,
      value: JSON.stringify(update),
      partition: this.partition,
    }));
    crashPoint('markets-before-append');
    const positions = await this.suspecting(() => this.parts.log.append(ODDS_MARKETS, records, { lease: this.lease }));
    crashPoint('markets-after-append');
    this.writtenTo = positions.at(-1) ?? this.writtenTo;
    this.spokeAt = this.parts.now();
    this.parts.onWritten?.(this.unwritten);
    this.unwritten = [];
  }

  /** Writes a beat when no record was written for a while. */
  private async beat(): Promise<void> {
    const at = this.parts.now();
    if (at - this.spokeAt < BEAT_EVERY_MS) return;
    const beat: ShardBeat = { type: 'beat', epoch: this.shard.epoch, seq: this.shard.seq, at };
    const positions = await this.suspecting(() =>
      this.parts.log.append(ODDS_MARKETS, [{ key: '', value: JSON.stringify(beat), partition: this.partition }], {
        lease: this.lease,
      }),
    );
    this.spokeAt = at;
    this.writtenTo = positions.at(-1) ?? this.writtenTo;
  }

  /** Redis may have lost its last second when it comes back. */
  private async hasLostEnd(): Promise<boolean> {
    if (!this.writtenTo) return false;
    const { last } = (await this.parts.log.bounds(ODDS_MARKETS))[this.partition] ?? {};
    return !last || this.parts.log.compare(last, this.writtenTo) < 0;
  }

  private async suspecting<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      this.suspect = true;
      throw error;
    }
  }

  private booksOf(ids: readonly string[]): MarketBook[] {
    return ids.flatMap((id) => this.shard.books.get(id) ?? []);
  }

  private forgetFinished(): void {
    const limit = this.parts.now() - KEEP_FINISHED_MS;
    for (const book of this.shard.books.values()) {
      if (!isOver(book) || book.at > limit || this.dirty.store.has(book.id)) continue;
      this.shard.forget(book.id);
      this.dirty.forgotten.add(book.id);
    }
  }

  private inTurn<T>(act: () => T | Promise<T>): Promise<T> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => undefined);
    return done;
  }
}
