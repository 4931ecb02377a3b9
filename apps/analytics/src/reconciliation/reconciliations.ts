import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { eventsOf, inputsOf, textLiteral } from '@paddock/metrics';
import type { Logger } from '@paddock/runtime';
import type { Interval } from '../queries/interval.js';
import type { SeriesContext } from '../queries/series-answer.js';
import type { Engine, Row } from '../store/engine.js';
import { lines, personsOf, WINDOW_MS } from '../store/store.js';
import { type BatchRow, BatchResults } from './batch-results.js';
import { type Cause, CAUSES, compareBatch, compareRecomputed, type Comparison, type WindowFacts } from './compare.js';
import { CutOvers } from './cut-overs.js';
import { isQuotient, isRecomputable, recompute } from './recompute.js';
import type { ReconciliationStatus } from './reconciliation-state.js';
import { readServed } from './served-windows.js';
import { type Split, splitOf, splitText, WHOLE } from './split.js';
import { addSplitColumn } from './split-column.js';

/** The source name of a recomputation, as opposed to an imported batch. */
export const RECOMPUTATION = 'recomputation';

/** A window that was compared. */
export interface ComparedWindow {
  metric: string;
  version: string;
  /** `recomputation`, or the name of an imported batch. */
  source: string;
  /** The part of the metric that was compared. */
  split: Split;
  start: number;
  end: number;
  expected: string | null;
  served: string | null;
  delta: string | null;
  cause: Cause;
  checkedAt: number;
}

/** How many windows of a version were compared, and when last. */
interface Tally {
  windows: number;
  different: number;
  checkedAt: number | null;
}

const MAX_TALLIES = 1_000;

const TABLE =
  'CREATE TABLE IF NOT EXISTS reconciliations (metric String, source String, version String, start UInt64, end UInt64, expected Nullable(String), served Nullable(String), delta Nullable(String), cause LowCardinality(String), batch UInt64, checked UInt64, split String)' +
  ' ENGINE = ReplacingMergeTree(checked) ORDER BY (metric, source, version, start, end, split)';
const COLUMNS = [
  'metric',
  'source',
  'version',
  'start',
  'end',
  'expected',
  'served',
  'delta',
  'cause',
  'batch',
  'checked',
  'split',
] as const;

const HOUR_MS = 3_600_000;
const MINUTES = HOUR_MS / WINDOW_MS;
const WINDOWS_AT_ONCE = 48;
/** Events may come between the two readings of a window; it is read again before a difference is recorded. */
const SETTLE_MS = 300;

/**
 * Compares the served figures with a recomputation, window by window. Separate SQL aggregates the raw events a second
 * time: for every closed hour that got events since its last comparison, and for the windows of an old batch while a
 * metric replaces it.
 */
export class Reconciliations {
  private readonly tallies = new LRUCache<string, Promise<Tally>>({ max: MAX_TALLIES });
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  private constructor(
    private readonly current: () => SeriesContext,
    private readonly logger: Logger,
    readonly batches: BatchResults,
    readonly cutOvers: CutOvers,
  ) {}

  static async open(current: () => SeriesContext, logger: Logger): Promise<Reconciliations> {
    const { engine } = current();
    await engine.run(TABLE);
    await addSplitColumn(engine, 'reconciliations', ['metric', 'source', 'version', 'start', 'end']);
    return new Reconciliations(current, logger, await BatchResults.open(engine), await CutOvers.open(engine));
  }

