import { describe, expect, test } from 'vitest';
import { ALL_SITES, type MarketMatch, type MarketRuleBody, RULE_EFFECTS, type RuleEffect } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import {
  compareFeatured,
  type CompiledRule,
  compileRule,
  conflicts,
  type MarketSubject,
  MarketView,
  type View,
} from './index.js';

const UK: View = { site: 'acme-uk', jurisdiction: 'GB' };
const NOON = Date.parse('2026-06-01T12:00:00Z');
const MATCH_ODDS: MarketSubject = {
  id: 'sim:1',
  event: 'sim:e1',
  def: { sport: 'football', competition: 'cup', type: 'MATCH_ODDS' },
};
const GOALS: MarketSubject = {
  ...MATCH_ODDS,
  id: 'sim:2',
  def: { sport: 'football', competition: 'cup', type: 'GOALS' },
};

const rule = (
  name: string,
  match: MarketMatch,
  effect: RuleEffect,
  rest: Partial<MarketRuleBody> & { site?: string } = {},
): CompiledRule => {
  const { site = ALL_SITES, ...body } = rest;
  return compileRule(name, site, { match, effect, reason: 'because', ...body });
};
const decide = (rules: CompiledRule[], market: MarketSubject, view = UK, now = NOON): string | undefined =>
  new MarketView(rules, view, now).ruleFor(market)?.name;

describe('which rule decides', () => {
  const sport = rule('sport', { sport: 'football' }, 'HIDE');
  const competition = rule('competition', { competition: 'cup' }, 'SHOW');
  const typed = rule('typed', { competition: 'cup', marketType: 'GOALS' }, 'SUSPEND');
  const event = rule('event', { event: 'sim:e1' }, 'FEATURE');
  const market = rule('market', { market: 'sim:2' }, 'HIDE');

  test('the most specific match, whatever it does', () => {
    expect(decide([sport], MATCH_ODDS)).toBe('sport');
    expect(decide([sport, competition], MATCH_ODDS)).toBe('competition');
    expect(decide([sport, competition, typed], GOALS)).toBe('typed');
    expect(decide([sport, competition, typed], MATCH_ODDS)).toBe('competition');
    expect(decide([market, typed, event], GOALS)).toBe('market');
    expect(decide([market, typed, event], MATCH_ODDS)).toBe('event');
  });

  test('and the rules that it takes precedence over, the strongest first', () => {
    const names = (subject: MarketSubject) =>
      new MarketView([sport, competition, typed, event, market], UK, NOON)
        .matchingRules(subject)
        .map(({ name }) => name);
    expect(names(GOALS)).toEqual(['market', 'event', 'typed', 'competition', 'sport']);
    expect(names(MATCH_ODDS)).toEqual(['event', 'competition', 'sport']);
    // For a market without a definition: the rules that may withhold it.
    expect(names({ id: 'sim:9', event: 'sim:e2' })).toEqual(['typed', 'sport']);
  });

  test('among equals the most restrictive, whatever their order', () => {
    const all = RULE_EFFECTS.map((effect) => rule(effect, { sport: 'football' }, effect));
    expect(decide([...all].reverse(), MATCH_ODDS)).toBe('HIDE');
    expect(
      decide(
        all.filter(({ effect }) => effect !== 'HIDE'),
        MATCH_ODDS,
      ),
    ).toBe('SUSPEND');
    expect(
      decide(
        all.filter(({ effect }) => effect === 'SHOW' || effect === 'FEATURE'),
        MATCH_ODDS,
      ),
    ).toBe('FEATURE');
  });

  test('naming what is implied anyway makes no rule more specific', () => {
    expect(
      decide(
        [rule('long', { event: 'sim:e1', sport: 'football' }, 'SHOW'), rule('short', { event: 'sim:e1' }, 'HIDE')],
        MATCH_ODDS,
      ),
    ).toBe('short');
  });

  test('what contradicts itself matches nothing', () => {
    expect(decide([rule('odd', { market: 'sim:1', sport: 'tennis' }, 'HIDE')], MATCH_ODDS)).toBeUndefined();
  });

  test('of a market without a definition: rules that may hide it apply, and rules that may show it do not', () => {
    const unknown: MarketSubject = { id: 'sim:9', event: 'sim:e1' };
    expect(decide([sport], unknown)).toBe('sport');
    expect(decide([competition], unknown)).toBeUndefined();
    expect(decide([sport, event], unknown)).toBe('event');
    expect(decide([rule('other', { event: 'sim:e2', sport: 'football' }, 'HIDE')], unknown)).toBeUndefined();
  });
});

