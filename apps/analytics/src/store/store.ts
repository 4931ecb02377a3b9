import { COMPUTED_TABLE, textLiteral } from '@paddock/metrics';
import type { Engine } from './engine.js';
import { rowLine } from './row-lines.js';

/** The length of rollup windows, which is also the finest grain of finality. */
export const WINDOW_MS = 60_000;

/** Ids in one statement. */
const IDS_AT_ONCE = 5_000;

/** A window of one event: minutes since 1970. */
export type Minute = number;

/** The scope of an event's windows in which only the persons changed: metrics without persons are not affected. */
export function personsOf(event: string): string {
  return `${event}@persons`;
}

/** A refused event, as stored. */
export interface Refused {
  id: string;
  receivedAt: number;
  producer: string;
  event: string;
  contract: string;
  code: string;
  message: string;
  original: string;
  /** What `original` is: an event, a message of Segment's API, or the columns of a row. */
  format: 'event' | 'segment' | 'row';
  /** By how much its sender's clock was behind. */
  skewMs: number;
  bot: boolean;
}

/** An event that did not count: its claimed time and its receipt, in milliseconds. */
export interface Repetition {
  event: string;
  id: string;
  time: number;
  receivedAt: number;
}

const TABLES = [
  // The windows that got events, with the last such batch. A restart reads here which windows to recompute.
  'CREATE TABLE IF NOT EXISTS touched (event LowCardinality(String), minute UInt32, batch UInt64) ENGINE = ReplacingMergeTree(batch) ORDER BY (event, minute)',
  // Windows that got events after they were closed, with the watermark of that change.
  'CREATE TABLE IF NOT EXISTS revised (event LowCardinality(String), minute UInt32, at UInt64) ENGINE = ReplacingMergeTree(at) ORDER BY (event, minute)',
  `CREATE TABLE IF NOT EXISTS ${COMPUTED_TABLE} (rollup LowCardinality(String), minute UInt32, batch UInt64) ENGINE = ReplacingMergeTree(batch) ORDER BY (rollup, minute)`,
  // Events that did not count, because another one with their id did. A batch that counts copies has counted them.
  "CREATE TABLE IF NOT EXISTS repetitions (event LowCardinality(String), id String, time DateTime64(3, 'UTC'), received DateTime64(3, 'UTC')) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(received) ORDER BY (event, id, time, received)",
  'CREATE TABLE IF NOT EXISTS kept_cells (rollup LowCardinality(String), dimension LowCardinality(String), cell String) ENGINE = ReplacingMergeTree ORDER BY (rollup, dimension, cell)',
  "CREATE TABLE IF NOT EXISTS quarantine (id String, received DateTime64(3, 'UTC'), producer LowCardinality(String), event String, contract String, code LowCardinality(String), message String, original String, state LowCardinality(String), changed UInt64, format LowCardinality(String), skew Int32, bot Bool) ENGINE = ReplacingMergeTree(changed) ORDER BY id",
];

/** The tables that the processor keeps beside raw events and rollups. */
export class Store {
  private constructor(readonly engine: Engine) {}

  static async open(engine: Engine): Promise<Store> {
    for (const table of TABLES) await engine.run(table);
    return new Store(engine);
  }

  /** The last batch that was begun; 0 in an empty store. */
  async lastBatch(): Promise<number> {
    const [row] = await this.engine.select('SELECT max(batch) AS batch FROM touched');
    return Number(row?.['batch'] ?? 0);
  }

  /** Records which windows a batch will change, before its events are stored. */
  async touch(windows: readonly { event: string; minute: Minute }[], batch: number): Promise<void> {
    if (windows.length === 0) return;
    await this.engine.insert(
      'touched',
      ['event', 'minute', 'batch'],
      lines(windows.map(({ event, minute }) => [event, minute, batch])),
    );
  }

  /** The newest window that has events. */
  async newestMinute(event: string): Promise<Minute | undefined> {
    const [row] = await this.engine.select(
      `SELECT max(minute) AS minute, count() AS n FROM touched WHERE event = ${textLiteral(event)}`,
    );
    return Number(row?.['n'] ?? 0) === 0 ? undefined : Number(row?.['minute']);
  }

