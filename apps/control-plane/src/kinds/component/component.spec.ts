import { describe, expect, test } from 'vitest';
import 'reflect-metadata';
import { type Json } from '@paddock/contracts';
import { compileLinear } from '@paddock/patterns';
import { componentKind } from './component.kind.js';
import { propsProblems } from './props.js';

type Schema = { [name: string]: Json };

function problems(propsSchema: unknown): string[] {
  const parsed = componentKind.parse({ name: 'Banner', propsSchema });
  return parsed.ok
    ? []
    : parsed.problems.map(({ path, code }) => `${path.replace(/^propsSchema\.?/, '')} ${code}`.trim());
}

const withProperty = (schema: Json): Schema => ({ type: 'object', properties: { a: schema } });

function mismatches(propsSchema: Schema, props: Schema | undefined): string[] {
  return propsProblems({ name: 'Banner', propsSchema }, props, 'props').map(
    ({ path, message }) => `${path} ${message}`,
  );
}

describe('schemas that describe props', () => {
  test.each<[string, Schema]>([
    ['any object', { type: 'object' }],
    [
      'with its dialect and an id',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://acme.example/banner', type: 'object' },
    ],
    [
      'with annotations',
      {
        type: 'object',
        title: 'Banner',
        description: 'x',
        properties: { a: { type: 'string', default: 'x', examples: ['y'], deprecated: true } },
      },
    ],
    [
      'with definitions',
      {
        type: 'object',
        $defs: { 'a b/c': { type: 'string' }, any: true },
        properties: { a: { $ref: '#/$defs/a%20b~1c' }, b: { $ref: '#/$defs/any' } },
      },
    ],
    [
      'that refer to themselves for a tree',
      { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } },
    ],
    [
      'with data that looks like a reference',
      { type: 'object', properties: { $ref: { const: { $ref: 'https://x' } } }, default: { $ref: 5 } },
    ],
    [
      'with tuples and unions',
      withProperty({ type: ['array', 'null'], prefixItems: [{ type: 'string' }], items: false }),
    ],
    ['with a pattern', withProperty({ type: 'string', pattern: '^(?:\\p{Lu}|\\u00e9)+$' })],
    ['with a link', withProperty({ type: 'string', format: 'link' })],
  ])('%s', (_, schema) => {
    expect(problems(schema)).toEqual([]);
  });
});

describe('schemas that are refused, with the place', () => {
  const doubling: Schema = { d40: true };
  for (let i = 0; i < 40; i += 1)
    doubling[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] };

  test.each<[string, unknown, string[]]>([
    ['none', undefined, ['REQUIRED']],
    ['a text', '{"type":"object"}', ['INVALID_TYPE']],
    ['true', true, ['INVALID_TYPE']],
    ['no type', {}, ['type INVALID_SCHEMA']],
    ['a list', { type: 'array' }, ['type INVALID_SCHEMA']],
    [
      'another dialect',
      { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
      ['$schema UNKNOWN_DIALECT'],
    ],
    ['a type that does not exist', withProperty({ type: 'strin' }), ['properties.a.type INVALID_SCHEMA']],
    ['a negative length', withProperty({ type: 'string', minLength: -1 }), ['properties.a.minLength INVALID_SCHEMA']],
    ['a keyword that does not exist', withProperty({ minLenght: 1 }), ['properties.a.minLenght UNKNOWN_KEYWORD']],
    ['our own mark', withProperty({ 'x-paddock-step': true }), ['properties.a.x-paddock-step UNKNOWN_KEYWORD']],
    ['a format that does not exist', withProperty({ format: 'postcode' }), ['properties.a.format UNKNOWN_FORMAT']],
    [
      'a remote reference',
      withProperty({ $ref: 'https://evil.example/schema' }),
      ['properties.a.$ref REMOTE_REFERENCE'],
    ],
    ['a relative reference', withProperty({ $ref: 'other.json' }), ['properties.a.$ref REMOTE_REFERENCE']],
    ['a reference by anchor', withProperty({ $ref: '#there' }), ['properties.a.$ref REMOTE_REFERENCE']],
    ['a reference to nothing', withProperty({ $ref: '#/$defs/gone' }), ['properties.a.$ref UNRESOLVED_REFERENCE']],
    [
      'a reference into data',
      { type: 'object', default: { type: 'string' }, properties: { a: { $ref: '#/default' } } },
      ['properties.a.$ref UNRESOLVED_REFERENCE'],
    ],
    [
      'names for parts',
      { type: 'object', $defs: { a: { $id: 'b', $anchor: 'c', $dynamicAnchor: 'd' } } },
      [
        '$defs.a.$id KEYWORD_NOT_ALLOWED',
        '$defs.a.$anchor KEYWORD_NOT_ALLOWED',
        '$defs.a.$dynamicAnchor KEYWORD_NOT_ALLOWED',
      ],
    ],
    ['an asynchronous check', { type: 'object', $async: true }, ['$async KEYWORD_NOT_ALLOWED']],
    ['look-ahead', withProperty({ pattern: '^(?=a)' }), ['properties.a.pattern INVALID_PATTERN']],
    ['a back-reference', withProperty({ pattern: '(a)\\1' }), ['properties.a.pattern INVALID_PATTERN']],
    [
      'a broken pattern for names',
      { type: 'object', patternProperties: { '[': {} } },
      ['patternProperties["["] INVALID_PATTERN'],
    ],
    ['a long pattern', withProperty({ pattern: 'a'.repeat(501) }), ['properties.a.pattern INVALID_PATTERN']],
    ['a schema that is itself', { type: 'object', allOf: [{ $ref: '#' }] }, ['ENDLESS_SCHEMA']],
    [
      'a schema that doubles itself forty times',
      { type: 'object', $defs: doubling, $ref: '#/$defs/d0' },
      ['ENDLESS_SCHEMA'],
    ],
    ['a large schema', { type: 'object', description: 'x'.repeat(65_536) }, ['TOO_LARGE']],
    [
      'a prototype',
      JSON.parse('{"type":"object","properties":{"__proto__":{}}}'),
      ['properties.__proto__ FORBIDDEN_NAME'],
    ],
    [
      'several mistakes',
      withProperty({ $ref: 'x', pattern: '[', foo: 1 }),
      [
        'properties.a.$ref REMOTE_REFERENCE',
        'properties.a.pattern INVALID_PATTERN',
        'properties.a.foo UNKNOWN_KEYWORD',
      ],
    ],
  ])('%s', (_, schema, expected) => {
    expect(problems(schema)).toEqual(expected);
  });
});

