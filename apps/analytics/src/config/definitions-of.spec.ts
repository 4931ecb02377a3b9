import { expect, test } from 'vitest';
import { RefusedDocuments } from '@paddock/live-config';
import { contract } from '../testing/test-analytics.js';
import { definitionsOf } from './definitions-of.js';

const document = (kind: string, key: string, body: unknown) => ({ ref: { kind, site: '*', key }, body });
const EVENT = document('event-schema', 'bet', contract('bet', { stake: 'number' }));

test('what landed under older rules stays readable: zones as Intl takes them, ranges without seconds', () => {
  const metric = { title: 'Bets', simple: { event: 'bet', agg: 'count' }, serving: { timeZone: '+02:00' } };
  const range = { from: '2026-07-01T00:00Z', to: '2026-07-02T00:00+02:00' };
  const exploration = { title: 'Yesterday', metric: 'bets', grain: 'hour', range, timeZone: 'utc' };
  const definitions = definitionsOf([
    EVENT,
    document('metric', 'bets', metric),
    document('exploration', 'yesterday', exploration),
  ]);
  expect(definitions.metric('bets')?.serving?.timeZone).toBe('Etc/GMT-2');
  expect(definitions.explorations.get('yesterday')).toMatchObject({
    timeZone: 'UTC',
    range: { from: '2026-07-01T00:00:00Z' },
  });
});

test('every invalid document is named, and dependent documents are checked once their dependency can be read', () => {
  const metric = (event: string) => ({ title: 'Bets', simple: { event, agg: 'count' } });
  const refusedOf = (documents: Parameters<typeof definitionsOf>[0]): string[] => {
    try {
      definitionsOf(documents);
      return [];
    } catch (error) {
      if (error instanceof RefusedDocuments) return [...error.reasons.keys()];
      throw error;
    }
  };
  const damaged = document('event-schema', 'win', { event: 'win' });
  const strange = document('metric', 'strange', { title: 'Strange' });
  const resting = document('metric', 'wins', metric('win'));
  expect(refusedOf([EVENT, damaged, strange, resting, document('metric', 'bets', metric('bet'))])).toEqual([
    'event-schema/*/win',
    'metric/*/strange',
  ]);
  expect(refusedOf([EVENT, resting, document('metric', 'bets', metric('bet'))])).toEqual(['metric/*/wins']);
});

test('an unknown zone is refused with its path', () => {
  const metric = { title: 'Bets', simple: { event: 'bet', agg: 'count' }, serving: { timeZone: 'Europe/Atlantis' } };
  expect(() => definitionsOf([EVENT, document('metric', 'bets', metric)])).toThrow(/metric bets: serving\.timeZone/);
});