  /** The windows of an event (and of its persons, {@link personsOf}), of `length` minutes each, that a rollup does not cover, or that got events since it was computed; with the last batch. */
  async outdated(scopes: readonly string[], rollup: string, length = 1): Promise<Map<Minute, number>> {
    const rows = await this.engine.select(
      `SELECT t.start AS minute, t.batch AS batch FROM (SELECT toUInt32(minute - minute % ${length}) AS start, max(batch) AS batch FROM touched WHERE event IN (${scopes.map(textLiteral).join(', ')}) GROUP BY start) AS t` +
        ` LEFT JOIN (SELECT minute, max(batch) AS batch FROM ${COMPUTED_TABLE} WHERE rollup = ${textLiteral(rollup)} GROUP BY minute) AS c ON c.minute = t.start WHERE c.batch < t.batch`,
    );
    return new Map(rows.map(({ minute, batch }) => [Number(minute), Number(batch)]));
  }

  /** Records that closed windows change, before the events are stored. */
  async revise(event: string, minutes: readonly Minute[], at: number): Promise<void> {
    await this.engine.insert(
      'revised',
      ['event', 'minute', 'at'],
      lines(minutes.map((minute) => [event, minute, Math.round(at)])),
    );
  }

  /** Windows that changed after they were closed, at a watermark after `after`, each with the last such watermark. */
  async revisedSince(event: string, after: number): Promise<Map<Minute, number>> {
    const rows = await this.engine.select(
      `SELECT minute, max(at) AS last FROM revised WHERE event = ${textLiteral(event)} GROUP BY minute HAVING last > ${Math.max(0, Math.round(after))}`,
    );
    return new Map(rows.map(({ minute, last }) => [Number(minute), Number(last)]));
  }

  /** Stores events that did not count, because another one with their id did. */
  async keepRepetitions(repetitions: readonly Repetition[]): Promise<void> {
    if (repetitions.length === 0) return;
    await this.engine.insert(
      'repetitions',
      ['event', 'id', 'time', 'received'],
      lines(repetitions.map(({ event, id, time, receivedAt }) => [event, id, time, receivedAt])),
    );
  }

  /** The windows in which events of a raw table carry one of these ids. */
  async minutesAbout(table: string, ids: readonly string[]): Promise<Minute[]> {
    const found = new Set<Minute>();
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const some = ids
        .slice(start, start + IDS_AT_ONCE)
        .map(textLiteral)
        .join(', ');
      for (const row of await this.engine.select(
        `SELECT DISTINCT intDiv(toUnixTimestamp64Milli(_time), ${WINDOW_MS}) AS minute FROM ${table} WHERE _user IN (${some})`,
      ))
        found.add(Number(row['minute']));
    }
    return [...found];
  }

  async markComputed(rollup: string, minutes: readonly Minute[], batch: number): Promise<void> {
    await this.engine.insert(
      COMPUTED_TABLE,
      ['rollup', 'minute', 'batch'],
      lines(minutes.map((minute) => [rollup, minute, batch])),
    );
  }

  async keptCells(rollup: string, dimension: string): Promise<string[]> {
    const rows = await this.engine.select(
      `SELECT DISTINCT cell FROM kept_cells WHERE rollup = ${textLiteral(rollup)} AND dimension = ${textLiteral(dimension)}`,
    );
    return rows.map(({ cell }) => String(cell));
  }

  async keepCells(rollup: string, dimension: string, cells: readonly string[]): Promise<void> {
    if (cells.length > 0)
      await this.engine.insert(
        'kept_cells',
        ['rollup', 'dimension', 'cell'],
        lines(cells.map((cell) => [rollup, dimension, cell])),
      );
  }
}

/** Rows for {@link Engine.insert}. */
export function lines(rows: readonly (readonly unknown[])[]): Buffer {
  return Buffer.from(rows.map(rowLine).join('\n'));
}