describe('who is concerned', () => {
  test('sites, jurisdictions, and the site of the document', () => {
    const gb = rule('gb', { everything: true }, 'HIDE', { audience: { jurisdictions: ['GB'] } });
    expect(decide([gb], GOALS)).toBe('gb');
    expect(decide([gb], GOALS, { site: 'acme-de', jurisdiction: 'DE' })).toBeUndefined();
    const both = rule('both', { everything: true }, 'HIDE', {
      audience: { sites: ['acme-uk'], jurisdictions: ['IE'] },
    });
    expect(decide([both], GOALS)).toBeUndefined();
    expect(decide([both], GOALS, { site: 'acme-uk', jurisdiction: 'IE' })).toBe('both');
    const own = rule('own', { everything: true }, 'HIDE', {
      site: 'acme-de',
      audience: { sites: ['acme-uk', 'acme-de'] },
    });
    expect(decide([own], GOALS)).toBeUndefined();
    expect(decide([own], GOALS, { site: 'acme-de', jurisdiction: 'GB' })).toBe('own');
  });
});

describe('schedules', () => {
  const schedule = { from: '2026-06-01T14:00', to: '2026-06-01T15:00', timeZone: 'Europe/London' };
  const hide = rule('hide', { event: 'sim:e1' }, 'HIDE', { schedule });
  const from = Date.parse('2026-06-01T13:00:00Z');

  test('hold from their first moment until before their last, and the view says when to look again', () => {
    expect(decide([hide], GOALS, UK, from - 1)).toBeUndefined();
    expect(decide([hide], GOALS, UK, from)).toBe('hide');
    expect(decide([hide], GOALS, UK, from + 3_600_000)).toBeUndefined();
    expect(new MarketView([hide], UK, NOON).nextChangeAt).toBe(from);
    expect(new MarketView([hide], UK, from).nextChangeAt).toBe(from + 3_600_000);
    expect(new MarketView([hide], UK, from + 3_600_000).nextChangeAt).toBe(Infinity);
  });

  test('of rules for other views do not matter', () => {
    expect(new MarketView([rule('de', {}, 'HIDE', { schedule, site: 'acme-de' })], UK, NOON).nextChangeAt).toBe(
      Infinity,
    );
  });
});

test('featured markets come by how narrowly they were chosen, the others after them', () => {
  const narrow = rule('narrow', { market: 'sim:1' }, 'FEATURE');
  const wide = rule('wide', { sport: 'football' }, 'FEATURE');
  const show = rule('show', { market: 'sim:3' }, 'SHOW');
  expect([undefined, wide, show, narrow].sort(compareFeatured)).toEqual([narrow, wide, show, undefined]);
  expect(compareFeatured(show, undefined)).toBe(0);
  expect(compareFeatured(wide, wide)).toBe(0);
});

