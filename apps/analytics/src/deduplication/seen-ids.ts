import { IdTable, placesFor } from './id-table.js';
import { NO_MINUTE, type RowKeys } from './row-keys.js';
import type { StoredIds } from './stored-ids.js';

/** Ids expire in steps of this fraction of the window. */
const SPANS_PER_WINDOW = 4;
const FEWEST_IDS = 768;
/** Small tables grow fast, so that there are few of them to search; large ones less, so that little is left empty. */
const [FAST_GROWTH, SLOW_GROWTH] = [8, 2];
const [LARGE_PLACES, MOST_PLACES] = [2 ** 17, 2 ** 24];

/**
 * The ids of one event that were received since a certain time. Tables belong to spans of receipt, so that ids are
 * forgotten by dropping tables. It only says which ids may have been seen; the store decides.
 */
export class SeenIds {
  readonly spanMs: number;
  /** The last table of a span takes new ids. */
  private readonly spans = new Map<number, IdTable[]>();
  /** The tables that took ids of the current batch; the first is the one that takes them now. */
  private used: IdTable[] = [];
  private usedSpan = NaN;

  /** @param since receipts from here on are known, in milliseconds; those before may be missing */
  constructor(
    private readonly windowMs: number,
    public since: number,
  ) {
    this.spanMs = windowMs / SPANS_PER_WINDOW;
  }

  get count(): number {
    return this.tables.reduce((sum, { count }) => sum + count, 0);
  }

  get bytes(): number {
    return this.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  spanOf(receivedAt: number): number {
    return Math.floor(receivedAt / this.spanMs);
  }

  /** Begins a batch: {@link add} reports repetitions within it. */
  beginBatch(): void {
    this.used = [];
    this.usedSpan = NaN;
  }

  /** Adds an id. @returns whether the batch has it already */
  add(low: number, high: number, minute: number, span: number): boolean {
    let [table] = this.used;
    if (span !== this.usedSpan || !table?.hasRoomFor(1)) {
      table = this.tableOf(span);
      this.used = [table, ...this.used.filter((other) => other !== table)];
      this.usedSpan = span;
    }
    const known = table.add(low, high, minute);
    // Others take part only when a table was full, or a span ended, within the batch.
    return known || (this.used.length > 1 && this.used.some((other) => other !== table && other.has(low, high)));
  }

  /** Adds ids of stored events. */
  addStored({ hashes, minutes, spans }: StoredIds): void {
    for (let row = 0; row < minutes.length; row += 1) {
      this.tableOf(spans[row] ?? 0).add(hashes[2 * row] ?? 0, hashes[2 * row + 1] ?? 0, minutes[row] ?? 0);
    }
  }

  /** Makes room for ids of a span that are to come. */
  reserve(span: number, ids: number): void {
    this.spans.set(span, [...(this.spans.get(span) ?? []), new IdTable(Math.min(MOST_PLACES, placesFor(ids)))]);
  }

  /** The rows whose ids may have been seen. */
  suspects({ hashes, count, minutes }: RowKeys): Set<number> {
    const found = new Set<number>();
    for (const table of this.tables) {
      for (let row = 0; row < count; row += 1) {
        if (table.has(hashes[2 * row] ?? 0, hashes[2 * row + 1] ?? 0) && minutes[row] !== NO_MINUTE) found.add(row);
      }
    }
    return found;
  }

  /** The minutes that events of an id may have claimed. */
  collectMinutes(low: number, high: number, minutes: Set<number>): void {
    for (const table of this.tables) table.collectMinutes(low, high, minutes);
  }

  /** Drops ids that are older than the window. One more span is kept, because clocks differ. */
  forgetBefore(receivedAt: number): void {
    const first = this.spanOf(receivedAt - this.windowMs) - 1;
    for (const span of this.spans.keys()) if (span < first) this.spans.delete(span);
    this.since = Math.max(this.since, first * this.spanMs);
  }

  private tableOf(span: number): IdTable {
    const tables = this.spans.get(span) ?? [];
    const last = tables.at(-1);
    if (last?.hasRoomFor(1)) return last;
    const before = (this.spans.get(span - 1) ?? []).reduce((sum, { count }) => sum + count, 0);
    const places = last ? grown(last.places) : placesFor(Math.max(FEWEST_IDS, before));
    const table = new IdTable(Math.min(MOST_PLACES, places));
    this.spans.set(span, [...tables, table]);
    return table;
  }

  private get tables(): IdTable[] {
    return [...this.spans.values()].flat();
  }
}

function grown(places: number): number {
  return places * (places < LARGE_PLACES ? FAST_GROWTH : SLOW_GROWTH);
}
