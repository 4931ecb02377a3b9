import type {
  Dimension,
  Metric,
  MetricInput,
  Selection,
  SimpleMetric,
} from '../../../../../test/reference-model/definitions.js';
import type { Draw } from './draw.js';
import { ZONES } from './nights.js';
import type { Around } from './random-events.js';
import { randomFilter } from './random-filters.js';

const EVENTS = ['bet', 'visit', 'join'] as const;
/** Fields that all events have. */
const SHARED_TEXTS: readonly string[] = ['sport', 'user', 'session', '$user', '$session'];
const WINDOWS: readonly string[] = [
  '30 minutes',
  '2h',
  '24h',
  '1d',
  '2 days',
  '7d',
  '1w',
  '1 month',
  '1mo',
  '1q',
  '90m',
];
const OFFSETS: readonly string[] = [...WINDOWS, '1y', '25h', '31d', '2 months'];

/** Metrics of all types by key, each computed from those before it. */
export function randomMetrics(draw: Draw, around: Around): Record<string, Metric> {
  const metrics: Record<string, Metric> = {};
  const add = (type: string, count: number, make: () => Metric): void => {
    draw.many(count, (index) => (metrics[`${type}_${index}`] = { ...make(), ...randomServing(draw) }));
  };
  const keys = (...types: (keyof Metric)[]): string[] =>
    Object.keys(metrics).filter((key) => types.some((type) => metrics[key]?.[type]));
  add('simple', 10, () => ({ simple: randomSimple(draw, around) }));
  add('ratio', 3, () => ({
    ratio: { numerator: input(draw, keys('simple')), denominator: input(draw, exact(metrics)) },
  }));
  add('cumulative', 4, () => ({ cumulative: { metric: draw.pick(keys('simple')), ...randomWindow(draw) } }));
  add('conversion', 3, () => ({ conversion: randomConversion(draw, around) }));
  add('session', 3, () => ({
    session: {
      events: [randomSelection(draw, around), ...(draw.chance(0.5) ? [randomSelection(draw, around)] : [])],
      ...randomEntity(draw),
      gap: draw.pick(['30m', '2h', '1d', '1w']),
      measure: draw.pick(['sessions', 'average_duration', 'events_per_session', 'bounce_rate']),
    },
  }));
  add('derived', 6, () =>
    randomDerived(draw, keys('simple', 'ratio', 'cumulative', 'conversion', 'derived', 'session'), exact(metrics)),
  );
  add('funnel', 4, () => ({ funnel: randomFunnel(draw, around) }));
  add('retention', 4, () => ({
    retention: {
      ...randomEntity(draw),
      start: randomSelection(draw, around),
      return: randomSelection(draw, around),
      mode: draw.pick(['bounded', 'rolling']),
      period: draw.pick(['day', 'week', 'month']),
      periods: draw.integer(1, 9),
      ...draw.maybe('cohort', 0.6, () => draw.pick(['first', 'every'])),
    },
  }));
  return metrics;
}

/** Keys of metrics with exact figures, which ratios may use. */
function exact(metrics: Readonly<Record<string, Metric>>): string[] {
  return Object.entries(metrics).flatMap(([key, { simple }]) =>
    simple && simple.agg !== 'percentile' && simple.accuracy !== 'approximate' ? [key] : [],
  );
}

/** An aggregation over the events of one contract. */
export function randomSimple(draw: Draw, around: Around): SimpleMetric {
  const event = draw.pick(['bet', 'bet', 'bet', 'visit', 'join'] as const);
  const numbers =
    event === 'bet'
      ? [
          'amount',
          'amount',
          'market',
          'odds',
          'amount * odds',
          '(amount - 1.5) * 2',
          '-amount',
          'amount + market * 0.001',
          'amount * amount - odds',
        ]
      : ['seconds', 'seconds * 0.5', '-(seconds - 3)'];
  const numeric = event !== 'join';
  const agg = draw.pick(
    numeric
      ? (['count', 'sum', 'sum', 'average', 'min', 'max', 'count_distinct', 'percentile'] as const)
      : (['count', 'count_distinct'] as const),
  );
  const distinct = [
    ...SHARED_TEXTS,
    '$id',
    '$contract',
    ...(numeric ? numbers : ['plan']),
    ...(event === 'bet' ? ['live', 'placed', 'note'] : []),
  ];
  const dimensions = randomDimensions(draw, event);
  return {
    event,
    ...draw.maybe('filter', 0.35, () => randomFilter(draw, around, event)),
    ...(event === 'bet'
      ? draw.maybe('contract', 0.25, () => draw.pick(['>=1.10', '<2', '>=1.0.0 <1.9', '2.1.0', '>1 <=2.1']))
      : {}),
    agg,
    ...(agg === 'count' ? {} : { expr: draw.pick(agg === 'count_distinct' ? distinct : numbers) }),
    ...(agg === 'percentile' ? { percentile: draw.pick([0, 0.1, 0.5, 0.9, 0.95, 1]) } : {}),
    ...(agg === 'count_distinct' ? draw.maybe('accuracy', 0.4, () => draw.pick(['exact', 'approximate'])) : {}),
    ...(dimensions.length > 0 ? { dimensions } : {}),
  };
}

