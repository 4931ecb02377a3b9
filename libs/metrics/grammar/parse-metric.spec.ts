import { describe, expect, it } from 'vitest';
import { parseMetric } from './parse-metric.js';

const metric = (definition: object) => ({ title: 'A metric', ...definition });
const simple = (more: object = {}) => metric({ simple: { event: 'bet', agg: 'count', ...more } });
const funnel = (more: object = {}) =>
  metric({
    funnel: {
      order: 'ordered',
      window: '1d',
      steps: [
        { name: 'a', event: 'x' },
        { name: 'b', event: 'y' },
      ],
      ...more,
    },
  });
const problems = (input: unknown): string[] => {
  const parsed = parseMetric(input);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
};

describe('parseMetric', () => {
  it.each(['a * b * c', 'a * b * c * 0.001', '-(a + b) * (c - 1) * 0.5'])(
    'takes the product %s, which is exact',
    (expr) => {
      expect(parseMetric(simple({ agg: 'sum', expr }))).toMatchObject({ ok: true });
    },
  );

  it.each<[string, unknown]>([
    ['a count', simple()],
    [
      'a sum of a product',
      simple({
        agg: 'sum',
        expr: 'price * (quantity - returned)',
        filter: { not: { eq: { field: 'test', value: true } } },
      }),
    ],
    [
      'a percentile',
      simple({ agg: 'percentile', expr: 'ms', percentile: 0.95, dimensions: [{ name: 'sport', maxCardinality: 10 }] }),
    ],
    ['a ratio', metric({ ratio: { numerator: { metric: 'a' }, denominator: { metric: 'b' } } })],
    [
      'a derived metric',
      metric({
        derived: {
          expr: 'a - b',
          inputs: [
            { metric: 'x', alias: 'a' },
            { metric: 'x', alias: 'b', offsetWindow: '7d' },
          ],
        },
      }),
    ],
    ['a cumulative metric', metric({ cumulative: { metric: 'x', grainToDate: 'month', periodAgg: 'last' } })],
    [
      'a conversion',
      metric({
        conversion: {
          base: { event: 'visit' },
          conversion: { event: 'buy' },
          window: '7 days',
          calculation: 'conversion_rate',
        },
      }),
    ],
    ['a funnel', funnel({ exclude: [{ event: 'z', after: 1, before: 2 }] })],
    [
      'a retention',
      metric({
        retention: { start: { event: 'x' }, return: { event: 'y' }, mode: 'rolling', period: 'week', periods: 8 },
      }),
    ],
    ['session figures', metric({ session: { events: [{ event: 'x' }], gap: '30m', measure: 'bounce_rate' } })],
  ])('reads %s as it is', (_, input) => {
    expect(parseMetric(input)).toEqual({ ok: true, body: input });
  });

  it.each<[string, unknown, string[]]>([
    ['nothing', undefined, [' REQUIRED']],
    ['no definition', metric({}), [' EXACTLY_ONE']],
    ['two definitions', { ...simple(), ...metric({ cumulative: { metric: 'x' } }) }, [' EXACTLY_ONE']],
    ['a misspelt member', simple({ fliter: {} }), ['simple.fliter UNKNOWN_FIELD']],
    ['SQL in place of a filter', simple({ filter: "1=1'; DROP TABLE x" }), ['simple.filter WRONG_TYPE']],
    [
      'two conditions in one',
      simple({ filter: { eq: { field: 'a', value: 1 }, ne: { field: 'b', value: 1 } } }),
      ['simple.filter EXACTLY_ONE'],
    ],
    [
      'an object as a value',
      simple({ filter: { eq: { field: 'a', value: { $gt: 0 } } } }),
      ['simple.filter.eq.value WRONG_TYPE'],
    ],
    [
      'SQL in an expression',
      simple({ agg: 'sum', expr: 'amount); DROP TABLE raw; --' }),
      ['simple.expr INVALID_EXPRESSION'],
    ],
    ['a function in an expression', simple({ agg: 'sum', expr: 'sleep(3)' }), ['simple.expr INVALID_EXPRESSION']],
    ['a sum of nothing', simple({ agg: 'sum' }), ['simple.expr REQUIRED']],
    ['a count of something', simple({ expr: 'a' }), ['simple.expr NOT_ALLOWED']],
    ['a quotient per event', simple({ agg: 'sum', expr: 'a / b' }), ['simple.expr INVALID_EXPRESSION']],
    [
      'products that cannot be exact',
      simple({ agg: 'sum', expr: 'a * b * c * d' }),
      ['simple.expr INVALID_EXPRESSION'],
    ],
    [
      'products of sums that cannot be exact',
      simple({ agg: 'sum', expr: '-(a + b) * (c - 1) * d * 12345678.25' }),
      ['simple.expr INVALID_EXPRESSION'],
    ],
    [
      'a percentile of 150',
      simple({ agg: 'percentile', expr: 'ms', percentile: 150 }),
      ['simple.percentile OUT_OF_RANGE'],
    ],
    [
      'dimensions of one name',
      simple({ dimensions: [{ name: 'a' }, { name: 'a' }] }),
      ['simple.dimensions[1] DUPLICATE'],
    ],
    [
      'no room for a dimension',
      simple({ dimensions: [{ name: 'a', maxCardinality: 0 }] }),
      ['simple.dimensions[0].maxCardinality OUT_OF_RANGE'],
    ],
    ['a window of zero', metric({ cumulative: { metric: 'x', window: '0d' } }), ['cumulative.window INVALID_DURATION']],
    [
      'a window in words',
      metric({ cumulative: { metric: 'x', window: 'a while' } }),
      ['cumulative.window INVALID_DURATION'],
    ],
    [
      'two kinds of window',
      metric({ cumulative: { metric: 'x', window: '7d', grainToDate: 'month' } }),
      ['cumulative.grainToDate EXACTLY_ONE'],
    ],
    [
      'a zone that does not exist',
      { ...simple(), serving: { timeZone: 'Europe/Atlantis' } },
      ['serving.timeZone UNKNOWN_TIME_ZONE'],
    ],
    [
      'an expression with an unknown name',
      metric({ derived: { expr: 'a - c', inputs: [{ metric: 'a' }] } }),
      ['derived.expr UNKNOWN_METRIC'],
    ],
    ['a funnel of one step', funnel({ steps: [{ name: 'a', event: 'x' }] }), ['funnel.steps TOO_MANY']],
    [
      'an exclusion after the end',
      funnel({ exclude: [{ event: 'z', after: 2, before: 2 }] }),
      ['funnel.exclude[0] OUT_OF_RANGE'],
    ],
    [
      'an order that the funnel does not have',
      funnel({ order: 'unordered', exclude: [{ event: 'z' }] }),
      ['funnel.exclude NOT_ALLOWED'],
    ],
    ['NUL in a title', { ...simple(), title: 'a\0b' }, ['title NOT_ALLOWED']],
    ['a title of a megabyte', { ...simple(), title: 'x'.repeat(1 << 20) }, ['title TOO_LONG']],
    [
      'a filter nested too deeply',
      simple({
        filter: Array.from({ length: 20 }).reduce<object>((filter) => ({ not: filter }), { exists: { field: 'a' } }),
      }),
      [`simple.filter${'.not'.repeat(11)} TOO_MANY`],
    ],
  ])('refuses %s', (_, input, expected) => {
    expect(problems(input)).toEqual(expected);
  });

  it('reports all mistakes at once', () => {
    expect(problems({ title: 1, simple: { event: 'bad name', agg: 'mean', dimensions: [{}] } })).toEqual([
      'title WRONG_TYPE',
      'simple.event INVALID_NAME',
      'simple.agg NOT_ALLOWED',
      'simple.dimensions[0].name REQUIRED',
    ]);
  });
});