describe('props are checked against the schema', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      colour: { enum: ['red', 'blue'] },
      size: { type: 'integer', minimum: 1 },
      lines: {
        type: 'array',
        items: { type: 'object', properties: { text: { type: 'string', maxLength: 3 } }, additionalProperties: false },
      },
      href: { type: 'string', format: 'link' },
    },
    required: ['colour'],
  };

  test.each<[string, Schema | undefined, string[]]>([
    ['what fits', { colour: 'red', size: 2, lines: [{ text: 'abc' }], href: '/x' }, []],
    ['nothing given', undefined, ['props.colour is required by the component']],
    ['a wrong choice', { colour: 'green' }, ['props.colour is "green", but must be one of "red", "blue"']],
    ['a wrong type', { colour: 'red', size: 'big' }, ['props.size is "big", but must be integer']],
    [
      'deep down',
      { colour: 'red', lines: [{}, { text: 'long', more: 1 }] },
      [
        'props.lines[1].more is not a prop of the component',
        'props.lines[1].text is "long", but must NOT have more than 3 characters',
      ],
    ],
    [
      'an unsafe link',
      { colour: 'red', href: 'javascript:alert(1)' },
      ['props.href is "javascript:alert(1)", but must match format "link"'],
    ],
  ])('%s', (_, props, expected) => {
    expect(mismatches(schema, props)).toEqual(expected);
  });

  test("two components with the same $id do not get in each other's way", () => {
    const [one, other] = (['string', 'integer'] as const).map((type): Schema => ({
      $id: 'https://acme.example/x',
      type: 'object',
      properties: { a: { type } },
    }));
    expect(mismatches(one ?? {}, { a: 'x' })).toEqual([]);
    expect(mismatches(other ?? {}, { a: 'x' })).toEqual(['props.a is "x", but must be integer']);
  });

  test('values that make a schema double itself at every level are cut off', () => {
    const again: Json = { properties: { a: { $ref: '#' } } };
    const deep: Schema = JSON.parse(`${'{"a":'.repeat(19)}{}${'}'.repeat(19)}`);
    expect(mismatches({ type: 'object', allOf: [again, again, again] }, deep)).toEqual([
      'props take too many steps to check: the schema of the component multiplies itself',
    ]);
  });

  test.each(['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)*(.*)*(.*)*x$'])(
    'the pattern %s takes linear time',
    (pattern) => {
      const timeOf = (length: number) => {
        const text = `${'a'.repeat(length)}!`;
        const start = performance.now();
        mismatches(withProperty({ type: 'string', pattern }), { a: text });
        return performance.now() - start;
      };
      timeOf(1_000);
      // With a backtracking engine thirty characters take seconds, and each further one twice as long.
      expect(timeOf(60_000)).toBeLessThan(2_000);
    },
  );

  test.each<[string, string, boolean]>([
    ['^a$', 'a', true],
    ['^a$', 'a\n', false],
    ['a', 'bab', true],
    ['\\d{2}', 'x12', true],
    ['\\u00e9', 'é', true],
    ['^.$', '🎉', true],
    ['(?<year>\\d{4})', '2026', true],
    ['[^\\s]+', ' ', false],
  ])('the pattern %j on %j', (pattern, text, matches) => {
    expect(compileLinear(pattern).test(text)).toBe(matches);
    expect(new RegExp(pattern, 'u').test(text)).toBe(matches);
  });
});

test('a component is labelled by its name and refers to nothing', () => {
  const body = { name: 'Banner', propsSchema: { type: 'object' } };
  expect(componentKind.label(body)).toBe('Banner');
  expect(componentKind.references(body)).toEqual([]);
  expect(componentKind.reach(body)).toEqual({ audiences: [], tags: [], places: [], claims: [] });
});
