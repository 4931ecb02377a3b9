import { type CompiledSimple, hourColumns, insertIntoHours, needsHours } from '@paddock/metrics';
import { type Minute, personsOf, type Store } from '../store/store.js';
import { insideCondition, minuteRanges } from './minute-ranges.js';

/** The scopes whose windows affect a rollup. */
export function scopesOf({ event, persons }: CompiledSimple): string[] {
  return persons ? [event, personsOf(event)] : [event];
}

/** Hours since 1970. */
export type Hour = number;
export const MINUTES_PER_HOUR = 60;

/** An hour whose minutes changed since it was merged from them. */
interface Pending {
  batch: number;
  firstTouched: number;
  lastTouched: number;
}

/** Merging sixty minutes costs more than computing one, so late events are awaited: until this much quiet time, */
const QUIET_MS = 2_000;
/** or this long at most. */
const IMPATIENT_MS = 60_000;
const HOURS_AT_ONCE = 24;

/**
 * A rollup's minutes merged by the hour, for states that are expensive to merge when a query runs: a busy minute has
 * nearly the same users as the minute before. An hour is covered or pending, as a minute is. A pending hour is read by
 * its minutes, so the answer is the same either way.
 */
export class HourStates {
  private readonly pending = new Map<Hour, Pending>();

  private constructor(
    readonly table: string,
    private readonly rollup: string,
    private readonly compiled: CompiledSimple,
    private readonly store: Store,
  ) {}

  /** Opens or creates the hours of a rollup; `undefined` where minutes are good enough. */
  static async open(store: Store, rollup: string, compiled: CompiledSimple): Promise<HourStates | undefined> {
    if (!needsHours(compiled)) return undefined;
    const hours = new HourStates(`${rollup}_hours`, rollup, compiled, store);
    await store.engine.run(
      `CREATE TABLE IF NOT EXISTS ${hours.table} (${hourColumns(compiled).join(', ')}) ENGINE = ReplacingMergeTree(batch)` +
        ` PARTITION BY toYear(w) ORDER BY (${['w', ...compiled.dimensions.map(({ column }) => column)].join(', ')})`,
    );
    for (const [minute, batch] of await store.outdated(scopesOf(compiled), hours.table, MINUTES_PER_HOUR))
      hours.touch([minute], batch, 0);
    return hours;
  }

  get pendingHours(): Iterable<Hour> {
    return this.pending.keys();
  }

  touch(minutes: Iterable<Minute>, batch: number, now: number): void {
    for (const minute of minutes) {
      const hour = Math.floor(minute / MINUTES_PER_HOUR);
      this.pending.set(hour, { batch, firstTouched: this.pending.get(hour)?.firstTouched ?? now, lastTouched: now });
    }
  }

  /**
   * Merges pending hours that ended before `before`, newest first, and none of whose minutes is in `pendingMinutes`.
   * Minutes must not be computed meanwhile.
   * @returns how many hours were merged
   */
  async advance(before: Minute, pendingMinutes: Iterable<Minute>, now: number): Promise<number> {
    const due = this.due(before, now);
    if (due.size === 0) return 0;
    for (const minute of pendingMinutes) due.delete(Math.floor(minute / MINUTES_PER_HOUR));
    if (due.size === 0) return 0;
    const minutes = [...due.keys()].flatMap((hour) =>
      Array.from({ length: MINUTES_PER_HOUR }, (_, index) => hour * MINUTES_PER_HOUR + index),
    );
    const batch = Math.max(...[...due.values()].map((hour) => hour.batch));
    await this.store.engine.run(
      insertIntoHours(
        this.compiled,
        this.table,
        { table: this.rollup, during: insideCondition(minuteRanges(minutes)) },
        String(batch),
      ),
    );
    await this.store.markComputed(
      this.table,
      [...due.keys()].map((hour) => hour * MINUTES_PER_HOUR),
      batch,
    );
    // Hours touched meanwhile stay pending.
    for (const [hour, pending] of due) if (this.pending.get(hour) === pending) this.pending.delete(hour);
    return due.size;
  }

  private due(before: Minute, now: number): Map<Hour, Pending> {
    const due = [...this.pending].filter(
      ([hour, { firstTouched, lastTouched }]) =>
        (hour + 1) * MINUTES_PER_HOUR <= before &&
        (now - lastTouched >= QUIET_MS || now - firstTouched >= IMPATIENT_MS),
    );
    return new Map(due.sort(([a], [b]) => b - a).slice(0, HOURS_AT_ONCE));
  }
}
