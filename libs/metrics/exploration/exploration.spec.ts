import { describe, expect, it } from 'vitest';
import type { EventSchemaBody } from '../contracts/event-schema-body.js';
import { parseEventSchema } from '../contracts/parse-event-schema.js';
import type { Catalogue } from '../grammar/catalogue.js';
import { parseMetric } from '../grammar/parse-metric.js';
import type { Parsed } from '../problem.js';
import { checkExploration } from './check-exploration.js';
import { parseExploration } from './parse-exploration.js';

const WEEK = { title: 'A week', grain: 'day', range: { last: '7d' } };
const COUNT = { event: 'bet', agg: 'count' };

function bodyOf<Body>(parsed: Parsed<Body>): Body {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.body;
}

describe('the body of an exploration', () => {
  it('is what was given, of a metric or of a measure', () => {
    const metric = {
      ...WEEK,
      metric: 'bets',
      dimensions: ['sport'],
      filter: { eq: { field: 'sport', value: 'x' } },
      timeZone: 'Europe/London',
      compareTo: 'PREVIOUS_WEEK',
      limit: 5,
      visualisation: 'bar',
    };
    expect(bodyOf(parseExploration(metric))).toEqual(metric);
    const measure = {
      ...WEEK,
      measure: { ...COUNT, contract: '>=1 <2' },
      range: { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' },
    };
    expect(bodyOf(parseExploration(measure))).toEqual(measure);
  });

  it.each<[string, object, [path: string, code: string][]]>([
    ['neither metric nor measure', {}, [['', 'EXACTLY_ONE']]],
    ['both', { metric: 'bets', measure: COUNT }, [['', 'EXACTLY_ONE']]],
    [
      'a measure with mistakes',
      { measure: { event: 'bet placed', agg: 'sum' } },
      [
        ['measure.event', 'INVALID_NAME'],
        ['measure.expr', 'REQUIRED'],
      ],
    ],
    [
      'a measure with a filter of its own',
      { measure: { ...COUNT, filter: { exists: { field: 'x' } } } },
      [['measure.filter', 'UNKNOWN_FIELD']],
    ],
    ['too many dimensions', { metric: 'bets', dimensions: ['a', 'b', 'c', 'd', 'e'] }, [['dimensions', 'TOO_MANY']]],
    [
      'a dimension twice, and one that is no name',
      { metric: 'bets', dimensions: ['a', 'a', 5] },
      [
        ['dimensions[1]', 'DUPLICATE'],
        ['dimensions[2]', 'WRONG_TYPE'],
      ],
    ],
    ['no time', { metric: 'bets', range: {} }, [['range', 'EXACTLY_ONE']]],
    ['half a time', { metric: 'bets', range: { from: '2026-01-01T00:00:00Z' } }, [['range', 'EXACTLY_ONE']]],
    [
      'two times',
      { metric: 'bets', range: { last: '7d', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' } },
      [['range', 'EXACTLY_ONE']],
    ],
    [
      'a time that ends before it begins',
      { metric: 'bets', range: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } },
      [['range.to', 'OUT_OF_RANGE']],
    ],
    [
      'instants that are none',
      { metric: 'bets', range: { from: 'yesterday', to: '1960-01-01T00:00:00Z' } },
      [
        ['range.from', 'INVALID_DATE'],
        ['range.to', 'OUT_OF_RANGE'],
      ],
    ],
    ['a length of nothing', { metric: 'bets', range: { last: '0d' } }, [['range.last', 'INVALID_DURATION']]],
    [
      'a completeness of fixed instants',
      { metric: 'bets', range: { complete: true, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' } },
      [['range.complete', 'NOT_ALLOWED']],
    ],
    ['too many buckets', { metric: 'bets', grain: 'second' }, [['grain', 'TOO_MANY']]],
    [
      'several at once',
      {
        metric: 'bets',
        grain: 'eon',
        timeZone: 'Mars/Base',
        compareTo: 'LAST',
        limit: 0,
        visualisation: 'pie',
        colour: 'red',
      },
      [
        ['grain', 'NOT_ALLOWED'],
        ['compareTo', 'NOT_ALLOWED'],
        ['limit', 'OUT_OF_RANGE'],
        ['visualisation', 'NOT_ALLOWED'],
        ['colour', 'UNKNOWN_FIELD'],
        ['timeZone', 'UNKNOWN_TIME_ZONE'],
      ],
    ],
  ])('is refused with %s', (_, more, problems) => {
    const parsed = parseExploration({ ...WEEK, ...more });
    expect(parsed.ok ? [] : parsed.problems.map(({ path, code }) => [path, code])).toEqual(problems);
  });
});

describe('what an exploration speaks of', () => {
  const properties = {
    id: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    stake: { type: 'number' },
    sport: { type: 'string' },
    cart: { type: 'array' },
  };
  const bet: EventSchemaBody = bodyOf(
    parseEventSchema({
      event: 'bet',
      fields: { id: 'id', time: 'at' },
      versions: [{ version: '1.0.0', schema: { type: 'object', required: ['id', 'at'], properties } }],
    }),
  );
  const metrics = new Map(
    Object.entries({
      bets: { simple: { ...COUNT, dimensions: [{ name: 'sport' }] } },
      plain: { simple: COUNT },
      share: { ratio: { numerator: { metric: 'bets' }, denominator: { metric: 'plain' } } },
      steps: {
        funnel: {
          order: 'ordered',
          window: '1d',
          steps: [
            { name: 'a', event: 'bet' },
            { name: 'b', event: 'bet' },
          ],
        },
      },
    }).map(([key, body]) => [key, bodyOf(parseMetric({ title: key, ...body }))]),
  );
  const catalogue: Catalogue = {
    event: (name) => (name === 'bet' ? bet : undefined),
    metric: (key) => metrics.get(key),
  };

  it.each<[string, object, [path: string, code: string][]]>([
    [
      'a metric by its dimension',
      { metric: 'bets', dimensions: ['sport'], filter: { gt: { field: 'stake', value: 1 } } },
      [],
    ],
    ['a measure by a field', { measure: { event: 'bet', agg: 'sum', expr: 'stake' }, dimensions: ['sport'] }, []],
    ['a metric that there is not', { metric: 'nothing' }, [['metric', 'UNKNOWN_METRIC']]],
    ['a metric that is no series', { metric: 'steps' }, [['metric', 'WRONG_TYPE']]],
    [
      'a dimension that not all inputs have',
      { metric: 'share', dimensions: ['sport'] },
      [['dimensions[0]', 'UNKNOWN_DIMENSION']],
    ],
    [
      'a filter on no field of the metric',
      { metric: 'bets', filter: { and: [{ eq: { field: 'colour', value: 'x' } }] } },
      [['filter.and[0].eq.field', 'UNKNOWN_EVENT_FIELD']],
    ],
    [
      'an event that there is not',
      { measure: { event: 'nothing', agg: 'count' } },
      [['measure.event', 'UNKNOWN_EVENT']],
    ],
    [
      'fields that there are not, and a list',
      {
        measure: { event: 'bet', agg: 'sum', expr: 'price' },
        dimensions: ['colour', 'cart'],
        filter: { eq: { field: 'stake', value: 'ten' } },
      },
      [
        ['measure.expr', 'UNKNOWN_EVENT_FIELD'],
        ['dimensions[0]', 'UNKNOWN_EVENT_FIELD'],
        ['dimensions[1]', 'WRONG_TYPE'],
        ['filter.eq.field', 'WRONG_TYPE'],
      ],
    ],
    [
      'a version that there is not',
      { measure: { ...COUNT, contract: '>=2' } },
      [['measure.contract', 'UNKNOWN_EVENT']],
    ],
  ])('%s', (_, more, problems) => {
    expect(
      checkExploration(bodyOf(parseExploration({ ...WEEK, ...more })), catalogue).map(({ path, code }) => [path, code]),
    ).toEqual(problems);
  });
});
