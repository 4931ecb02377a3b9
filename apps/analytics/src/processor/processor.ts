import type { EventLog, LogRecord, Member } from '@paddock/eventlog';
import { crashPoint, type Logger } from '@paddock/runtime';
import type { Deduplication, Division } from '../deduplication/deduplication.js';
import type { Identities } from '../identity/identities.js';
import { linksOf } from '../identity/link.js';
import { BadChunk, type Chunk, decodeChunk } from '../log/chunk.js';
import { EVENTS_TOPIC, STORE_GROUP } from '../log/topic.js';
import { insertRows } from '../store/insert-rows.js';
import { rawTable } from '../store/raw-table.js';
import { lines, type Minute, personsOf, type Store } from '../store/store.js';
import { QUARANTINE_COLUMNS, quarantineRow } from '../store/quarantine-rows.js';
import { type ChunkGroup, groupChunks, joinRows } from './chunk-groups.js';
import { splitLate } from './late-rows.js';
import type { Rollups } from './rollups.js';
import type { Sources } from './sources.js';

const RECORDS_AT_ONCE = 64;

/** Records that a partition has delivered, and the promise of their storage. */
interface Delivery {
  readonly records: readonly LogRecord[];
  readonly stored: () => void;
  readonly failed: (reason: unknown) => void;
}

/** Counters since the processor started. */
export interface ProcessorCounts {
  stored: number;
  /** Left out, since another event with their id is stored. */
  duplicates: number;
  refused: number;
  tooLate: number;
  poisoned: number;
}

/**
 * Moves events from the log into the store. Every step may be repeated after a crash: a batch first marks the windows
 * it will change, then stores the events (except those already stored), and only then acknowledges.
 */
