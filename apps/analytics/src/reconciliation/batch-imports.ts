import { dimensionsOf, type Grain, type MetricBody } from '@paddock/metrics';
import { isTimeZone } from '@paddock/time-zones';
import { InvalidQuery, type QueryProblem, QueryReader } from '../queries/query-problems.js';
import type { SeriesContext } from '../queries/series-answer.js';
import { type CsvFormat, readBatchCsv } from './batch-csv.js';
import { type AskedBatchRow, type BatchRow, readBatchRows } from './batch-results.js';
import { type CutOver, type CutOverGate, cutOverGates } from './cut-overs.js';
import type { BatchSources } from './batch-sources.js';
import { type AskedBatchTable, placeIn, readBatchTable } from './batch-table.js';
import { isRecomputable } from './recompute.js';
import type { Authority, ReconciliationStatus } from './reconciliation-state.js';
import { type ComparedWindow, RECOMPUTATION, type Reconciliations } from './reconciliations.js';
import { largestParts } from './served-windows.js';
import { canBeHeld } from './split.js';

/** The result of a batch, not yet validated. */
export interface AskedBatch {
  metric: string;
  source: string;
  grain: string;
  timeZone?: string | null | undefined;
  takenAt: string;
  rows?: readonly AskedBatchRow[] | null | undefined;
  csv?: string | null | undefined;
  /** The format of the CSV, where it cannot be detected. */
  csvFormat?: CsvFormat | null | undefined;
  /** Instead of rows: a table of one of the databases in `ANALYTICS_BATCH_SOURCES`. */
  table?: (AskedBatchTable & { from?: string | null | undefined; to?: string | null | undefined }) | null | undefined;
}

/** A time range of a metric to compare now; with a dimension, its largest values apart and all others together. */
export interface AskedComparison {
  metric: string;
  from: string;
  to: string;
  dimension?: string | null | undefined;
  top?: number | null | undefined;
}

/** The reconciliation of a metric, as the API shows it. */
export interface ShownReconciliation {
  status: ReconciliationStatus;
  windows: ComparedWindow[];
  batches: string[];
  cutOvers: CutOver[];
}

const MAX_WINDOWS = 1_000;
const MAX_HOURS = 24 * 62;
const MAX_PARTS = 50;
const DEFAULT_PARTS = 10;
const SOURCE = /^[\w .:-]{1,100}$/;

/** @throws InvalidQuery */
async function readGiven(
  { rows, csv, csvFormat }: Pick<AskedBatch, 'rows' | 'csv' | 'csvFormat'>,
  calendar: { grain: Grain; timeZone: string; takenAt: number },
): Promise<BatchRow[]> {
  if (rows) return readBatchRows(rows, calendar);
  const file = await readBatchCsv(csv ?? '', csvFormat ?? {});
  return readBatchRows(file.rows, { ...calendar, place: file.place }, file.problems);
}

/** Moves a metric from the batch that it replaces to the stream. Validates each request and reports every mistake. */
export class BatchImports {
  constructor(
    private readonly current: () => SeriesContext,
    private readonly reconciliations: Reconciliations,
    private readonly sources: BatchSources,
  ) {}

  /** @throws InvalidQuery */
  async shown(
    metric: string,
    { source, differentOnly, limit }: { source?: string | null | undefined; differentOnly: boolean; limit: number },
  ): Promise<ShownReconciliation> {
    const reader = this.reader(metric);
    reader.integer('limit', limit, 1, MAX_WINDOWS);
    reader.done();
    const { reconciliations } = this;
    const status = await reconciliations.status(metric);
    if (!status) throw new TypeError('the metric was there');
    return {
      status,
      windows: await reconciliations.windows(metric, { source: source ?? RECOMPUTATION, differentOnly, limit }),
      batches: await reconciliations.batches.sources(metric),
      cutOvers: await reconciliations.cutOvers.history(metric),
    };
  }

  /** @throws InvalidQuery */
  async compareNow({ metric, from, to, dimension, top }: AskedComparison): Promise<void> {
    const reader = this.reader(metric);
    this.checkRecomputable(reader, metric);
    const range = reader.range(from, to);
    if (range && (range.end - range.start) / 3_600_000 > MAX_HOURS)
      reader.problem('from', 'OUT_OF_RANGE', `at most ${MAX_HOURS} hours can be compared at once`);
    const parts = reader.integer('top', top ?? DEFAULT_PARTS, 1, MAX_PARTS);
    if (dimension) this.checkDimension(reader, metric, dimension, 'dimension');
    reader.done();
    if (!range) return;
    const splits = dimension ? await largestParts(this.current(), metric, range, dimension, parts) : undefined;
    await this.reconciliations.compareNow(metric, range, splits);
  }