describe('contradictions', () => {
  const named = (rules: CompiledRule[]): string[] =>
    conflicts(rules).map(({ restrictive, permissive }) => `${restrictive.name} ${permissive.name}`);

  test.each<[string, CompiledRule[], string[]]>([
    ['the same event', [rule('b', { event: 'e' }, 'FEATURE'), rule('a', { event: 'e' }, 'HIDE')], ['a b']],
    [
      'a wider rule and its exception',
      [rule('a', { sport: 'football' }, 'HIDE'), rule('b', { event: 'e' }, 'SHOW')],
      [],
    ],
    ['both withhold', [rule('a', { event: 'e' }, 'HIDE'), rule('b', { event: 'e' }, 'SUSPEND')], []],
    ['both show', [rule('a', { event: 'e' }, 'SHOW'), rule('b', { event: 'e' }, 'FEATURE')], []],
    ['other events', [rule('a', { event: 'e' }, 'HIDE'), rule('b', { event: 'f' }, 'SHOW')], []],
    [
      'wider fields that differ',
      [rule('a', { event: 'e', sport: 'x' }, 'HIDE'), rule('b', { event: 'e', sport: 'y' }, 'SHOW')],
      [],
    ],
    [
      'other jurisdictions',
      [
        rule('a', {}, 'HIDE', { audience: { jurisdictions: ['GB'] } }),
        rule('b', {}, 'SHOW', { audience: { jurisdictions: ['DE'] } }),
      ],
      [],
    ],
    [
      'a site’s own rule against one for all',
      [rule('a', {}, 'SUSPEND'), rule('b', {}, 'SHOW', { site: 'acme-uk' })],
      ['a b'],
    ],
    [
      'rules of two sites',
      [rule('a', {}, 'HIDE', { site: 'acme-de' }), rule('b', {}, 'SHOW', { site: 'acme-uk' })],
      [],
    ],
    [
      'a rule for no view',
      [rule('a', {}, 'HIDE', { site: 'acme-de', audience: { sites: ['acme-uk'] } }), rule('b', {}, 'SHOW')],
      [],
    ],
    [
      'one after the other',
      [
        rule('a', {}, 'HIDE', { schedule: { to: '2026-06-01T12:00', timeZone: 'UTC' } }),
        rule('b', {}, 'SHOW', { schedule: { from: '2026-06-01T12:00', timeZone: 'UTC' } }),
      ],
      [],
    ],
    [
      'for a while at once',
      [
        rule('a', {}, 'HIDE', { schedule: { to: '2026-06-01T12:01', timeZone: 'UTC' } }),
        rule('b', {}, 'SHOW', { schedule: { from: '2026-06-01T12:00', timeZone: 'UTC' } }),
      ],
      ['a b'],
    ],
  ])('%s', (_, rules, expected) => expect(named(rules)).toEqual(expected));
});

// Few values of each field, so that rules and markets meet.
const value = fc.constantFrom('a', 'b', 'c');
const maybe = fc.option(value, { nil: undefined });
const arbitraryMatch = fc
  .record({ sport: maybe, competition: maybe, event: maybe, marketType: maybe, market: maybe })
  .map((fields): MarketMatch => JSON.parse(JSON.stringify(fields)));
const places = fc.option(fc.uniqueArray(fc.constantFrom('p', 'q'), { minLength: 1 }), { nil: undefined });
const hours = fc.option(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 8 })), { nil: undefined });
const arbitraryBody = fc.record({
  match: arbitraryMatch,
  effect: fc.constantFrom(...RULE_EFFECTS),
  sites: places,
  jurisdictions: places,
  hours,
});
const arbitraryRules = fc.array(arbitraryBody, { maxLength: 12 }).map((bodies) =>
  bodies.map(({ match, effect, sites, jurisdictions, hours: between }, index) => {
    const audience = { ...(sites ? { sites } : {}), ...(jurisdictions ? { jurisdictions } : {}) };
    const [start = 0, length = 0] = between ?? [];
    const schedule = between
      ? {
          schedule: {
            from: `2026-06-01T0${start}:00`,
            to: `2026-06-01T${String(start + length).padStart(2, '0')}:00`,
            timeZone: 'UTC',
          },
        }
      : {};
    return {
      body: { match, effect, audience, reason: 'x', ...schedule },
      sites,
      jurisdictions,
      from: between ? start : -1,
      to: between ? start + length : 99,
      name: `r${index}`,
    };
  }),
);
const arbitraryMarket = fc.record({ id: value, event: value, sport: value, competition: maybe, type: value });

