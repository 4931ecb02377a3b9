import { describe, expect, test } from 'vitest';
import 'reflect-metadata';
import { canonicalJson, type ComponentBody, type PromoBody } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { promoKind } from './promo.kind.js';

const full: PromoBody = {
  title: 'Bet £10, get £5 🎉',
  subtitle: 'הימור חינם',
  text: '## Terms\n\n**18+**, see [terms](/terms)',
  image: { url: 'https://cdn.example/a.jpg', alt: '' },
  cta: { label: 'Join', href: '/join?from=home#top' },
  badge: 'New',
  terms: 'One\n\tTwo',
  tags: ['football', 'summer-2026'],
  priority: -5,
  audience: {
    sites: ['acme-uk'],
    jurisdictions: ['GB'],
    locales: ['en'],
    devices: ['mobile'],
    segments: ['vip'],
    percentage: 12.5,
  },
  schedule: { from: '2026-07-01T00:00', to: '2026-08-01T00:00:00', timeZone: 'Europe/London' },
  component: 'banner',
  props: { colour: 'red', deep: [null, { x: null }] },
};

/** `path CODE` of every problem, or none. */
function problems(body: unknown): string[] {
  const parsed = promoKind.parse(body);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

function message(body: unknown): string | undefined {
  const parsed = promoKind.parse(body);
  return parsed.ok ? undefined : parsed.problems[0]?.message;
}

const withTitle = (fields: object) => ({ title: 'x', ...fields });

describe('a promo is stored exactly as written', () => {
  test.each<[string, unknown, object]>([
    ['only a title', { title: 'x' }, { title: 'x' }],
    ['every field', full, full],
    [
      'null means absent, but not within props',
      { title: 'x', subtitle: null, audience: { sites: null, percentage: 50 }, component: 'c', props: { a: null } },
      { title: 'x', audience: { percentage: 50 }, component: 'c', props: { a: null } },
    ],
    ['white space around text', { title: ' x ', subtitle: '' }, { title: ' x ', subtitle: '' }],
    [
      'the greatest lengths',
      { title: 'x'.repeat(200), text: 'x'.repeat(20_000), tags: Array.from({ length: 50 }, (_, i) => `t${i}`) },
      { title: 'x'.repeat(200), text: 'x'.repeat(20_000), tags: Array.from({ length: 50 }, (_, i) => `t${i}`) },
    ],
  ])('%s', (_, input, stored) => {
    const parsed = promoKind.parse(input);
    expect(parsed.ok ? canonicalJson(parsed.body) : parsed.problems).toBe(canonicalJson(stored));
  });
});

describe('what is wrong with a promo is said, with its place', () => {
  test.each<[string, unknown, string[]]>([
    ['no object', 'x', [' INVALID_TYPE']],
    ['nothing', null, [' REQUIRED']],
    ['a list', [], [' INVALID_TYPE']],
    ['no title', {}, ['title REQUIRED']],
    ['a blank title', { title: ' \t' }, ['title BLANK']],
    ['a number for a title', { title: 5 }, ['title INVALID_TYPE']],
    ['an unknown field', withTitle({ colour: 'red' }), ['colour UNKNOWN_FIELD']],
    [
      'an unknown field further down',
      withTitle({ cta: { label: 'a', href: '/b', target: '_blank' } }),
      ['cta.target UNKNOWN_FIELD'],
    ],
    ['an unknown field with an odd name', withTitle({ 'a.b[0]': 1 }), ['["a.b[0]"] UNKNOWN_FIELD']],
    ['1 MB of title', { title: 'x'.repeat(1_000_000) }, ['title TOO_LONG']],
    ['1 MB of text', withTitle({ text: 'x'.repeat(1_000_000) }), ['text TOO_LONG']],
    [
      'every text too long',
      {
        title: 'x'.repeat(201),
        subtitle: 'x'.repeat(301),
        badge: 'x'.repeat(41),
        terms: 'x'.repeat(5001),
        image: { url: '/x', alt: 'x'.repeat(301) },
        cta: { label: 'x'.repeat(81), href: `/${'x'.repeat(2000)}` },
      },
      [
        'title TOO_LONG',
        'subtitle TOO_LONG',
        'image.alt TOO_LONG',
        'cta.label TOO_LONG',
        'cta.href TOO_LONG',
        'badge TOO_LONG',
        'terms TOO_LONG',
      ],
    ],
    ['NUL', { title: 'a\u0000b' }, ['title CONTROL_CHARACTER']],
    ['a line feed in a title', { title: 'a\nb' }, ['title CONTROL_CHARACTER']],
    ['a carriage return in terms', withTitle({ terms: 'a\r\nb' }), ['terms CONTROL_CHARACTER']],
    ['a lone surrogate', { title: 'a\ud83d' }, ['title INVALID_UNICODE']],
    ['a lone surrogate in text', withTitle({ text: '\udc00' }), ['text INVALID_UNICODE']],
    ['HTML in text', withTitle({ text: 'a\n\n<script>alert(1)</script>' }), ['text HTML_NOT_ALLOWED']],
    ['a javascript: link in text', withTitle({ text: '[a](javascript:alert(1))' }), ['text INVALID_LINK']],
    ['a javascript: link', withTitle({ cta: { label: 'a', href: 'javascript:alert(1)' } }), ['cta.href INVALID_LINK']],
    ['a data: image', withTitle({ image: { url: 'data:image/png;base64,AA==', alt: '' } }), ['image.url INVALID_LINK']],
    [
      'an SVG image',
      withTitle({ image: { url: 'https://cdn.example/a.SVG?v=2#x', alt: '' } }),
      ['image.url INVALID_LINK'],
    ],
    ['an SVG image in the text', withTitle({ text: 'one\n\n![x](/a%2Esvg)' }), ['text INVALID_LINK']],
    ['half an image', withTitle({ image: { url: '/x' } }), ['image.alt REQUIRED']],
    ['a list for an image', withTitle({ image: [{ url: '/x', alt: '' }] }), ['image INVALID_TYPE']],
    ['a text for an image', withTitle({ image: '/x' }), ['image INVALID_TYPE']],
    [
      'bad tags',
      withTitle({ tags: ['ok', 'Upper', 'a/b', 'ok', 5, null] }),
      ['tags[1] INVALID_KEY', 'tags[2] INVALID_KEY', 'tags[3] DUPLICATE', 'tags[4] INVALID_TYPE', 'tags[5] REQUIRED'],
    ],
    ['a text for tags', withTitle({ tags: 'football' }), ['tags INVALID_TYPE']],
    ['many tags', withTitle({ tags: Array.from({ length: 51 }, (_, i) => `t${i}`) }), ['tags TOO_MANY']],
    ['a fraction for priority', withTitle({ priority: 1.5 }), ['priority OUT_OF_RANGE']],
    ['a great priority', withTitle({ priority: 1_000_001 }), ['priority OUT_OF_RANGE']],
    ['a text for priority', withTitle({ priority: '5' }), ['priority INVALID_TYPE']],
    ['NaN', withTitle({ priority: NaN }), ['priority NOT_JSON']],
    ['a component with a slash', withTitle({ component: 'a/b' }), ['component INVALID_KEY']],
    ['a long key', withTitle({ component: 'x'.repeat(101) }), ['component INVALID_KEY']],
    ['props without a component', withTitle({ props: {} }), ['props PROPS_WITHOUT_COMPONENT']],
    ['a list for props', withTitle({ component: 'c', props: [] }), ['props INVALID_TYPE']],
    [
      'an impossible percentage',
      withTitle({ audience: { percentage: 120 } }),
      ['audience.percentage INVALID_PERCENTAGE'],
    ],
    ['an audience without visitors', withTitle({ audience: { sites: [] } }), ['audience.sites EMPTY_LIST']],
    [
      'wrong types in an audience',
      withTitle({ audience: { sites: 'a', segments: [5], percentage: '5', age: 18 } }),
      [
        'audience.age UNKNOWN_FIELD',
        'audience.sites INVALID_TYPE',
        'audience.segments INVALID_TYPE',
        'audience.percentage INVALID_TYPE',
      ],
    ],
    [
      'a bad member of an audience',
      withTitle({ audience: { jurisdictions: ['GB', 'uk'], devices: ['fridge'] } }),
      ['audience.jurisdictions[1] INVALID_JURISDICTION', 'audience.devices[0] UNKNOWN_DEVICE'],
    ],
    [
      'an end before the start',
      withTitle({ schedule: { from: '2026-07-02T00:00', to: '2026-07-01T00:00', timeZone: 'UTC' } }),
      ['schedule.to END_NOT_AFTER_START'],
    ],
    [
      'a time that clocks skip',
      withTitle({ schedule: { from: '2026-03-29T01:30', timeZone: 'Europe/London' } }),
      ['schedule.from DST_GAP'],
    ],
    [
      'a zone that does not exist',
      withTitle({ schedule: { from: '2026-07-01T00:00', timeZone: 'Europe/Atlantis' } }),
      ['schedule.timeZone UNKNOWN_TIME_ZONE'],
    ],
    ['no zone', withTitle({ schedule: { from: '2026-07-01T00:00' } }), ['schedule.timeZone REQUIRED']],
    ['an empty schedule', withTitle({ schedule: { timeZone: 'UTC' } }), ['schedule EMPTY_SCHEDULE']],
    [
      'a date for a schedule',
      withTitle({ schedule: { from: 20260701, timeZone: 'UTC' } }),
      ['schedule.from INVALID_TYPE'],
    ],
    [
      'a prototype in props',
      JSON.parse('{"title":"x","component":"c","props":{"__proto__":{"admin":true}}}'),
      ['props.__proto__ FORBIDDEN_NAME'],
    ],
    [
      'a constructor in props',
      withTitle({ component: 'c', props: { a: [{ constructor: { prototype: {} } }] } }),
      ['props.a[0].constructor FORBIDDEN_NAME'],
    ],
    [
      'a field called prototype in props',
      withTitle({ component: 'c', props: { prototype: 1 } }),
      ['props.prototype FORBIDDEN_NAME'],
    ],
    [
      'a constructor in the body',
      JSON.parse('{"title":"x","constructor":{"name":"y"}}'),
      ['constructor FORBIDDEN_NAME'],
    ],
    ['NUL in props', withTitle({ component: 'c', props: { a: ['\u0000'] } }), ['props.a[0] CONTROL_CHARACTER']],
    [
      'a lone surrogate in a name in props',
      withTitle({ component: 'c', props: { '\ud800': 1 } }),
      ['props["\\ud800"] INVALID_UNICODE'],
    ],
    ['large props', withTitle({ component: 'c', props: { a: 'x'.repeat(65_536) } }), ['props TOO_LARGE']],
    [
      'many values in props',
      withTitle({ component: 'c', props: { a: Array.from({ length: 5_000 }, () => 1) } }),
      ['props TOO_MANY'],
    ],
    [
      'deep props',
      withTitle({ component: 'c', props: JSON.parse(`${'{"a":'.repeat(21)}1${'}'.repeat(21)}`) }),
      [`props.${'a.'.repeat(19)}a TOO_DEEP`],
    ],
    [
      'bottomless props',
      withTitle({ component: 'c', props: JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) }),
      [`props.${'a.'.repeat(28)}a TOO_DEEP`],
    ],
    [
      'everything at once',
      { title: '', tags: ['A'], cta: { label: 'x', href: 'http://x' }, x: 1, props: {} },
      [
        'x UNKNOWN_FIELD',
        'title BLANK',
        'cta.href INVALID_LINK',
        'tags[0] INVALID_KEY',
        'props PROPS_WITHOUT_COMPONENT',
      ],
    ],
  ])('%s', (_, body, expected) => {
    expect(problems(body)).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    [
      'a limit',
      { title: 'x'.repeat(1_000_000) },
      `has 1000000 characters, at most 200 are allowed: "${'x'.repeat(60)}…"`,
    ],
    ['a range', withTitle({ priority: 2e9 }), 'is 2000000000, expected an integer from -1000000 to 1000000'],
    [
      'a percentage',
      withTitle({ audience: { percentage: 101 } }),
      '101 is not a percentage; expected a number from 0 to 100 with at most two decimals',
    ],
    [
      'a place in text',
      withTitle({ text: 'a\n<b>' }),
      'line 2, column 1: HTML is not allowed; write \\< for the character',
    ],
    ['a character', { title: 'ab\u0007' }, 'contains the control character U+0007 at position 2; none is allowed here'],
    ['a type', { title: { a: 1 } }, 'is an object, expected text of at most 200 characters'],
  ])('the message names %s', (_, body, expected) => {
    expect(message(body)).toBe(expected);
  });

  test('at most a hundred problems are listed', () => {
    expect(problems(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, 1])))).toHaveLength(100);
  });

  test('nothing is left on Object.prototype', () => {
    problems(JSON.parse('{"title":"x","__proto__":{"polluted":1},"cta":{"__proto__":{"polluted":1}}}'));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('any input', () => {
  const names = fc.constantFrom(
    ...Object.keys(full),
    'label',
    'href',
    'url',
    'alt',
    'timeZone',
    'from',
    'percentage',
    '__proto__',
    'constructor',
    'x',
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(null, 'x', '', 5, NaN, true, '2026-07-01T00:00', 'UTC', '/x', undefined),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(names, tie('tree'), { maxKeys: 6 }),
    ),
  }));

  test('is parsed or refused, never thrown at, and what was parsed parses again to the same', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          tree,
          fc.anything(),
          fc.record(
            {
              title: fc.string({ minLength: 1 }),
              subtitle: fc.string({ unit: 'binary' }),
              tags: fc.constantFrom(['a'], null),
            },
            { requiredKeys: ['title'] },
          ),
        ),
        (input) => {
          const parsed = promoKind.parse(input);
          if (!parsed.ok) {
            expect(parsed.problems.length).toBeGreaterThan(0);
            return;
          }
          accepted += 1;
          const again = promoKind.parse(JSON.parse(canonicalJson(parsed.body)));
          expect(again.ok && canonicalJson(again.body)).toBe(canonicalJson(parsed.body));
        },
      ),
      { numRuns: 1_500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('what a promo is about', () => {
  const banner: ComponentBody = {
    name: 'Banner',
    propsSchema: {
      type: 'object',
      properties: { colour: { type: 'string' } },
      required: ['colour'],
      additionalProperties: false,
    },
  };
  const check = (promo: PromoBody, component: object | undefined) =>
    promoKind.checkAgainst(promo, () => component, 'summer').map(({ path, code }) => `${path} ${code}`);

  test('it refers to its component', () => {
    expect(promoKind.references(full)).toEqual([{ kind: 'component', key: 'banner', path: 'component' }]);
    expect(promoKind.references({ title: 'x' })).toEqual([]);
  });

  test('its props fit the component', () => {
    expect(check({ title: 'x', component: 'banner', props: { colour: 'red' } }, banner)).toEqual([]);
    expect(check({ title: 'x', component: 'banner', props: { colour: 5, size: 1 } }, banner)).toEqual([
      'props.size PROPS_MISMATCH',
      'props.colour PROPS_MISMATCH',
    ]);
    expect(check({ title: 'x', component: 'banner' }, banner)).toEqual(['props.colour PROPS_MISMATCH']);
    expect(check({ title: 'x' }, banner)).toEqual([]);
  });

  test('a missing component is not its to report', () => {
    expect(check({ title: 'x', component: 'banner' }, undefined)).toEqual([]);
  });

  test('it is labelled by its title, and reaches its audience by its tags', () => {
    expect(promoKind.label(full)).toBe(full.title);
    expect(promoKind.reach(full)).toEqual({ audiences: [full.audience], tags: full.tags, places: [], claims: [] });
    expect(promoKind.reach({ title: 'x' })).toEqual({ audiences: [], tags: [], places: [], claims: [] });
  });
});
