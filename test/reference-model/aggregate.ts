import { add, compare, type Decimal, decimal, divide, multiply, negate, ZERO } from './decimal.js';
import type { SimpleMetric } from './definitions.js';
import { asText, isDecimal, type StoredEvent, type Value } from './events.js';
import { evaluate } from './expression.js';
import { exactly, type Figure } from './figure.js';

/** An approximate distinct count lies within this share of the exact one. */
const DISTINCT_ERROR = decimal('0.02');
/** A percentile is the value of a rank, which may be off by this share of all values, and by one more between two. */
const RANK_ERROR = 0.02;
/** Percentiles are kept as numbers of 24 bits. */
const VALUE_ERROR = decimal('0.000001');

/** Aggregates events. A count of nothing is 0, all else of nothing is null. Events without a value are left out. */
export function aggregate(metric: SimpleMetric, events: readonly StoredEvent[]): Figure | null {
  if (metric.agg === 'count') return exactly(decimal(events.length));
  const expr = metric.expr ?? '';
  if (metric.agg === 'count_distinct')
    return distinct(
      events.flatMap((event) => valueOf(event, expr) ?? []),
      metric,
    );
  const numbers = events
    .flatMap((event) => valueOf(event, expr) ?? [])
    .filter(isDecimal)
    .sort(compare);
  const [least] = numbers;
  const greatest = numbers.at(-1);
  if (least === undefined || greatest === undefined) return null;
  const sum = numbers.reduce(add, ZERO);
  switch (metric.agg) {
    case 'sum':
      return exactly(sum);
    case 'average':
      return exactly(divide(sum, decimal(numbers.length)));
    case 'min':
      return exactly(least);
    case 'max':
      return exactly(greatest);
    case 'percentile':
      return percentile(numbers, metric.percentile ?? 0);
  }
}

/** The value of a field, or of arithmetic over fields. */
function valueOf(event: StoredEvent, expr: string): Value | undefined {
  const field = event.values.get(expr);
  if (field !== undefined || /^\$?[\w.]+$/.test(expr)) return field;
  const figure = evaluate(expr, (name) => {
    const value = event.values.get(name);
    return value !== undefined && isDecimal(value) ? exactly(value) : null;
  });
  return figure?.low;
}

/** An empty text is a value like any other. */
function distinct(values: readonly Value[], { accuracy = 'exact' }: SimpleMetric): Figure {
  const count = decimal(new Set(values.map(asText)).size);
  if (accuracy === 'exact') return exactly(count);
  const error = multiply(count, DISTINCT_ERROR);
  return { low: add(count, negate(error)), high: add(count, error) };
}

function percentile(sorted: readonly Decimal[], level: number): Figure {
  const last = sorted.length - 1;
  const error = 1 + RANK_ERROR * sorted.length;
  const at = (rank: number): Decimal => sorted[Math.min(last, Math.max(0, rank))] ?? ZERO;
  const [low, high] = [at(Math.floor(level * last - error)), at(Math.ceil(level * last + error))];
  return { low: add(low, negate(slack(low))), high: add(high, slack(high)) };
}

function slack(value: Decimal): Decimal {
  const size = value.unscaled < 0n ? negate(value) : value;
  return multiply(size, VALUE_ERROR);
}
