import { describe, expect, it } from 'vitest';
import { buildSchema } from '../graphql/build-schema.js';
import { inApiSpelling } from './api-spelling.js';

describe('a body in the words of the API', () => {
  it('has the enum values that the API takes, however deep', async () => {
    const schema = await buildSchema();
    const body = {
      title: 'Retention',
      retention: {
        start: { event: 'day' },
        mode: 'bounded',
        period: 'day',
        cohort: 'first',
      },
      serving: { grains: ['day', 'week'] },
    };
    expect(inApiSpelling(schema, 'metric', body)).toMatchObject({
      title: 'Retention',
      retention: { start: { event: 'day' }, mode: 'BOUNDED', period: 'DAY', cohort: 'FIRST' },
    });
  });

  it('leaves free JSON, unknown members and values as they are', async () => {
    const schema = await buildSchema();
    const body = { title: 'bounded', props: { mode: 'bounded' }, constructor: 'day', tags: ['day'] };
    expect(inApiSpelling(schema, 'promo', body)).toEqual(body);
    expect(inApiSpelling(schema, 'market-rule', { effect: 'HIDE', match: { sport: 'hide' } })).toEqual({
      effect: 'HIDE',
      match: { sport: 'hide' },
    });
    expect(inApiSpelling(schema, 'metric', { simple: { agg: 'unheard_of' } })).toEqual({
      simple: { agg: 'unheard_of' },
    });
  });
});
