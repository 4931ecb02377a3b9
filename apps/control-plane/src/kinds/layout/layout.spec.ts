import { describe, expect, test } from 'vitest';
import 'reflect-metadata';
import { canonicalJson, type LayoutBody, type LayoutItem } from '@paddock/contracts';
import { layoutKind } from './layout.kind.js';

const gb = { jurisdictions: ['GB'] };
const full: LayoutBody = {
  page: 'home',
  slots: [
    {
      name: 'hero',
      items: [
        { promo: 'summer', audience: gb, schedule: { from: '2026-07-01T00:00', timeZone: 'UTC' } },
        { promos: { tags: ['football', 'vip'], limit: 3 } },
      ],
    },
    {
      name: 'side',
      items: [
        { component: 'ticker', props: { speed: 2, nothing: null } },
        { markets: { sport: 'football', competition: 'premier-league', limit: 10 } },
      ],
    },
  ],
};
const withItem = (item: unknown) => ({ page: 'home', slots: [{ name: 'hero', items: [item] }] });
const withItems = (...items: LayoutItem[]): LayoutBody => ({ page: 'home', slots: [{ name: 'hero', items }] });

function problems(body: unknown): string[] {
  const parsed = layoutKind.parse(body);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('a layout is stored exactly as written', () => {
  test.each<[string, unknown, object]>([
    ['every kind of item', full, full],
    ['no slots', { page: 'home', slots: [] }, { page: 'home', slots: [] }],
    [
      'null means absent',
      withItem({
        promo: 'a',
        promos: null,
        component: null,
        props: null,
        markets: null,
        audience: null,
        schedule: null,
      }),
      withItem({ promo: 'a' }),
    ],
  ])('%s', (_, input, stored) => {
    const parsed = layoutKind.parse(input);
    expect(parsed.ok ? canonicalJson(parsed.body) : parsed.problems).toBe(canonicalJson(stored));
  });
});

describe('what is wrong with a layout is said, with its place', () => {
  test.each<[string, unknown, string[]]>([
    ['nothing in it', {}, ['page REQUIRED', 'slots REQUIRED']],
    ['a page with a slash', { page: '/home', slots: [] }, ['page INVALID_KEY']],
    ['a page in upper case', { page: 'Home', slots: [] }, ['page INVALID_KEY']],
    ['an object for slots', { page: 'home', slots: {} }, ['slots INVALID_TYPE']],
    [
      'slots that are no objects',
      { page: 'home', slots: ['hero', null, []] },
      ['slots[0] INVALID_TYPE', 'slots[1] REQUIRED', 'slots[2] INVALID_TYPE'],
    ],
    [
      'many slots',
      { page: 'home', slots: Array.from({ length: 51 }, (_, i) => ({ name: `s${i}`, items: [] })) },
      ['slots TOO_MANY'],
    ],
    [
      'many items',
      { page: 'home', slots: [{ name: 'hero', items: Array.from({ length: 101 }, () => ({ promo: 'a' })) }] },
      ['slots[0].items TOO_MANY'],
    ],
    [
      'two slots of one name',
      {
        page: 'home',
        slots: [
          { name: 'a', items: [] },
          { name: 'b', items: [] },
          { name: 'a', items: [] },
        ],
      },
      ['slots[2].name DUPLICATE'],
    ],
    ['an item that shows nothing', withItem({}), ['slots[0].items[0] EXACTLY_ONE']],
    ['an item that shows two things', withItem({ promo: 'a', component: 'b' }), ['slots[0].items[0] EXACTLY_ONE']],
    ['an unknown field', withItem({ promo: 'a', weight: 5 }), ['slots[0].items[0].weight UNKNOWN_FIELD']],
    ['props for a promo', withItem({ promo: 'a', props: {} }), ['slots[0].items[0].props PROPS_WITHOUT_COMPONENT']],
    ['a choice without tags', withItem({ promos: { tags: [], limit: 1 } }), ['slots[0].items[0].promos.tags TOO_FEW']],
    ['a limit of 0', withItem({ promos: { tags: ['a'], limit: 0 } }), ['slots[0].items[0].promos.limit OUT_OF_RANGE']],
    [
      'a limit of 101',
      withItem({ markets: { sport: 'a', limit: 101 } }),
      ['slots[0].items[0].markets.limit OUT_OF_RANGE'],
    ],
    ['markets of no sport', withItem({ markets: { limit: 1 } }), ['slots[0].items[0].markets.sport REQUIRED']],
    [
      'an audience that cannot be',
      withItem({ promo: 'a', audience: { percentage: -1 } }),
      ['slots[0].items[0].audience.percentage INVALID_PERCENTAGE'],
    ],
    [
      'a schedule that ends too early',
      withItem({ promo: 'a', schedule: { from: '2026-01-02T00:00', to: '2026-01-01T00:00', timeZone: 'UTC' } }),
      ['slots[0].items[0].schedule.to END_NOT_AFTER_START'],
    ],
    [
      'deep in a long list',
      {
        page: 'home',
        slots: [
          { name: 'a', items: [] },
          { name: 'b', items: [{ promo: 'x' }, { promo: 'x' }, { promos: { tags: ['a'], limit: 1.5 } }] },
        ],
      },
      ['slots[1].items[2].promos.limit OUT_OF_RANGE'],
    ],
    [
      'several items at once',
      { page: 'home', slots: [{ name: 'a', items: [null, {}, { promo: 'A' }] }] },
      ['slots[0].items[0] REQUIRED', 'slots[0].items[1] EXACTLY_ONE', 'slots[0].items[2].promo INVALID_KEY'],
    ],
  ])('%s', (_, body, expected) => {
    expect(problems(body)).toEqual(expected);
  });
});

describe('what a layout is about', () => {
  test('it refers to promos, tags and components, each with its place', () => {
    expect(layoutKind.references(full)).toEqual([
      { kind: 'promo', key: 'summer', path: 'slots[0].items[0].promo' },
      { kind: 'promo', tag: 'football', path: 'slots[0].items[1].promos.tags[0]' },
      { kind: 'promo', tag: 'vip', path: 'slots[0].items[1].promos.tags[1]' },
      { kind: 'component', key: 'ticker', path: 'slots[1].items[0].component' },
    ]);
  });

  test('props of its items fit their components', () => {
    const ticker = { name: 'Ticker', propsSchema: { type: 'object', properties: { speed: { type: 'integer' } } } };
    const asked: string[] = [];
    const found = layoutKind.checkAgainst(
      withItems({ promo: 'a' }, { component: 'ticker', props: { speed: 'fast' } }, { component: 'gone' }),
      ({ key, path }) => {
        asked.push(`${key} ${path}`);
        return key === 'ticker' ? ticker : undefined;
      },
      'home',
    );
    expect(asked).toEqual(['ticker slots[0].items[1].component', 'gone slots[0].items[2].component']);
    expect(found).toEqual([
      { path: 'slots[0].items[1].props.speed', code: 'PROPS_MISMATCH', message: 'is "fast", but must be integer' },
    ]);
  });

  test('it claims its page and tells what stands where', () => {
    const { claims, places, tags } = layoutKind.reach(full);
    expect({ claims, tags }).toEqual({ claims: ['page:home'], tags: [] });
    expect(places.map(({ page, slot, targets }) => [page, slot, targets.length])).toEqual([
      ['home', 'hero', 3],
      ['home', 'side', 1],
    ]);
  });

  test.each<[string, LayoutBody, object[]]>([
    [
      'the audiences of all items',
      withItems({ promo: 'a', audience: gb }, { promo: 'b', audience: { sites: ['acme-de'] } }),
      [gb, { sites: ['acme-de'] }],
    ],
    ['all visitors, where one item is for all', withItems({ promo: 'a', audience: gb }, { promo: 'b' }), []],
    ['all visitors, where it is empty', withItems(), []],
  ])('it reaches %s', (_, layout, audiences) => {
    expect(layoutKind.reach(layout).audiences).toEqual(audiences);
  });
});
