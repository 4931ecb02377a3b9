import { describe, expect, test } from 'vitest';
import { type MarketRuleBody, RULE_EFFECTS, type RuleEffect } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { compileRule, MarketView } from '@paddock/visibility';
import { onlyHides } from './only-hides.js';

const rule = (more: Partial<MarketRuleBody> = {}): MarketRuleBody => ({
  match: { sport: 'football' },
  effect: 'HIDE',
  reason: 'r',
  ...more,
});

describe('a change of a market rule that only hides', () => {
  test.each<[string, MarketRuleBody | undefined, MarketRuleBody | undefined, boolean]>([
    ['a new HIDE', undefined, rule(), true],
    ['a new HIDE for some visitors and some time', undefined, rule({ audience: { jurisdictions: ['GB'] } }), true],
    ['a new SUSPEND, which may show what a wider rule hides', undefined, rule({ effect: 'SUSPEND' }), false],
    ['a new SHOW', undefined, rule({ effect: 'SHOW' }), false],
    ['a new FEATURE', undefined, rule({ effect: 'FEATURE' }), false],
    ['the end of a SHOW', rule({ effect: 'SHOW' }), undefined, true],
    ['the end of a FEATURE', rule({ effect: 'FEATURE' }), undefined, true],
    ['the end of a HIDE', rule(), undefined, false],
    ['the end of a SUSPEND', rule({ effect: 'SUSPEND' }), undefined, false],
    ['a SUSPEND that becomes HIDE', rule({ effect: 'SUSPEND' }), rule(), true],
    ['a HIDE that becomes SUSPEND', rule(), rule({ effect: 'SUSPEND' }), false],
    ['a HIDE for more visitors', rule({ audience: { jurisdictions: ['GB'] } }), rule(), true],
    ['a HIDE for fewer visitors', rule(), rule({ audience: { jurisdictions: ['GB'] } }), false],
    ['a HIDE of other markets', rule(), rule({ match: { sport: 'tennis' } }), false],
    ['a HIDE for longer', rule({ schedule: { to: '2027-01-01T00:00', timeZone: 'UTC' } }), rule(), true],
    ['a HIDE that ends', rule(), rule({ schedule: { to: '2027-01-01T00:00', timeZone: 'UTC' } }), false],
    [
      'a HIDE whose zone cannot be read any more',
      rule({ schedule: { to: '2027-01-01T00:00', timeZone: '+02:00' } }),
      rule({ schedule: { to: '2028-01-01T00:00', timeZone: 'UTC' } }),
      false,
    ],
    ['another reason alone', rule(), rule({ reason: 'another' }), true],
  ])('%s', (_, live, next, expected) => {
    expect(onlyHides(live, next)).toBe(expected);
  });
});

/** From what shows most to what shows least. */
const VISIBLE: Record<RuleEffect, number> = { FEATURE: 2, SHOW: 2, SUSPEND: 1, HIDE: 0 };
const SITES = ['acme-uk', 'acme-ie'];
const JURISDICTIONS = ['GB', 'IE'];
const TIMES = ['2026-01-01T00:00', '2026-06-01T00:00', '2027-01-01T00:00'];
const MARKETS = ['football', 'tennis'].flatMap((sport) =>
  ['WINNER', 'GOALS'].map((type) => ({
    id: `sim:${sport}-${type}`,
    event: `sim:${sport}`,
    def: { sport, competition: 'open', type },
  })),
);

const some = <Value>(values: readonly Value[]) => fc.subarray([...values], { minLength: 1 });
const anyRule: fc.Arbitrary<MarketRuleBody> = fc
  .record(
    {
      match: fc.oneof(
        fc.constant({ everything: true }),
        fc.record({ sport: fc.constantFrom('football', 'tennis') }),
        fc.record({ sport: fc.constantFrom('football', 'tennis'), marketType: fc.constantFrom('WINNER', 'GOALS') }),
        fc.record({ event: fc.constantFrom('sim:football', 'sim:tennis') }),
        fc.record({ market: fc.constantFrom(...MARKETS.map(({ id }) => id)) }),
      ),
      effect: fc.constantFrom(...RULE_EFFECTS),
      reason: fc.constant('r'),
      audience: fc.record({ sites: some(SITES), jurisdictions: some(JURISDICTIONS) }, { requiredKeys: [] }),
      schedule: fc
        .tuple(fc.option(fc.nat(1), { nil: undefined }), fc.integer({ min: 1, max: 2 }))
        .map(([from, to]) => ({
          ...(from === undefined || from >= to ? {} : { from: TIMES[from] ?? '' }),
          to: TIMES[to] ?? '',
          timeZone: 'UTC',
        })),
    },
    { requiredKeys: ['match', 'effect', 'reason'] },
  )
  .map((body) => ({ ...body }));

test('a change that only hides shows no visitor more of any market at any time, with any other rules', () => {
  let judged = 0;
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 5 }),
      fc.option(anyRule, { nil: undefined }),
      fc.option(anyRule, { nil: undefined }),
      (others, live, next) => {
        if (!onlyHides(live, next)) return;
        judged += 1;
        const compiled = (bodies: (MarketRuleBody | undefined)[]) =>
          bodies.flatMap((body, index) => (body ? [compileRule(`market-rule/*/r${index}`, '*', body)] : []));
        const [before, after] = [compiled([live, ...others]), compiled([next, ...others])];
        for (const site of SITES) {
          for (const jurisdiction of JURISDICTIONS) {
            for (const time of [...TIMES.map((text) => Date.parse(`${text}Z`)), Date.UTC(2030, 0)]) {
              const [was, becomes] = [before, after].map(
                (rules) => new MarketView(rules, { site, jurisdiction }, time),
              );
              for (const market of MARKETS) {
                const [shown, remains] = [was, becomes].map((view) => VISIBLE[view?.ruleFor(market)?.effect ?? 'SHOW']);
                expect(remains).toBeLessThanOrEqual(shown ?? 0);
              }
            }
          }
        }
      },
    ),
    { numRuns: 1_500 },
  );
  expect(judged).toBeGreaterThan(100);
});