/** Every rule against every market, by the words of the definition. */
function oracle(
  rules: ReturnType<typeof toPlain>[],
  market: { id: string; event: string; sport: string; competition: string | undefined; type: string },
  view: View,
  hour: number,
): string {
  const holding = rules.filter(({ sites, jurisdictions, from, to, match }) => {
    const wanted = [match.market, match.event, match.competition, match.sport, match.marketType];
    const found = [market.id, market.event, market.competition, market.sport, market.type];
    return (
      (!sites || sites.includes(view.site)) &&
      (!jurisdictions || jurisdictions.includes(view.jurisdiction)) &&
      from <= hour &&
      hour < to &&
      wanted.every((text, index) => text === undefined || text === found[index])
    );
  });
  const rank = ({ match }: { match: MarketMatch }): number => {
    if (match.market) return 8;
    const place = match.event ? 6 : match.competition ? 4 : match.sport ? 2 : 0;
    return match.marketType ? place + 1 : place;
  };
  const highest = Math.max(...holding.map(rank));
  const effects = new Set(holding.filter((one) => rank(one) === highest).map(({ effect }) => effect));
  return (['HIDE', 'SUSPEND', 'FEATURE', 'SHOW'] as const).find((effect) => effects.has(effect)) ?? 'NONE';
}

const toPlain = ({
  body,
  ...rest
}: {
  body: MarketRuleBody;
  sites: string[] | undefined;
  jurisdictions: string[] | undefined;
  from: number;
  to: number;
  name: string;
}) => ({ ...body, ...rest });

test('every decision is the one that the definition gives', () => {
  fc.assert(
    fc.property(
      arbitraryRules,
      arbitraryMarket,
      fc.integer({ min: 0, max: 17 }),
      fc.constantFrom('p', 'q'),
      fc.constantFrom('p', 'q'),
      (rules, market, hour, site, jurisdiction) => {
        const { id, event, competition, sport, type } = market;
        const compiled = rules.map(({ name, body }) => compileRule(name, ALL_SITES, body));
        const view = new MarketView(compiled, { site, jurisdiction }, Date.UTC(2026, 5, 1, hour));
        const subject = { id, event, def: { sport, type, ...(competition ? { competition } : {}) } };
        expect(view.ruleFor(subject)?.effect ?? 'NONE').toBe(
          oracle(rules.map(toPlain), market, { site, jurisdiction }, hour),
        );
        for (const one of [subject, { id, event }]) expect(view.matchingRules(one)[0]).toBe(view.ruleFor(one));
      },
    ),
    { numRuns: 1_000 },
  );
});

test('where nothing contradicts, no rule that shows is overruled by an equal that withholds', () => {
  fc.assert(
    fc.property(arbitraryRules, arbitraryMarket, (rules, { id, event, sport, type }) => {
      const compiled = rules.map(({ name, body }) => compileRule(name, ALL_SITES, body));
      fc.pre(conflicts(compiled).length === 0);
      const view = new MarketView(compiled, { site: 'p', jurisdiction: 'p' }, Date.UTC(2026, 5, 1, 5));
      const decided = view.ruleFor({ id, event, def: { sport, type } });
      const equals = view.rules.filter(
        (one) =>
          one.specificity === decided?.specificity &&
          new MarketView([one], { site: 'p', jurisdiction: 'p' }, Date.UTC(2026, 5, 1, 5)).ruleFor({
            id,
            event,
            def: { sport, type },
          }),
      );
      expect(new Set(equals.map(({ effect }) => effect === 'HIDE' || effect === 'SUSPEND')).size).toBeLessThanOrEqual(
        1,
      );
    }),
    { numRuns: 300 },
  );
});

test('100,000 markets by 500 rules take far less than a second', () => {
  const rules = Array.from({ length: 500 }, (_, index) =>
    rule(
      `r${index}`,
      [
        { event: `e${index}` },
        { competition: `c${index}`, marketType: 'T1' },
        { market: `m${index}` },
        { sport: 's1', marketType: `T${index}` },
      ][index % 4] ?? {},
      'HIDE',
    ),
  );
  const markets = Array.from({ length: 100_000 }, (_, index): MarketSubject => {
    return {
      id: `m${index}`,
      event: `e${index % 5_000}`,
      def: { sport: `s${index % 20}`, competition: `c${index % 700}`, type: `T${index % 40}` },
    };
  });
  const started = process.cpuUsage();
  const view = new MarketView(rules, UK, NOON);
  const hidden = markets.filter((market) => view.ruleFor(market)?.effect === 'HIDE').length;
  // It takes some 50 ms, of the processor: on the clock it depends on who else runs here.
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1_000).toBeLessThan(1_000);
  expect(hidden).toBeGreaterThan(2_500);
});
