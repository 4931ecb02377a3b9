import type { Landing } from '@paddock/live-config';
import { bucketStart, eventsOf, metricsWithin, simpleMetrics } from '@paddock/metrics';
import { type AnswerCache } from './answer-cache.js';
import { type AskedExploration, checkExploration, explore } from './explore.js';
import { type FunnelAnswer, readFunnel } from './funnel.js';
import { answerSeries, type AnsweredSeries, type AskedSeries, checkSeries, dependencySpan } from './metric-series.js';
import { InvalidQuery, type QueryProblem, QueryReader } from './query-problems.js';
import { type Cohort, readRetention } from './retention.js';
import { UnanswerableQuery, type SeriesContext } from './series-answer.js';

/** The freshness of an answer: how far its events have arrived. */
export interface Freshness {
  /** All events before it are taken to have arrived, in milliseconds; `null` before the first one. */
  watermark: number | null;
  /** How far the watermark is behind the clock. */
  lagMs: number | null;
}

/** The most frequent values of a field. */
export interface TopValuesAnswer {
  values: { value: string | null; count: number }[];
  other: number;
  total: number;
}

export interface AskedTopValues {
  event: string;
  field: string;
  from: string;
  to: string;
  filter?: unknown;
  limit?: number | null | undefined;
}

export interface AskedFunnel {
  metric: string;
  from: string;
  to: string;
  timeZone?: string | null | undefined;
  breakdown?: string | null | undefined;
}

/** Which definition of a metric answered. */
export interface AnsweringVersion {
  metric: string;
  /** Absent where the definition came without a release, or its release is no longer kept. */
  landing: Landing | undefined;
  /** Names what is computed: equal names, equal numbers. Absent for metrics that are computed from others. */
  computation: string | undefined;
}

/** A series with its provenance. */
export interface Answered {
  answer: AnsweredSeries;
  /** The metric and those that it is made of, itself first. */
  versions: AnsweringVersion[];
  /** A changed definition is being computed and does not answer yet. */
  catchingUp: boolean;
  freshness: Freshness;
}

/** Kinds of queries and their outcomes: answered, refused as invalid, or failed. */
export type QueryKind = 'series' | 'explore' | 'topValues' | 'funnel' | 'retention';
export type QueryOutcome = 'answered' | 'refused' | 'failed';

/** Answers queries of metrics and events. Each query is validated, and equal queries are computed once. */
export class Queries {
  /** Called after each query, with its duration in milliseconds. */
  readonly listeners: ((query: QueryKind, outcome: QueryOutcome, ms: number) => void)[] = [];

  constructor(
    private readonly current: () => SeriesContext,
    readonly cache: AnswerCache,
  ) {}

  /** @throws InvalidQuery */
  series(asked: AskedSeries, found: readonly QueryProblem[] = []): Promise<Answered> {
    return this.answering('series', async (context) => {
      const checked = checkSeries(context, asked, found);
      const events = eventsOf(checked.body, context.definitions);
      const span = dependencySpan(checked, (metric) => context.definitions.metric(metric));
      const from = bucketStart(checked.range.start, checked.grain, checked.timeZone);
      const stamps = events.map((event) => context.sources.stamp(event, checked.range.end, context.now));
      const simple = simpleMetrics(checked.metric, context.definitions);
      const versions = metricsWithin(checked.metric, context.definitions).map((metric) => versionOf(context, metric));
      const computations = versions.flatMap(({ computation }) => computation ?? []);
      const key = JSON.stringify([
        checked.metric,
        checked.body,
        computations,
        from,
        checked.range.end,
        checked.grain,
        checked.timeZone,
        checked.dimensions,
        checked.filter,
        checked.compareTo,
        checked.limit,
        stamps,
      ]);
      const answer = await this.cache.read(key, { events, span }, isSeries, () => answerSeries(context, checked));
      return {
        answer,
        versions,
        catchingUp: simple.some((metric) => context.metrics.next(metric) !== undefined),
        freshness: this.freshness(events),
      };
    });
  }

  /** @throws InvalidQuery */
  explore(asked: AskedExploration): Promise<Answered> {
    return this.answering('explore', async (context) => {
      const answer = await explore(context, checkExploration(context, asked));
      return { answer, versions: [], catchingUp: false, freshness: this.freshness(answer.events) };
    });
  }