/** Nearly always `sport`, so that metrics that are computed from each other share a dimension. */
function randomDimensions(draw: Draw, event: string): Dimension[] {
  const own: Dimension[] = [
    ...(event === 'bet' ? [{ name: 'live' }, { name: 'market_id', field: 'market' }, { name: 'odds' }] : []),
    ...(event === 'visit' ? [{ name: 'page' }] : []),
    { name: 'who', field: draw.pick(['$user', 'user']) },
  ];
  return [...(draw.chance(0.85) ? [{ name: 'sport' }] : []), ...draw.some(own, 2)];
}

function randomSelection(draw: Draw, around: Around): Selection {
  const event = draw.pick(EVENTS);
  return { event, ...draw.maybe('filter', 0.3, () => randomFilter(draw, around, event)) };
}

function randomEntity(draw: Draw): { entity?: string } {
  return draw.maybe('entity', 0.3, () => draw.pick(['user', 'session', '$session', 'sport']));
}

function input(draw: Draw, keys: readonly string[]): MetricInput {
  return { metric: draw.pick(keys), ...randomOffset(draw) };
}

function randomOffset(draw: Draw): {
  offsetWindow?: string;
  offsetToGrain?: 'day' | 'week' | 'month' | 'quarter' | 'year';
} {
  if (draw.chance(0.5)) return {};
  if (draw.chance(0.7)) return { offsetWindow: draw.pick(OFFSETS) };
  return { offsetToGrain: draw.pick(['day', 'week', 'month', 'quarter', 'year'] as const) };
}

function randomWindow(draw: Draw): object {
  return {
    ...draw.pick([
      {},
      { window: draw.pick(WINDOWS) },
      { window: draw.pick(WINDOWS) },
      { grainToDate: draw.pick(['hour', 'day', 'week', 'month', 'quarter', 'year']) },
    ]),
    ...draw.maybe('periodAgg', 0.5, () => draw.pick(['first', 'last', 'average'])),
  };
}

function randomDerived(draw: Draw, keys: readonly string[], divisors: readonly string[]): Metric {
  const a = { ...input(draw, keys), alias: 'a' };
  const b = { ...input(draw, divisors), alias: 'b' };
  return {
    derived: {
      expr: draw.pick([
        'a - b',
        '(a - b) / b',
        'a / b * 100',
        '-a + 2 * b',
        '(a + 1) * (b - 0.5)',
        'a / (b + b)',
        'b / 3 - a',
      ]),
      inputs: [a, b],
    },
  };
}

function randomConversion(draw: Draw, around: Around) {
  const base = randomSelection(draw, around);
  const dimensions = randomDimensions(draw, base.event);
  return {
    base,
    conversion: randomSelection(draw, around),
    ...randomEntity(draw),
    ...draw.maybe('window', 0.8, () => draw.pick(WINDOWS)),
    calculation: draw.pick(['conversions', 'conversion_rate'] as const),
    ...draw.maybe('counting', 0.6, () => draw.pick(['events', 'converters'] as const)),
    ...(dimensions.length > 0 ? { dimensions } : {}),
  };
}

function randomFunnel(draw: Draw, around: Around) {
  const order = draw.pick(['ordered', 'ordered', 'strict', 'unordered'] as const);
  const steps = draw.many(draw.integer(2, 4), (index) => ({
    name: `step ${index}`,
    ...randomSelection(draw, around),
    ...(order === 'unordered' || index === 0 ? {} : draw.maybe('within', 0.3, () => draw.pick(WINDOWS))),
  }));
  const after = draw.integer(1, steps.length - 1);
  const exclude = draw.many(draw.integer(1, 2), () => ({
    ...randomSelection(draw, around),
    ...draw.maybe('after', 0.5, () => after),
  }));
  return {
    ...randomEntity(draw),
    order,
    window: draw.pick(WINDOWS),
    steps,
    ...(order !== 'unordered' && draw.chance(0.4) ? { exclude } : {}),
    ...draw.maybe('rangeAppliesTo', 0.5, () => draw.pick(['entry', 'every_step'] as const)),
  };
}

function randomServing(draw: Draw): Pick<Metric, 'serving'> {
  if (draw.chance(0.5)) return {};
  return {
    serving: {
      ...draw.maybe('joinToTimespine', 0.5, () => draw.chance(0.5)),
      ...draw.maybe('fillNullsWith', 0.4, () => draw.pick([0, -1, 0.5])),
      ...draw.maybe('timeZone', 0.5, () => draw.pick(ZONES)),
    },
  };
}
