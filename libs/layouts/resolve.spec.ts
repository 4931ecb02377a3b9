import { describe, expect, it } from 'vitest';
import { compileAudience, scheduleInstants, type Visitor } from '@paddock/audience';
import type { Audience, LayoutBody, LayoutItem, PromoBody, Schedule } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { type Candidate, compilePage, type PlannedPromo, type PromoSource } from './page-plan.js';
import { resolve, signatureOf } from './resolve.js';

const START = Date.parse('2026-03-01T00:00:00Z');
const LAYOUT_REF = 'layout/acme-uk/home';
const MINUTES = 10;
/** No schedule of these tests changes anything after that. */
const END = START + (MINUTES + 1) * 60_000;

const clock = (minute: number): string => new Date(START + minute * 60_000).toISOString().slice(0, 19);
const minute = fc.integer({ min: 0, max: MINUTES });
const schedule: fc.Arbitrary<Schedule> = fc.record(
  { from: minute.map(clock), to: minute.map(clock), timeZone: fc.constant('UTC') },
  { requiredKeys: ['timeZone'] },
);
const audience: fc.Arbitrary<Audience> = fc.record(
  {
    segments: fc.subarray(['vip', 'new', 'lapsed'], { minLength: 1 }),
    devices: fc.subarray(['mobile', 'desktop'] as const, { minLength: 1 }),
    jurisdictions: fc.subarray(['GB', 'DE'], { minLength: 1 }),
    percentage: fc.constantFrom(0, 30, 50, 100),
  },
  { requiredKeys: [] },
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const TAGS = ['x', 'y', 'z'];

const promos = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.record({
    tags: fc.subarray(TAGS),
    priority: fc.integer({ min: 0, max: 2 }),
    audience: optional(audience),
    schedule: optional(schedule),
  }),
);
const item = fc
  .record({
    content: fc.oneof(
      fc.constantFrom(...KEYS).map((promo) => ({ promo })),
      fc
        .record({ tags: fc.subarray(TAGS, { minLength: 1 }), limit: fc.integer({ min: 1, max: 3 }) })
        .map((chosen) => ({ promos: chosen })),
      fc.constant({ component: 'banner' }),
    ),
    audience: optional(audience),
    schedule: optional(schedule),
  })
  .map(({ content, ...rest }): LayoutItem => ({ ...content, ...withoutUndefined(rest) }));
const layout = fc.array(fc.array(item, { maxLength: 4 }), { minLength: 1, maxLength: 3 });
const visitor: fc.Arbitrary<Visitor> = fc.record({
  site: fc.constant('acme-uk'),
  jurisdiction: fc.constantFrom('GB', 'DE'),
  device: fc.constantFrom('mobile', 'desktop'),
  segments: fc.subarray(['vip', 'new', 'lapsed']).map((segments) => new Set(segments)),
  id: fc.constantFrom('v1', 'v2', 'v3'),
});

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  const defined: Defined<T> = JSON.parse(JSON.stringify(value));
  return defined;
}

type Promos = Readonly<Record<string, object>>;

function bodyOf(promosByKey: Promos, key: string): PromoBody | undefined {
  return Object.hasOwn(promosByKey, key) ? { title: key, ...withoutUndefined(promosByKey[key] ?? {}) } : undefined;
}

function allPromos(promosByKey: Promos): PlannedPromo[] {
  return Object.keys(promosByKey).flatMap((key) => {
    const body = bodyOf(promosByKey, key);
    return body ? [{ ref: `promo/acme-uk/${key}`, key, body }] : [];
  });
}

function sourceOf(promosByKey: Promos): PromoSource {
  const sorted = allPromos(promosByKey).sort(
    (a, b) => (b.body.priority ?? 0) - (a.body.priority ?? 0) || (a.key < b.key ? -1 : 1),
  );
  return {
    byKey: (key) => sorted.find((promo) => promo.key === key),
    byTags: (tags) => sorted.filter(({ body }) => tags.every((tag) => body.tags?.includes(tag))),
  };
}

/** What a visitor sees, worked out as the contract says it, with nothing prepared. */
function naive(body: LayoutBody, promosByKey: Promos, who: Visitor, now: number): string[][] {
  const isOn = (given: Schedule | undefined): boolean => {
    const { from, to } = scheduleInstants(given);
    return from <= now && now < to;
  };
  const sees = (given: Audience | undefined, salt: string): boolean => compileAudience(given, salt)(who);
  const shows = ({ ref, body: promo }: PlannedPromo): boolean => isOn(promo.schedule) && sees(promo.audience, ref);
  const { byKey, byTags } = sourceOf(promosByKey);
  return body.slots.map(({ items }) =>
    items.flatMap((one) => {
      if (!isOn(one.schedule) || !sees(one.audience, LAYOUT_REF)) return [];
      if (one.component !== undefined) return [`component ${one.component}`];
      const found = one.promo === undefined ? undefined : byKey(one.promo);
      if (found) return shows(found) ? [`promo ${found.key}`] : [];
      if (!one.promos) return [];
      return [...byTags(one.promos.tags)]
        .filter(shows)
        .slice(0, one.promos.limit)
        .map(({ key }) => `promo ${key}`);
    }),
  );
}