  /**
   * The most frequent values of a field, with how many events have any other.
   * @throws InvalidQuery
   */
  topValues({ event, field, from, to, filter, limit }: AskedTopValues): Promise<TopValuesAnswer> {
    return this.answering('topValues', async (context) => {
      const checked = checkExploration(context, {
        measure: { event, agg: 'count' },
        from,
        to,
        grain: 'year',
        dimensions: [field],
        filter,
        limit,
      });
      const { rows } = await explore(context, { ...checked, whole: true });
      const counted = rows.map(({ dimensions: [cell], values: [count] }) => ({
        kind: cell?.kind,
        value: cell?.value ?? null,
        count: count?.toNumber() ?? 0,
      }));
      const sum = (list: readonly { count: number }[]): number => list.reduce((total, { count }) => total + count, 0);
      return {
        values: counted.filter(({ kind }) => kind !== 'OTHER'),
        other: sum(counted.filter(({ kind }) => kind === 'OTHER')),
        total: sum(counted),
      };
    });
  }

  /** @throws InvalidQuery */
  funnel({ metric, from, to, timeZone, breakdown }: AskedFunnel): Promise<FunnelAnswer> {
    return this.answering('funnel', (context) => {
      const reader = new QueryReader(context.definitions);
      const body = reader.metric(metric);
      const range = reader.range(from, to);
      const zone = reader.timeZone(timeZone ?? body?.serving?.timeZone ?? 'UTC');
      reader.done();
      return readFunnel(context, {
        metric,
        range: range ?? { start: 0, end: 0 },
        timeZone: zone,
        ...(breakdown ? { breakdown } : {}),
      });
    });
  }

  /** @throws InvalidQuery */
  retention({
    metric,
    from,
    to,
    timeZone,
  }: {
    metric: string;
    from: string;
    to: string;
    timeZone?: string | null | undefined;
  }): Promise<Cohort[]> {
    return this.answering('retention', (context) => {
      const reader = new QueryReader(context.definitions);
      const body = reader.metric(metric);
      const range = reader.range(from, to);
      const zone = reader.timeZone(timeZone ?? body?.serving?.timeZone ?? 'UTC');
      const periods = range ? (range.end - range.start) / 82_800_000 : 0;
      if (periods > MAX_COHORT_DAYS)
        reader.problem('from', 'OUT_OF_RANGE', `at most ${MAX_COHORT_DAYS} days of cohorts can be asked for at once`);
      reader.done();
      return readRetention(context, { metric, range: range ?? { start: 0, end: 0 }, timeZone: zone });
    });
  }

  freshness(events: readonly string[]): Freshness {
    const { sources, now } = this.current();
    const watermark = events.reduce((least, event) => Math.min(least, sources.watermark(event, now)), Infinity);
    return Number.isFinite(watermark)
      ? { watermark, lagMs: Math.max(0, now - watermark) }
      : { watermark: null, lagMs: null };
  }

  get context(): SeriesContext {
    return this.current();
  }

  /** Mistakes that a reader finds are reported like all others. */
  private async answering<T>(query: QueryKind, answer: (context: SeriesContext) => Promise<T>): Promise<T> {
    const begun = performance.now();
    let outcome: QueryOutcome = 'failed';
    try {
      const given = await answer(this.current());
      outcome = 'answered';
      return given;
    } catch (error) {
      if (error instanceof UnanswerableQuery || error instanceof InvalidQuery) outcome = 'refused';
      if (error instanceof UnanswerableQuery)
        throw new InvalidQuery([{ path: error.path, code: error.code, message: error.message }]);
      throw error;
    } finally {
      for (const listener of this.listeners) listener(query, outcome, performance.now() - begun);
    }
  }
}

const MAX_COHORT_DAYS = 1_100;

function isSeries(value: unknown): value is AnsweredSeries {
  return typeof value === 'object' && value !== null && 'intervals' in value;
}

/** A metric that is being recomputed answers with its previous definition, all others with the live one. */
function versionOf({ metrics, definitions }: SeriesContext, metric: string): AnsweringVersion {
  const current = metrics.current(metric);
  return {
    metric,
    landing: current ? current.landing : definitions.landing(metric),
    computation: current?.rollup,
  };
}
