import { describe, expect, it } from 'vitest';
import type { EventSchemaBody } from '../contracts/event-schema-body.js';
import { parseEventSchema } from '../contracts/parse-event-schema.js';
import type { Catalogue } from './catalogue.js';
import { checkMetric } from './check-metric.js';
import type { MetricBody } from './metric-body.js';

const schema = {
  type: 'object',
  required: ['id', 'at'],
  properties: {
    id: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    amount: { type: 'number' },
    sport: { type: 'string' },
    live: { type: 'boolean' },
    legs: { type: 'array' },
    cart: { type: 'object', properties: { total: { type: 'number' } } },
  },
};
const bet: EventSchemaBody = (() => {
  const parsed = parseEventSchema({
    event: 'bet',
    versions: [{ version: '1.0.0', schema }],
    fields: { id: 'id', time: 'at' },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.body;
})();
const count: MetricBody = { title: 'Count', simple: { event: 'bet', agg: 'count' } };
const derived = (...metrics: string[]): MetricBody => ({
  title: 'Derived',
  derived: { expr: '1', inputs: metrics.map((metric) => ({ metric })) },
});

function check(body: MetricBody, others: Record<string, MetricBody> = {}): string[] {
  const catalogue: Catalogue = { event: (name) => (name === 'bet' ? bet : undefined), metric: (key) => others[key] };
  return checkMetric('own', body, catalogue).map(({ path, code }) => `${path} ${code}`);
}
const simple = (more: Partial<NonNullable<MetricBody['simple']>>): MetricBody => ({
  title: 'Simple',
  simple: { event: 'bet', agg: 'count', ...more },
});

describe('checkMetric', () => {
  it.each<[string, MetricBody, string[]]>([
    ['an event without a contract', simple({ event: 'nope' }), ['simple.event UNKNOWN_EVENT']],
    ['a missing field', simple({ agg: 'sum', expr: 'amuont' }), ['simple.expr UNKNOWN_EVENT_FIELD']],
    ['a sum of texts', simple({ agg: 'sum', expr: 'sport' }), ['simple.expr WRONG_TYPE']],
    ['arithmetic with texts', simple({ agg: 'count_distinct', expr: 'sport + 1' }), ['simple.expr WRONG_TYPE']],
    ['a list as a dimension', simple({ dimensions: [{ name: 'legs' }] }), ['simple.dimensions[0].field WRONG_TYPE']],
    [
      'a filter on a missing field',
      simple({ filter: { and: [{ exists: { field: 'sport' } }, { eq: { field: 'nope', value: 1 } }] } }),
      ['simple.filter.and[1].eq.field UNKNOWN_EVENT_FIELD'],
    ],
    [
      'a number compared with a text',
      simple({ filter: { gt: { field: 'amount', value: 'ten' } } }),
      ['simple.filter.gt.field WRONG_TYPE'],
    ],
    [
      'an invalid time',
      simple({ filter: { gt: { field: 'at', value: 'yesterday' } } }),
      ['simple.filter.gt.field WRONG_TYPE'],
    ],
    [
      'flags in an order',
      simple({ filter: { gt: { field: 'live', value: true } } }),
      ['simple.filter.gt.field WRONG_TYPE'],
    ],
    ['versions that do not exist', simple({ contract: '>=2 <3' }), ['simple.contract UNKNOWN_EVENT']],
    ['an unknown metric', derived('nope'), ['derived.inputs[0].metric UNKNOWN_METRIC']],
    ['itself', derived('own'), ['derived.inputs[0].metric METRIC_CYCLE']],
    [
      'what is right',
      simple({
        agg: 'sum',
        expr: 'amount * cart.total',
        contract: '>=1 <2',
        dimensions: [{ name: 'live' }],
        filter: { in: { field: 'sport', values: ['a'] } },
      }),
      [],
    ],
  ])('answers for %s', (_, body, expected) => {
    expect(check(body)).toEqual(expected);
  });

  it('finds a cycle over several metrics and shows the way', () => {
    const others = { a: derived('b'), b: derived('c', 'own'), c: count };
    const catalogue: Catalogue = {
      event: () => bet,
      metric: (key) => new Map<string, MetricBody>(Object.entries(others)).get(key),
    };
    expect(checkMetric('own', derived('c', 'a'), catalogue)).toEqual([
      {
        path: 'derived.inputs[1].metric',
        code: 'METRIC_CYCLE',
        message: 'a metric cannot be computed from itself: own → a → b → own',
      },
    ]);
  });

  it('accepts a metric that is used twice without a cycle', () => {
    expect(check(derived('a', 'b'), { a: derived('c'), b: derived('c'), c: count })).toEqual([]);
  });
});