  /** Starts regular rounds, each `everyMs` after the end of the previous one. */
  start(everyMs: number): void {
    this.running ??= this.run(everyMs);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** The current state of a metric; `null` for one that is not defined. */
  async status(metric: string): Promise<ReconciliationStatus | null> {
    const { definitions } = this.current();
    const body = definitions.metric(metric);
    if (!body) return null;
    const authority = await this.cutOvers.authority(metric);
    if (!isRecomputable(body, definitions)) {
      const inputs = inputsOf(body);
      if (inputs.length === 0) return { state: 'DIRECT', windows: 0, different: 0, checkedAt: null, authority };
      const known = (await Promise.all(inputs.map(({ input }) => this.status(input.metric)))).filter(
        (status) => status !== null,
      );
      const state =
        (['DIFFERENT', 'UNCHECKED', 'EQUAL'] as const).find((one) => known.some((status) => status.state === one)) ??
        'DIRECT';
      return {
        state,
        windows: sum(known.map(({ windows }) => windows)),
        different: sum(known.map(({ different }) => different)),
        checkedAt: null,
        authority,
      };
    }
    const { windows, different, checkedAt } = await this.tally(metric);
    return {
      state: windows === 0 ? 'UNCHECKED' : different > 0 ? 'DIFFERENT' : 'EQUAL',
      windows,
      different,
      checkedAt,
      authority,
    };
  }

  /** Counts the compared windows. Every answer includes the counts, so they are cached until the next comparison. */
  private async tally(metric: string): Promise<Tally> {
    const version = this.version(metric);
    const key = JSON.stringify([metric, version]);
    const known = this.tallies.get(key) ?? readTally(this.current().engine, metric, version);
    this.tallies.set(key, known);
    // A failed reading is not cached.
    known.catch(() => this.tallies.peek(key) === known && this.tallies.delete(key));
    return known;
  }

  /** Compared windows, the newest first; of this version of the metric unless another source is asked for. */
  async windows(
    metric: string,
    { source, differentOnly, limit }: { source: string; differentOnly: boolean; limit: number },
  ): Promise<ComparedWindow[]> {
    const rows = await this.current().engine.select(
      `SELECT * FROM reconciliations FINAL WHERE metric = ${textLiteral(metric)} AND source = ${textLiteral(source)} AND version = ${textLiteral(this.version(metric))}${differentOnly ? " AND cause != 'NONE'" : ''} ORDER BY start DESC, split LIMIT ${limit}`,
    );
    return rows.map(toWindow);
  }

  /**
   * Compares the closed hours of a time range now, also those compared before; for the whole metric, or parts of it.
   * @returns how many
   */
  async compareNow(metric: string, { start, end }: Interval, splits: readonly Split[] = [WHOLE]): Promise<number> {
    const closed = this.closedBefore(metric);
    const windows: Interval[] = [];
    for (let at = Math.floor(start / HOUR_MS) * HOUR_MS; at < end && at + HOUR_MS <= closed; at += HOUR_MS)
      windows.push({ start: at, end: at + HOUR_MS });
    for (const split of splits) await this.compare(metric, windows, 0, split);
    return windows.length;
  }

  /** Compares the hours of every metric that got events. @returns how many windows */
  async compareDue(): Promise<number> {
    let compared = 0;
    for (const metric of this.current().definitions.metricKeys) {
      if (this.closing.signal.aborted) break;
      const due = await this.due(metric);
      if (due.windows.length > 0) await this.compare(metric, due.windows, due.batch);
      compared += due.windows.length;
    }
    return compared;
  }

  /** Compares the served figures with every row of an imported batch. */
  async compareBatch(metric: string, source: string): Promise<ComparedWindow[]> {
    const context = this.current();
    const rows = await this.batches.rows(metric, source);
    const body = context.definitions.metric(metric);
    const kind = { isQuotient: body !== undefined && isQuotient(body, context.definitions) };
    const compared: ComparedWindow[] = [];
    // Batches were made at different times; rows of one batch and one part of the metric are read together.
    for (const group of Map.groupBy(rows, (row) => `${row.takenAt} ${splitText(row.split)}`).values()) {
      const [{ takenAt, split } = { takenAt: 0, split: WHOLE }] = group;
      const served = await readServed(context, metric, group, split);
      const recomputed = await recompute(context, metric, group, takenAt, split);
      for (const [index, row] of group.entries()) {
        const again = recomputed[index];
        if (!again) continue;
        compared.push(
          this.window(
            metric,
            source,
            row,
            split,
            await compareBatch(row, again, served[index] ?? null, kind, () => this.facts(metric, row, split)),
          ),
        );
      }
    }
    await this.store(compared, 0);
    return compared;
  }

  /** Imports the result of a batch and compares with it. */
  async importBatch(metric: string, source: string, rows: readonly BatchRow[]): Promise<ComparedWindow[]> {
    await this.batches.store(metric, source, rows, this.current().now);
    return this.compareBatch(metric, source);
  }

  private async compare(
    metric: string,
    windows: readonly Interval[],
    batch: number,
    split: Split = WHOLE,
  ): Promise<void> {
    for (let from = 0; from < windows.length; from += WINDOWS_AT_ONCE) {
      const some = windows.slice(from, from + WINDOWS_AT_ONCE);
      let compared = await this.comparedOnce(metric, some, split);
      if (compared.some(({ cause }) => cause !== 'NONE')) {
        await delay(SETTLE_MS);
        compared = await this.comparedOnce(metric, some, split);
      }
      for (const { start, expected, served } of compared.filter(({ cause }) => cause === 'UNEXPLAINED'))
        this.logger.error(
          { metric, split: splitText(split), start: new Date(start).toISOString(), expected, served },
          'a metric serves another number than a recomputation gives',
        );
      await this.store(compared, batch);
    }
  }

  private async comparedOnce(metric: string, windows: readonly Interval[], split: Split): Promise<ComparedWindow[]> {
    const context = this.current();
    const [again, served] = await Promise.all([
      recompute(context, metric, windows, context.now, split),
      readServed(context, metric, windows, split),
    ]);
    return Promise.all(
      windows.map(async (window, index) => {
        const recomputed = again[index];
        if (!recomputed) throw new TypeError('there is one recomputation per window');
        return this.window(
          metric,
          RECOMPUTATION,
          window,
          split,
          await compareRecomputed(recomputed, served[index] ?? null, () => this.facts(metric, window, split)),
        );
      }),
    );
  }

  private async facts(metric: string, { start, end }: Interval, split: Split): Promise<WindowFacts> {
    const context = this.current();
    const body = context.definitions.metric(metric);
    const events = body ? eventsOf(body, context.definitions) : [];
    const rollup = context.rollups.find(context.metrics.current(metric)?.rollup ?? '');
    const pending =
      end > this.closedBefore(metric) ||
      [...(rollup?.pendingMinutes ?? [])].some((minute) => minute * WINDOW_MS >= start && minute * WINDOW_MS < end);
    const [row] = await context.engine.select(
      `SELECT count() AS n FROM quarantine FINAL WHERE state = 'OPEN' AND event IN (${events.map(textLiteral).join(', ') || "''"}) AND toUnixTimestamp64Milli(received) >= ${start} AND toUnixTimestamp64Milli(received) < ${end}`,
    );
    // The part of the metric that a refused event belongs to is unknown.
    return { pending, refused: split.length === 0 ? Number(row?.['n'] ?? 0) : 0 };
  }

  /** Closed hours that got events after their last comparison. */
  private async due(metric: string): Promise<{ windows: Interval[]; batch: number }> {
    const { definitions, engine } = this.current();
    const body = definitions.metric(metric);
    const closed = this.closedBefore(metric);
    if (!body || !isRecomputable(body, definitions) || !Number.isFinite(closed)) return { windows: [], batch: 0 };
    const events = eventsOf(body, definitions)
      .flatMap((event) => [event, personsOf(event)])
      .map(textLiteral)
      .join(', ');
    const rows = await engine.select(
      `SELECT t.hour AS hour, t.batch AS batch FROM (SELECT toUInt64(intDiv(minute, ${MINUTES})) AS hour, max(batch) AS batch FROM touched WHERE event IN (${events}) GROUP BY hour) AS t` +
        ` LEFT JOIN (SELECT intDiv(start, ${HOUR_MS}) AS hour, max(batch) AS batch FROM reconciliations WHERE metric = ${textLiteral(metric)} AND source = '${RECOMPUTATION}' AND version = ${textLiteral(this.version(metric))} GROUP BY hour) AS r ON r.hour = t.hour` +
        ` WHERE t.batch > r.batch AND (t.hour + 1) * ${HOUR_MS} <= ${closed} ORDER BY hour DESC LIMIT ${WINDOWS_AT_ONCE}`,
    );
    return {
      windows: rows.map(({ hour }) => ({ start: Number(hour) * HOUR_MS, end: (Number(hour) + 1) * HOUR_MS })),
      batch: rows.reduce((most, row) => Math.max(most, Number(row['batch'])), 0),
    };
  }

  private closedBefore(metric: string): number {
    const { definitions, sources, now } = this.current();
    const body = definitions.metric(metric);
    return body ? Math.min(...eventsOf(body, definitions).map((event) => sources.watermark(event, now))) : -Infinity;
  }

  /** Names the computation, so that a changed definition is compared again. */
  private version(metric: string): string {
    const { definitions, metrics } = this.current();
    const body = definitions.metric(metric);
    if (!body) return '';
    if (body.simple) return metrics.current(metric)?.rollup ?? '';
    return inputsOf(body)
      .map(({ input }) => this.version(input.metric))
      .join(' ');
  }

  private window(
    metric: string,
    source: string,
    { start, end }: Interval,
    split: Split,
    { expected, served, delta, cause }: Comparison,
  ): ComparedWindow {
    return {
      metric,
      source,
      version: this.version(metric),
      split,
      start,
      end,
      expected: expected?.toFixed() ?? null,
      served: served?.toFixed() ?? null,
      delta: delta?.toFixed() ?? null,
      cause,
      checkedAt: this.current().now,
    };
  }

  private async store(windows: readonly ComparedWindow[], batch: number): Promise<void> {
    if (windows.length === 0) return;
    const rows = windows.map(
      ({ metric, source, version, split, start, end, expected, served, delta, cause, checkedAt }) => [
        metric,
        source,
        version,
        start,
        end,
        expected,
        served,
        delta,
        cause,
        batch,
        checkedAt,
        splitText(split),
      ],
    );
    await this.current().engine.insert('reconciliations', COLUMNS, lines(rows));
    this.tallies.clear();
  }

  private async run(everyMs: number): Promise<void> {
    while (!this.closing.signal.aborted) {
      await delay(everyMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
      if (this.closing.signal.aborted) return;
      await this.compareDue().catch((error: unknown) =>
        this.logger.error({ err: error }, 'metrics could not be compared with their recomputation; it is tried again'),
      );
    }
  }
}

async function readTally(engine: Engine, metric: string, version: string): Promise<Tally> {
  const [row] = await engine.select(
    `SELECT count() AS n, countIf(cause != 'NONE') AS different, max(checked) AS checked FROM reconciliations FINAL WHERE metric = ${textLiteral(metric)} AND source = '${RECOMPUTATION}' AND version = ${textLiteral(version)}`,
  );
  const windows = Number(row?.['n'] ?? 0);
  return {
    windows,
    different: Number(row?.['different'] ?? 0),
    checkedAt: windows === 0 ? null : Number(row?.['checked']),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function toWindow(row: Row): ComparedWindow {
  const figure = (name: string): string | null => (row[name] === null ? null : String(row[name]));
  return {
    metric: String(row['metric']),
    source: String(row['source']),
    version: String(row['version']),
    split: splitOf(String(row['split'])),
    start: Number(row['start']),
    end: Number(row['end']),
    expected: figure('expected'),
    served: figure('served'),
    delta: figure('delta'),
    cause: CAUSES.find((cause) => cause === row['cause']) ?? 'UNEXPLAINED',
    checkedAt: Number(row['checked']),
  };
}