function nameOf({ content }: Candidate): string {
  if (content.type === 'promo') return `promo ${content.promo.key}`;
  return content.type === 'component' ? `component ${content.component}` : 'markets';
}

const toLayout = (slots: LayoutItem[][]): LayoutBody => ({
  page: 'home',
  slots: slots.map((items, index) => ({ name: `slot-${index}`, items })),
});

describe('a resolved page', () => {
  it('shows what the contract says, to every visitor, at every time from the compiling on', () => {
    fc.assert(
      fc.property(layout, promos, visitor, minute, minute, (slots, promosByKey, who, compiled, later) => {
        const body = toLayout(slots);
        const since = START + compiled * 60_000;
        const now = since + later * 60_000;
        const plan = compilePage({ ref: LAYOUT_REF, body }, sourceOf(promosByKey), since);
        const resolved = resolve(plan, signatureOf(plan, who), now);
        expect(resolved.slots.map(({ shown }) => shown.map(nameOf))).toEqual(naive(body, promosByKey, who, now));
      }),
      { numRuns: 500 },
    );
  });

  it('stays exactly so until validUntil, and not a minute longer', () => {
    fc.assert(
      fc.property(layout, promos, visitor, minute, (slots, promosByKey, who, start) => {
        const body = toLayout(slots);
        const now = START + start * 60_000;
        const plan = compilePage({ ref: LAYOUT_REF, body }, sourceOf(promosByKey), now);
        const { validUntil } = resolve(plan, signatureOf(plan, who), now);
        const shown = naive(body, promosByKey, who, now);
        const changedEarlier = minutesBetween(now, Math.min(validUntil, END)).find(
          (at) => String(naive(body, promosByKey, who, at)) !== String(shown),
        );
        expect(changedEarlier).toBeUndefined();
        // Two items may show the same promo, one taking over from the other: then the end is early, never late.
        if (validUntil !== Infinity && new Set(shown.flat()).size === shown.flat().length && !takesOver(slots)) {
          expect(naive(body, promosByKey, who, validUntil)).not.toEqual(shown);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for all visitors of a signature', () => {
    fc.assert(
      fc.property(layout, promos, visitor, visitor, minute, (slots, promosByKey, one, other, start) => {
        const now = START + start * 60_000;
        const plan = compilePage({ ref: LAYOUT_REF, body: toLayout(slots) }, sourceOf(promosByKey), now);
        fc.pre(String(signatureOf(plan, one)) === String(signatureOf(plan, other)));
        expect(naive(toLayout(slots), promosByKey, one, now)).toEqual(naive(toLayout(slots), promosByKey, other, now));
      }),
    );
  });

  it('names the promos that are not live, and shows the others', () => {
    const body = toLayout([[{ promo: 'a' }, { promo: 'gone' }]]);
    const plan = compilePage({ ref: LAYOUT_REF, body }, sourceOf({ a: {} }), START);
    expect(plan.missing).toEqual(['gone']);
    expect(resolve(plan, [], START).slots[0]?.shown.map(nameOf)).toEqual(['promo a']);
  });

  it('tells apart more audiences than a number has bits', () => {
    const items = Array.from({ length: 100 }, (_, index): LayoutItem => ({
      component: `c${index}`,
      audience: { segments: [`s${index}`] },
    }));
    const plan = compilePage({ ref: LAYOUT_REF, body: toLayout([items]) }, sourceOf({}), START);
    for (const index of [0, 29, 30, 31, 59, 60, 99]) {
      const who = { site: 'acme-uk', jurisdiction: 'GB', segments: new Set([`s${index}`]) };
      expect(resolve(plan, signatureOf(plan, who), START).slots[0]?.shown.map(nameOf)).toEqual([`component c${index}`]);
    }
  });

  it('reads no more of 100,000 promos than a visitor can ever see', () => {
    let read = 0;
    const source: PromoSource = {
      byKey: () => undefined,
      *byTags() {
        for (let index = 0; index < 100_000; index += 1) {
          read += 1;
          yield {
            ref: `promo/acme-uk/p${index}`,
            key: `p${index}`,
            body: { title: 'x', ...(index < 3 ? { audience: { segments: ['vip'] } } : {}) },
          };
        }
      },
    };
    const plan = compilePage(
      { ref: LAYOUT_REF, body: toLayout([[{ promos: { tags: ['x'], limit: 5 } }]]) },
      source,
      START,
    );
    expect(read).toBe(8);
    const anyVisitor = { site: 'acme-uk', jurisdiction: 'GB', segments: new Set<string>() };
    expect(resolve(plan, signatureOf(plan, anyVisitor), START).slots[0]?.shown.map(nameOf)).toEqual(
      ['p3', 'p4', 'p5', 'p6', 'p7'].map((key) => `promo ${key}`),
    );
  });
});

function minutesBetween(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / 60_000)) }, (_, index) => from + index * 60_000);
}

/** Does the layout name some component or promo in more than one item? */
function takesOver(slots: LayoutItem[][]): boolean {
  const named = slots.flatMap((items) =>
    items.flatMap((one) => one.component ?? one.promo ?? (one.promos ? KEYS : [])),
  );
  return new Set(named).size < named.length;
}
