import { answerFunnel } from '../../../../../test/reference-model/funnel.js';
import { answerRetention } from '../../../../../test/reference-model/retention.js';
import { answerSeries, type SeriesRow } from '../../../../../test/reference-model/series.js';
import type { Serving } from '../../serving.js';
import { toMetricSeries } from '../../graphql/to-series.js';
import type { MetricSeries } from '../../graphql/series.object.js';
import { Comparison, isNothing } from './comparison.js';
import type { Query } from './random-queries.js';
import type { ReferenceWorld } from './reference-world.js';
import type { StoredWorld } from './stored-world.js';

/** Runs one query on both sides. */
export async function compareAnswers(world: Model, stored: StoredWorld, query: Query): Promise<Comparison> {
  const comparison = new Comparison();
  const { serving } = stored;
  try {
    switch (query.kind) {
      case 'series':
        await compareSeries(comparison, world, serving, query);
        break;
      case 'funnel':
        await compareFunnel(comparison, world, serving, query);
        break;
      case 'retention':
        await compareRetention(comparison, world, serving, query, stored.now());
        break;
    }
  } catch (error) {
    // The query is valid, so to refuse it is as wrong as another number.
    comparison.same('the answer', 'an answer', String(error));
  }
  return comparison;
}

type Asked<K extends Query['kind']> = Extract<Query, { kind: K }>;
type Model = Pick<ReferenceWorld, 'definitions' | 'intake'>;

async function compareSeries(
  comparison: Comparison,
  { definitions, intake }: Model,
  serving: Serving,
  { query }: Asked<'series'>,
): Promise<void> {
  const expected = answerSeries(definitions, intake.stored, query);
  const { metric, measure, from, to, grain, zone, dimensions, filter, compareTo, limit } = query;
  const asked = { from: iso(from), to: iso(to), grain, timeZone: zone, dimensions, filter, compareTo, limit };
  const answered = toMetricSeries(
    await (measure
      ? serving.queries.explore({ ...asked, measure })
      : serving.queries.series({ ...asked, metric: metric ?? '' })),
    null,
  );
  comparison.same(
    'buckets',
    expected.buckets.map(({ start, end }) => `${iso(start)} ${iso(end)}`),
    answered.buckets.map(({ start, end }) => `${start} ${end}`),
  );
  const fill = definitions.metrics[metric ?? '']?.serving?.fillNullsWith;
  const rows = new Map(answered.series.map((row) => [answeredKey(row), row]));
  const starts =
    definitions.metrics[metric ?? '']?.serving?.joinToTimespine === false
      ? []
      : expected.buckets.map(({ start }) => start);
  for (const row of expected.rows) {
    const key = expectedKey(row);
    const found = rows.get(key);
    rows.delete(key);
    if (found) compareRow(comparison, key, row, found, compareTo !== undefined);
    // A row without any value may be left out.
    else if (!row.points.every(({ figure }) => figure === null || isNothing(figure, fill)))
      comparison.same(key, 'a row', 'no row');
  }
  for (const [key, row] of rows) {
    const points = starts.map((start) => ({ start, figure: null }));
    const nothing = row.points.every(({ exact }) => exact === null || Number(exact) === 0 || Number(exact) === fill);
    if (!nothing)
      comparison.same(
        key,
        points.length === 0 ? 'no row' : 'a row of nothing',
        row.points.map(({ exact }) => exact),
      );
  }
}

function compareRow(
  comparison: Comparison,
  key: string,
  expected: SeriesRow,
  answered: MetricSeries['series'][number],
  compared: boolean,
): void {
  const points = new Map(answered.points.map((point) => [point.start, point]));
  comparison.same(
    `${key} points`,
    expected.points.map(({ start }) => iso(start)),
    [...points.keys()],
  );
  for (const { start, figure, previous } of expected.points) {
    const point = points.get(iso(start));
    if (!point) continue;
    comparison.figure(`${key} ${iso(start)}`, figure, point.exact);
    if (point.value !== (point.exact === null ? null : Number(point.exact)))
      comparison.same(`${key} ${iso(start)} value`, point.exact, point.value);
    if (compared) comparison.figure(`${key} ${iso(start)} previous`, previous, point.previous);
  }
}

function expectedKey({ cells }: SeriesRow): string {
  return JSON.stringify(cells === 'OTHER' ? cells : cells.map((cell) => (cell === null ? { missing: true } : cell)));
}

function answeredKey({ dimensions }: MetricSeries['series'][number]): string {
  if (dimensions.length > 0 && dimensions.every(({ kind }) => kind === 'OTHER')) return JSON.stringify('OTHER');
  return JSON.stringify(
    dimensions.map(({ kind, value }) =>
      kind === 'VALUE' ? value : kind === 'MISSING' ? { missing: true } : { other: true },
    ),
  );
}

async function compareFunnel(
  comparison: Comparison,
  { definitions, intake }: Model,
  serving: Serving,
  { key, from, to, breakdown }: Asked<'funnel'>,
): Promise<void> {
  const zone = definitions.metrics[key]?.serving?.timeZone ?? 'UTC';
  const range = { start: from, end: to };
  const expected = answerFunnel(definitions, intake.stored, {
    key,
    range,
    zone,
    ...(breakdown === undefined ? {} : { breakdown }),
  });
  const { groups } = await serving.queries.funnel({ metric: key, from: iso(from), to: iso(to), breakdown });
  const answered = new Map(groups.map(({ value, steps }) => [value, steps]));
  for (const value of new Set([...expected.keys(), ...answered.keys()])) {
    const steps = definitions.metrics[key]?.funnel?.steps ?? [];
    for (const index of steps.keys()) {
      const [ours, theirs] = [expected.get(value)?.[index], answered.get(value)?.[index]];
      const at = `${String(value)} step ${index + 1}`;
      comparison.number(`${at} count`, ours?.count ?? 0, theirs?.count ?? 0);
      comparison.number(`${at} average`, ours?.averageSeconds ?? null, theirs?.averageSeconds ?? null);
      comparison.number(`${at} median`, ours?.medianSeconds ?? null, theirs?.medianSeconds ?? null);
    }
  }
}

async function compareRetention(
  comparison: Comparison,
  { definitions, intake }: Model,
  serving: Serving,
  { key, from, to, zone }: Asked<'retention'>,
  now: number,
): Promise<void> {
  const asked = {
    key,
    range: { start: from, end: to },
    zone: zone ?? definitions.metrics[key]?.serving?.timeZone ?? 'UTC',
    now,
  };
  const expected = answerRetention(definitions, intake.stored, asked);
  const answered = await serving.queries.retention({ metric: key, from: iso(from), to: iso(to), timeZone: zone });
  const spans = (cohorts: readonly { start: number; end: number }[]): string[] =>
    cohorts.map(({ start, end }) => `${iso(start)} ${iso(end)}`);
  comparison.same('cohorts', spans(expected), spans(answered));
  expected.forEach(({ start, size, returned }, index) => {
    comparison.number(`${iso(start)} size`, size, answered[index]?.size ?? null);
    returned.forEach((count, since) =>
      comparison.number(`${iso(start)} period ${since}`, count, answered[index]?.returned[since] ?? null),
    );
  });
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
