import { describe, expect, it } from 'vitest';
import type { EventVersion } from './event-schema-body.js';
import { parseEventSchema } from './parse-event-schema.js';
import { contractFields } from './event-fields.js';

const time = { type: 'string', format: 'date-time' };
const schema = (properties: object, required = ['id', 'at']) => ({
  type: 'object',
  required,
  properties: { id: { type: 'string' }, at: time, ...properties },
});
const body = (...versions: object[]) => ({
  event: 'bet',
  versions: versions.map((one, index) => ({ version: `1.${index}.0`, schema: one })),
  fields: { id: 'id', time: 'at' },
});
const problems = (input: unknown): string[] => {
  const parsed = parseEventSchema(input);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
};

describe('parseEventSchema', () => {
  it('reads a contract whose versions only add optional fields, under the mode that holds by itself', () => {
    expect(
      problems(
        body(schema({ amount: { type: 'number' } }), schema({ amount: { type: 'number' }, sport: { type: 'string' } })),
      ),
    ).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    [
      'a field that became required',
      body(schema({}), schema({ sport: { type: 'string' } }, ['id', 'at', 'sport'])),
      ['versions[1].schema.sport INCOMPATIBLE'],
    ],
    [
      'a field that changed its type',
      body(schema({ amount: { type: 'integer' } }), schema({ amount: { type: 'number' } })),
      ['versions[1].schema.amount INCOMPATIBLE'],
    ],
    [
      'a version that breaks one but the last',
      body(schema({ a: { type: 'string' } }), schema({}), schema({ a: { type: 'number' } })),
      ['versions[2].schema.a INCOMPATIBLE', 'versions[2].schema.a INCOMPATIBLE'],
    ],
    [
      'versions out of order',
      {
        ...body(),
        versions: [
          { version: '1.10.0', schema: schema({}) },
          { version: '1.9.0', schema: schema({}) },
        ],
      },
      ['versions[1].version INVALID_VERSION'],
    ],
    [
      'an invalid version',
      { ...body(), versions: [{ version: 'v1', schema: schema({}) }] },
      ['versions[0].version INVALID_VERSION'],
    ],
    [
      'an invalid schema',
      body({ type: 'object', properties: { a: { type: 'strnig' } } }),
      ['versions[0].schema INVALID_SCHEMA'],
    ],
    ['an event that is no object', body({ type: 'string' }), ['versions[0].schema INVALID_SCHEMA']],
    [
      'an old dialect',
      body({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema({}) }),
      ['versions[0].schema INVALID_SCHEMA'],
    ],
    ['an id that may be missing', body(schema({}, ['at'])), ['fields.id REQUIRED']],
    [
      'a time that is a plain text',
      { ...body(schema({ when: { type: 'string' } }, ['id', 'at', 'when'])), fields: { id: 'id', time: 'when' } },
      ['fields.time WRONG_TYPE'],
    ],
    [
      'an undeclared user field',
      { ...body(schema({})), fields: { id: 'id', time: 'at', user: 'who' } },
      ['fields.user UNKNOWN_EVENT_FIELD'],
    ],
    ['a name with a space', { ...body(schema({})), event: 'Bet Placed' }, ['event INVALID_NAME']],
    [
      'a lateness of zero',
      { ...body(schema({})), time: { allowedLateness: '0h' } },
      ['time.allowedLateness INVALID_DURATION'],
    ],
    [
      'an end that is no date',
      { ...body(), versions: [{ version: '1.0.0', schema: schema({}), deprecated: { endsOn: '2027-02-30' } }] },
      ['versions[0].deprecated.endsOn INVALID_DATE'],
    ],
    ['no versions', body(), ['versions TOO_MANY']],
    ['an unknown member', { ...body(schema({})), compatability: 'NONE' }, ['compatability UNKNOWN_FIELD']],
  ])('refuses %s', (_, input, expected) => {
    expect(problems(input)).toEqual(expected);
  });

  it('says which version breaks which, in which direction, and where', () => {
    const parsed = parseEventSchema(body(schema({}), schema({ sport: { type: 'string' } }, ['id', 'at', 'sport'])));
    expect(parsed).toMatchObject({
      problems: [
        {
          message:
            '1.1.0 cannot read events of 1.0.0 (DECLARED_TRANSITIVE): sport is required by the reader, but may be missing',
        },
      ],
    });
  });

  it('shows the way on where a mode is broken by fields that were not declared, and does not judge again what has landed', () => {
    const list = { ...body(schema({}), schema({ sport: { type: 'string' } })), compatibility: 'FULL_TRANSITIVE' };
    expect(parseEventSchema(list)).toMatchObject({
      problems: [
        {
          path: 'versions[1].schema.sport',
          message: expect.stringContaining('compatibility DECLARED_TRANSITIVE accepts this'),
        },
      ],
    });
    expect(problems({ ...list, compatibility: 'DECLARED_TRANSITIVE' })).toEqual([]);
    expect(parseEventSchema(list, { landed: true }).ok).toBe(true);
  });
});

describe('contractFields', () => {
  it('enters objects, follows references and takes the type that holds the values of all versions', () => {
    const versions: EventVersion[] = [
      {
        version: '1.0.0',
        schema: {
          type: 'object',
          properties: { n: { type: 'integer' }, cart: { $ref: '#/$defs/cart' }, kind: { enum: ['a', 'b'] } },
          $defs: { cart: { type: 'object', properties: { total: { type: 'number' }, lines: { type: 'array' } } } },
        },
      },
      {
        version: '2.0.0',
        schema: {
          type: 'object',
          properties: {
            n: { type: ['number', 'null'] },
            at: time,
            'bad name': { type: 'string' },
            constructor: { type: 'string' },
            a__b: { type: 'string' },
          },
        },
      },
    ];
    expect(contractFields({ versions })).toEqual([
      { path: 'at', type: 'TIME' },
      { path: 'cart.lines', type: 'JSON' },
      { path: 'cart.total', type: 'NUMBER' },
      { path: 'kind', type: 'TEXT' },
      { path: 'n', type: 'NUMBER' },
    ]);
  });
});