export class Processor {
  /** Called with windows before events of them are stored, and again when they all are. */
  readonly listeners: ((event: string, minutes: readonly Minute[]) => void)[] = [];
  /** Called with each batch of events that queries count from now on, and the time. */
  readonly storedListeners: ((chunk: Pick<Chunk, 'newest' | 'receivedAt'>, now: number) => void)[] = [];
  /** Records of the log that were no events. */
  unreadableRecords = 0;
  readonly counts: ProcessorCounts = { stored: 0, duplicates: 0, refused: 0, tooLate: 0, poisoned: 0 };
  private member: Member | undefined;
  private batch = 0;
  /** Partitions deliver side by side; the store takes one batch at a time, so that batches are complete in their order. */
  private tail: Promise<unknown> = Promise.resolve();
  private waiting: Delivery[] = [];
  private readonly clock: () => number;
  private readonly leaseMs: number | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly store: Store,
    private readonly sources: Sources,
    private readonly rollups: Rollups,
    private readonly deduplication: Deduplication,
    private readonly identities: Identities,
    private readonly logger: Logger,
    { clock = Date.now, leaseMs }: { clock?: () => number; leaseMs?: number | undefined } = {},
  ) {
    this.clock = clock;
    this.leaseMs = leaseMs;
  }

  async start(): Promise<void> {
    this.batch = await this.store.lastBatch();
    // Batches that the last process stored are complete; the log delivers the unfinished one again.
    this.rollups.complete(this.batch);
    this.member = this.log.join(EVENTS_TOPIC, STORE_GROUP, {
      limit: RECORDS_AT_ONCE,
      ...(this.leaseMs === undefined ? {} : { leaseMs: this.leaseMs }),
      records: ({ records }) => this.deliver(records),
      // Another process may have stored events of this partition meanwhile.
      assigned: () =>
        this.inTurn(() => {
          this.deduplication.forget();
          return Promise.resolve(undefined);
        }),
      lost: (partition) => this.logger.error({ partition }, 'events were removed from the log before they were stored'),
      onError: (error) => this.logger.error({ err: error }, 'events could not be stored; they are tried again'),
    });
  }

  async close(): Promise<void> {
    await this.member?.leave();
    await this.tail;
  }

  /** Waits for the batch that stores these records. */
  private deliver(records: readonly LogRecord[]): Promise<void> {
    return new Promise((stored, failed) => {
      this.waiting.push({ records, stored, failed });
      void this.inTurn(() => this.storeWaiting());
    });
  }

  /**
   * Deliveries that arrive while a batch is stored form the next batch, because a batch costs a dozen statements
   * whatever its size. When it fails, each delivery is tried alone, so that one does not hold up the others.
   */
  private async storeWaiting(): Promise<void> {
    const deliveries = this.waiting.splice(0);
    if (deliveries.length > 1) {
      try {
        await this.handle(deliveries.flatMap(({ records }) => records));
        for (const { stored } of deliveries) stored();
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'a batch of several partitions could not be stored; each is tried apart');
      }
    }
    for (const { records, stored, failed } of deliveries) await this.handle(records).then(stored, failed);
  }

  /** Stores the events of some records of the log. */
  async handle(records: readonly LogRecord[]): Promise<void> {
    const chunks = records.flatMap((record) => this.decode(record));
    const batch = (this.batch += 1);
    const accepted = chunks
      .filter(({ kind }) => kind === 'events')
      .map((chunk) => splitLate(chunk, this.sources.watermark(chunk.event, this.clock())));
    const refused = chunks.filter(({ kind }) => kind === 'refused').map(({ rows }) => rows);
    for (const { late } of accepted) {
      if (late) refused.push(late.rows);
      this.counts.tooLate += late?.count ?? 0;
    }
    const { stored, refused: unreadable } = await this.storeOnce(
      accepted.map(({ onTime }) => onTime),
      batch,
    );
    refused.push(...unreadable);
    const regrouped = await this.learn(
      chunks.filter(({ kind }) => kind === 'links'),
      batch,
    );
    crashPoint('analytics.stored');
    if (refused.length > 0) await this.store.engine.insert('quarantine', QUARANTINE_COLUMNS, joinRows(refused));
    this.counts.refused += chunks.filter(({ kind }) => kind === 'refused').reduce((sum, { count }) => sum + count, 0);
    this.rollups.complete(batch);
    for (const { event, minutes } of regrouped) this.notifyListeners(event, minutes);
    for (const chunk of stored) {
      this.observe(chunk);
      this.notifyListeners(chunk.event, chunk.minutes);
      this.counts.stored += chunk.count;
      for (const listener of this.storedListeners) listener(chunk, this.clock());
    }
    crashPoint('analytics.before-acknowledgement');
  }

  /** Stores those events whose ids are not stored yet. */
  private async storeOnce(chunks: readonly Chunk[], batch: number): Promise<{ stored: Chunk[]; refused: Buffer[] }> {
    const division = await this.deduplication.divide(chunks);
    const refused = await this.storeDivision(division, batch);
    if (division.repeated.length === 0) return { stored: division.fresh, refused };
    // Only now can the store say for each of these whether the repeated event was stored.
    const again = await this.deduplication.divide(division.repeated, { repeats: true });
    const more = await this.storeDivision(again, batch);
    return { stored: [...division.fresh, ...again.fresh], refused: [...refused, ...more] };
  }

  /**
   * Stores the events that count and records those that do not.
   * @returns rows for the quarantine, which the store refused
   */
  private async storeDivision({ fresh, duplicates, replayed }: Division, batch: number): Promise<Buffer[]> {
    await this.announce(fresh, batch);
    crashPoint('analytics.announced');
    const refused: Buffer[] = [];
    for (const group of groupChunks(fresh)) refused.push(...(await this.storeGroup(group)));
    await this.store.keepRepetitions(duplicates);
    this.counts.duplicates += duplicates.length;
    this.counts.stored += replayed;
    return refused;
  }

  private decode(record: LogRecord): Chunk[] {
    try {
      return [decodeChunk(record.value)];
    } catch (error) {
      if (!(error instanceof BadChunk)) throw error;
      // Nothing in it can ever be stored, and stopping here would block all other records.
      this.unreadableRecords += 1;
      this.logger.error(
        { err: error, partition: record.partition, position: record.position },
        'a record of the log is no chunk of events',
      );
      return [];
    }
  }

  private async announce(chunks: readonly Chunk[], batch: number): Promise<void> {
    const windows = new Map<string, Set<Minute>>();
    for (const { event, minutes } of chunks) {
      const known = windows.get(event) ?? new Set();
      windows.set(event, known);
      for (const minute of minutes) known.add(minute);
    }
    for (const [event, minutes] of windows) {
      await this.sources.revise(event, [...minutes], this.clock());
      this.rollups.touch(event, [...minutes], batch);
      this.notifyListeners(event, [...minutes]);
    }
    await this.store.touch(
      [...windows].flatMap(([event, minutes]) => [...minutes].map((minute) => ({ event, minute }))),
      batch,
    );
  }

  /** Stores identity links. Windows with an event whose person changes are announced first. */
  private async learn(chunks: readonly Chunk[], batch: number): Promise<{ event: string; minutes: Minute[] }[]> {
    const regrouped: { event: string; minutes: Minute[] }[] = [];
    await this.identities.learn(
      chunks.flatMap(({ rows }) => linksOf(rows)),
      async (ids) => {
        for (const event of this.sources.events) {
          const minutes = await this.store.minutesAbout(rawTable(event), ids);
          if (minutes.length === 0) continue;
          regrouped.push({ event, minutes });
          await this.sources.revise(event, minutes, this.clock(), { persons: true });
          this.rollups.touch(personsOf(event), minutes, batch);
          this.notifyListeners(event, minutes);
          await this.store.touch(
            minutes.map((minute) => ({ event: personsOf(event), minute })),
            batch,
          );
        }
        crashPoint('analytics.regrouped');
      },
    );
    return regrouped;
  }

  private async storeGroup({ event, columns, rows }: ChunkGroup): Promise<Buffer[]> {
    const poisoned = await insertRows(this.store.engine, rawTable(event), columns, joinRows(rows));
    this.counts.poisoned += poisoned.length;
    this.counts.stored -= poisoned.length;
    return poisoned.map(({ row, reason }) =>
      lines([quarantineRow({ event, columns, row, code: 'STORE_REFUSED', message: reason, receivedAt: this.clock() })]),
    );
  }

  private notifyListeners(event: string, minutes: readonly Minute[]): void {
    for (const listener of this.listeners) listener(event, minutes);
  }

  private observe({ event, minutes, newest, receivedAt }: Chunk): void {
    if (minutes.length > 0) this.sources.observe(event, newest, receivedAt, this.clock());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(work);
    this.tail = turn.catch(() => undefined);
    return turn;
  }
}