  /**
   * @param found mistakes that were found earlier
   * @throws InvalidQuery
   */
  async importBatch(
    { metric, source, grain, timeZone, takenAt, rows, csv, csvFormat, table }: AskedBatch,
    found: readonly QueryProblem[] = [],
  ): Promise<ComparedWindow[]> {
    const reader = this.reader(metric, found);
    this.checkRecomputable(reader, metric);
    if (!SOURCE.test(source) || source === RECOMPUTATION)
      reader.problem(
        'source',
        'INVALID_NAME',
        `must be a name of up to 100 letters, digits, spaces, and _ . : -, and not ${RECOMPUTATION}`,
      );
    const known = reader.grain(grain);
    const zone = reader.timeZone(timeZone ?? 'UTC');
    const taken = reader.instant('takenAt', takenAt);
    const [first, second] = [rows && 'rows', csv && 'csv', table && 'table'].filter(Boolean);
    if ((!first && !found.some(({ path }) => path === 'body')) || second)
      reader.problem(second || 'rows', 'EXACTLY_ONE', 'give one of rows, csv and table');
    const range = table ? { ...this.bound(reader, 'start', table.from), ...this.bound(reader, 'end', table.to) } : {};
    for (const [index, { name }] of (table?.dimensions ?? []).entries())
      this.checkDimension(reader, metric, name, `table.dimensions[${index}].name`);
    // Mistakes in rows are reported with all others, as far as they can be found without the metric.
    const said =
      first && !second && !table && known && isTimeZone(zone)
        ? await reader.alsoLater(() =>
            readGiven({ rows, csv, csvFormat }, { grain: known, timeZone: zone, takenAt: taken ?? 0 }),
          )
        : undefined;
    reader.done();
    if (!known || taken === undefined) throw new TypeError('a query without mistakes is complete');
    if (table)
      return this.reconciliations.importBatch(
        metric,
        source,
        await readBatchRows(await readBatchTable(this.sources, table, range, zone), {
          grain: known,
          timeZone: zone,
          takenAt: taken,
          place: placeIn(table),
        }),
      );
    return this.reconciliations.importBatch(metric, source, said ?? []);
  }

  /** @returns the gates that block the step; then nothing was changed. @throws InvalidQuery */
  async setAuthority(
    metric: string,
    authority: Authority,
    { reason, by }: { reason: string; by: string },
  ): Promise<CutOverGate[]> {
    const reader = this.reader(metric);
    if (reason.trim() === '' || reason.length > 1_000)
      reader.problem('reason', 'REQUIRED', 'must have 1 to 1,000 characters');
    reader.done();
    const { reconciliations } = this;
    const status = await reconciliations.status(metric);
    if (!status) throw new InvalidQuery([{ path: 'metric', code: 'UNKNOWN_METRIC', message: 'is gone' }]);
    const sources = await reconciliations.batches.sources(metric);
    const compared = (await Promise.all(sources.map((source) => reconciliations.compareBatch(metric, source)))).flat();
    const gates = cutOverGates(status.authority, authority, status, compared);
    if (gates.length === 0)
      await reconciliations.cutOvers.take(metric, { authority, at: this.current().now, by, reason });
    return gates;
  }

  private reader(metric: string, found: readonly QueryProblem[] = []): QueryReader {
    const reader = new QueryReader(this.current().definitions, found);
    reader.metric(metric);
    return reader;
  }

  private bound(
    reader: QueryReader,
    end: 'start' | 'end',
    text: string | null | undefined,
  ): { start?: number; end?: number } {
    const at = text ? reader.instant(end === 'start' ? 'table.from' : 'table.to', text) : undefined;
    return at === undefined ? {} : { [end]: at };
  }

  /** Checks that raw events can be filtered by the values of a dimension of the metric. */
  private checkDimension(reader: QueryReader, metric: string, name: string, path: string): void {
    const { definitions } = this.current();
    const body: MetricBody | undefined = definitions.metric(metric);
    if (!body) return;
    const known = dimensionsOf(body, definitions);
    if (!known.includes(name))
      reader.problem(
        path,
        'UNKNOWN_DIMENSION',
        `${metric} has no dimension ${JSON.stringify(name.slice(0, 100))}; it has ${known.join(', ') || 'none'}`,
      );
    else if (!canBeHeld(body, name, definitions))
      reader.problem(path, 'WRONG_TYPE', `${name} holds times, by which no part of ${metric} can be compared`);
  }

  private checkRecomputable(reader: QueryReader, metric: string): void {
    const { definitions } = this.current();
    const body = definitions.metric(metric);
    if (body && !isRecomputable(body, definitions))
      reader.problem(
        'metric',
        'NOT_RECOMPUTABLE',
        `${metric} is no sum of the events of a window: compare the metrics that it is made of`,
      );
  }
}
