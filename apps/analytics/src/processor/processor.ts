import type { EventLog, LogRecord, Member } from '#eventlog';
import { crashPoint, type Logger } from '#runtime';
import type { Deduplication, Division } from '../deduplication/deduplication.js';
import { BadChunk, type Chunk, decodeChunk } from '../log/chunk.js';
import { EVENTS_TOPIC, STORE_GROUP } from '../log/topic.js';
import { insertRows } from '../store/insert-rows.js';
import { rawTable } from '../store/raw-table.js';
import { lines, type Minute, type Store } from '../store/store.js';
import { QUARANTINE_COLUMNS, quarantineRow } from '../store/quarantine-rows.js';
import { splitLate } from './late-rows.js';
import type { Rollups } from './rollups.js';
import type { Sources } from './sources.js';

const RECORDS_AT_ONCE = 64;

/** What a processor has seen since it started. */
export interface ProcessorCounts {
  stored: number;
  /** Left out, since another event with their id is stored. */
  duplicates: number;
  refused: number;
  tooLate: number;
  poisoned: number;
}

/**
 * Moves events from the log into the store. Every step may be repeated after a crash: a batch says first which windows
 * it will change, then stores the events (those that are stored already are left out), and only then is acknowledged.
 */
export class Processor {
  /** Called with windows before events of them are stored, and again when they all are. */
  readonly listeners: ((event: string, minutes: readonly Minute[]) => void)[] = [];
  readonly counts: ProcessorCounts = { stored: 0, duplicates: 0, refused: 0, tooLate: 0, poisoned: 0 };
  private member: Member | undefined;
  private batch = 0;
  /** Partitions deliver side by side; the store takes one batch at a time, so that batches are complete in their order. */
  private tail: Promise<unknown> = Promise.resolve();
  private readonly clock: () => number;
  private readonly leaseMs: number | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly store: Store,
    private readonly sources: Sources,
    private readonly rollups: Rollups,
    private readonly deduplication: Deduplication,
    private readonly logger: Logger,
    { clock = Date.now, leaseMs }: { clock?: () => number; leaseMs?: number | undefined } = {},
  ) {
    this.clock = clock;
    this.leaseMs = leaseMs;
  }

  async start(): Promise<void> {
    this.batch = await this.store.lastBatch();
    // Whatever the last process left half done comes again from the log; what it finished counts.
    this.rollups.complete(this.batch);
    this.member = this.log.join(EVENTS_TOPIC, STORE_GROUP, {
      limit: RECORDS_AT_ONCE,
      ...(this.leaseMs === undefined ? {} : { leaseMs: this.leaseMs }),
      records: ({ records }) => this.inTurn(() => this.handle(records)),
      // Another process may have stored events of this partition meanwhile.
      assigned: () => this.inTurn(() => {
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

  /** Stores the events of some records of the log. */
  async handle(records: readonly LogRecord[]): Promise<void> {
    const chunks = records.flatMap((record) => this.decode(record));
    const batch = (this.batch += 1);
    const accepted = chunks.filter(({ kind }) => kind === 'events').map((chunk) => splitLate(chunk, this.sources.watermark(chunk.event, this.clock())));
    const refused = chunks.filter(({ kind }) => kind === 'refused').map(({ rows }) => rows);
    for (const { late } of accepted) {
      if (late) refused.push(late.rows);
      this.counts.tooLate += late?.count ?? 0;
    }
    const { fresh, repeated, ...left } = await this.deduplication.divide(accepted.map(({ onTime }) => onTime));
    refused.push(...(await this.storeFresh(fresh, batch)));
    await this.leaveOut(left);
    const stored = [...fresh];
    if (repeated.length > 0) {
      // Only now does the store say of each whether the event that it repeats was taken.
      const again = await this.deduplication.divide(repeated, { repeats: true });
      refused.push(...(await this.storeFresh(again.fresh, batch)));
      await this.leaveOut(again);
      stored.push(...again.fresh);
    }
    crashPoint('analytics.stored');
    if (refused.length > 0) await this.store.engine.insert('quarantine', QUARANTINE_COLUMNS, joinRows(refused));
    this.counts.refused += chunks.filter(({ kind }) => kind === 'refused').reduce((sum, { count }) => sum + count, 0);
    this.rollups.complete(batch);
    for (const chunk of stored) {
      this.observe(chunk);
      this.tell(chunk.event, chunk.minutes);
      this.counts.stored += chunk.count;
    }
    crashPoint('analytics.before-acknowledgement');
  }

  /** Stores events that count. @returns rows for the quarantine, of events that the store refuses */
  private async storeFresh(chunks: readonly Chunk[], batch: number): Promise<Buffer[]> {
    await this.announce(chunks, batch);
    crashPoint('analytics.announced');
    const refused: Buffer[] = [];
    for (const group of groupChunks(chunks)) refused.push(...(await this.storeGroup(group)));
    return refused;
  }

  private async leaveOut({ duplicates, replayed }: Pick<Division, 'duplicates' | 'replayed'>): Promise<void> {
    await this.store.keepRepetitions(duplicates);
    this.counts.duplicates += duplicates.length;
    this.counts.stored += replayed;
  }

  private decode(record: LogRecord): Chunk[] {
    try {
      return [decodeChunk(record.value)];
    } catch (error) {
      if (!(error instanceof BadChunk)) throw error;
      // Nothing in it can be stored, now or later: to stop here would keep all others waiting.
      this.logger.error({ err: error, partition: record.partition, position: record.position }, 'a record of the log is no chunk of events');
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
      this.tell(event, [...minutes]);
    }
    await this.store.touch([...windows].flatMap(([event, minutes]) => [...minutes].map((minute) => ({ event, minute }))), batch);
  }

  private async storeGroup({ event, columns, rows }: ChunkGroup): Promise<Buffer[]> {
    const poisoned = await insertRows(this.store.engine, rawTable(event), columns, joinRows(rows));
    this.counts.poisoned += poisoned.length;
    this.counts.stored -= poisoned.length;
    return poisoned.map(({ row, reason }) => lines([quarantineRow({ event, columns, row, code: 'STORE_REFUSED', message: reason, receivedAt: this.clock() })]));
  }

  private tell(event: string, minutes: readonly Minute[]): void {
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

interface ChunkGroup {
  event: string;
  columns: readonly string[];
  rows: Buffer[];
}

/** Few large inserts instead of many small ones. */
function groupChunks(chunks: readonly Chunk[]): ChunkGroup[] {
  const groups = new Map<string, ChunkGroup>();
  for (const { event, columns, rows, count } of chunks) {
    if (count === 0) continue;
    const key = `${event} ${columns.join()}`;
    const group = groups.get(key) ?? { event, columns, rows: [] };
    groups.set(key, group);
    group.rows.push(rows);
  }
  return [...groups.values()];
}

function joinRows(rows: readonly Buffer[]): Buffer {
  const newline = Buffer.from('\n');
  return Buffer.concat(rows.flatMap((chunk, index) => (index === 0 ? [chunk] : [newline, chunk])));
}
