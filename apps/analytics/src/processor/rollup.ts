import {
  type CompiledSimple,
  type DimensionCell,
  hidden,
  insertIntoRollup,
  MISSING_CELL,
  rollupColumns,
  selectAs,
  textLiteral,
} from '@paddock/metrics';
import { rawTable } from '../store/raw-table.js';
import type { Minute, Store } from '../store/store.js';
import { HourStates, scopesOf } from './hour-states.js';
import { minuteCondition, minuteRanges } from './minute-ranges.js';

/** A window with events that its rollup lacks. */
interface Pending {
  /** The last batch that changed it. */
  batch: number;
  firstTouched: number;
  lastTouched: number;
}

/** A window that keeps getting events is recomputed after this much quiet time, */
const QUIET_MS = 300;
/** or after this long at the latest. */
const IMPATIENT_MS = 5_000;
const WINDOWS_AT_ONCE = 1_440;

/**
 * One simple metric by the minute, computed from raw events. A covered window has the rows that a recomputation would
 * give; a pending window is read from raw events. So answers are exact at any moment, and a crash costs time but no
 * accuracy.
 */
export class Rollup {
  private readonly pending = new Map<Minute, Pending>();
  private readonly kept = new Map<string, DimensionCell[]>();

  private constructor(
    readonly name: string,
    readonly compiled: CompiledSimple,
    private readonly store: Store,
    /** The same by the hour, where hours are kept. */
    readonly hours: HourStates | undefined,
  ) {}

  /** Opens or creates a rollup; windows that it lacks are pending. */
  static async open(store: Store, name: string, compiled: CompiledSimple): Promise<Rollup> {
    const rollup = new Rollup(name, compiled, store, await HourStates.open(store, name, compiled));
    const dimensions = compiled.dimensions.map(({ column }) => column);
    await store.engine.run(
      `CREATE TABLE IF NOT EXISTS ${name} (${rollupColumns(compiled).join(', ')}) ENGINE = ReplacingMergeTree(batch)` +
        ` PARTITION BY toYear(w) ORDER BY (${['w', ...dimensions].join(', ')})`,
    );
    for (const { name: dimension } of compiled.dimensions)
      rollup.kept.set(dimension, await store.keptCells(name, dimension));
    const outdated = await store.outdated(scopesOf(compiled), name);
    for (const [minute, batch] of outdated) rollup.pending.set(minute, { batch, firstTouched: 0, lastTouched: 0 });
    return rollup;
  }

  /** Windows that are to be read from raw events. */
  get pendingMinutes(): Iterable<Minute> {
    return this.pending.keys();
  }

  pendingCount(before: Minute): number {
    let count = 0;
    for (const minute of this.pending.keys()) if (minute < before) count += 1;
    return count;
  }

  touch(minutes: readonly Minute[], batch: number, now: number): void {
    this.hours?.touch(minutes, batch, now);
    for (const minute of minutes) {
      const known = this.pending.get(minute);
      this.pending.set(minute, { batch, firstTouched: known?.firstTouched ?? now, lastTouched: now });
    }
  }

  /**
   * The cells that are kept apart, by dimension; a dimension below its limit is absent, because all its cells are kept
   * apart.
   */
  get keptCells(): ReadonlyMap<string, readonly DimensionCell[]> {
    return new Map(
      this.compiled.dimensions
        .filter(({ name, maxCardinality }) => (this.kept.get(name)?.length ?? 0) >= maxCardinality)
        .map(({ name }) => [name, this.kept.get(name) ?? []]),
    );
  }

  /** The most rows that one window can have. */
  get cells(): number {
    return this.compiled.dimensions.reduce(
      (product, { name }) => product * ((this.kept.get(name)?.length ?? 0) + 2),
      1,
    );
  }

  /**
   * Computes pending windows before `before`, newest first, from all batches up to `completed`; then hours of them.
   * @returns how many windows were computed
   */
  async advance(before: Minute, completed: number, now: number): Promise<number> {
    const minutes = await this.advanceMinutes(before, completed, now);
    return minutes + ((await this.hours?.advance(before, this.pending.keys(), now)) ?? 0);
  }

  private async advanceMinutes(before: Minute, completed: number, now: number): Promise<number> {
    const due = this.due(before, now);
    if (due.length === 0) return 0;
    const during = minuteCondition(minuteRanges(due));
    await this.admitCells(during);
    const query = {
      table: rawTable(this.compiled.event),
      during,
      cell: '_minute',
      dimensions: this.compiled.dimensions.map(({ name }) => name),
      kept: this.keptCells,
    };
    await this.store.engine.run(insertIntoRollup(this.compiled, this.name, query, completed));
    await this.store.markComputed(this.name, due, completed);
    for (const minute of due) {
      // A batch in progress may have been read in part, so the window is computed again.
      if ((this.pending.get(minute)?.batch ?? 0) <= completed) this.pending.delete(minute);
    }
    return due.length;
  }

  /**
   * Gives unseen values a cell of their own, most frequent first, while there is room. Cells are never withdrawn: a
   * value that is "other" in one window and itself in the next would make neither comparable.
   */
  async admitCells(during: string): Promise<void> {
    for (const { name, cell, maxCardinality } of this.compiled.dimensions) {
      const kept = this.kept.get(name) ?? [];
      const room = maxCardinality - kept.length;
      if (room <= 0) continue;
      const known = [MISSING_CELL, ...kept].map(textLiteral).join(', ');
      const [value, n] = [hidden('value'), hidden('n')];
      const rows = await this.store.engine.select(
        selectAs(
          { value: cell, n: 'count()' },
          `FROM ${rawTable(this.compiled.event)} WHERE ${during} AND ${this.compiled.condition} AND ${value} NOT IN (${known}) GROUP BY ${value} ORDER BY ${n} DESC, ${value} LIMIT ${room}`,
        ),
      );
      const cells = rows.map(({ value }) => String(value));
      await this.store.keepCells(this.name, name, cells);
      this.kept.set(name, [...kept, ...cells]);
    }
  }

  private due(before: Minute, now: number): Minute[] {
    const due: Minute[] = [];
    for (const [minute, { firstTouched, lastTouched }] of this.pending) {
      if (minute < before && (now - lastTouched >= QUIET_MS || now - firstTouched >= IMPATIENT_MS)) due.push(minute);
    }
    return due.sort((a, b) => b - a).slice(0, WINDOWS_AT_ONCE);
  }
}
