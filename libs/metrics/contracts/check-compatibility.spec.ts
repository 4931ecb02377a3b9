import { describe, expect, it } from 'vitest';
import { checkCompatibility } from './check-compatibility.js';
import type { CompatibilityMode } from './event-schema-body.js';
import type { Schema, SchemaObject } from './normalise-schema.js';

const contract = (version: string, properties: Record<string, string>, required: string[] = []) => {
  const schema: Schema = {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).map(([name, type]) => [name, { type }])),
    required,
  };
  return { version, schema };
};

describe('checkCompatibility', () => {
  const v1 = contract('1.0.0', { amount: 'integer' }, ['amount']);
  const v2 = contract('1.1.0', { amount: 'number' }, ['amount']);
  const v3 = contract('2.0.0', { amount: 'number' });
  const back = contract('2.1.0', { amount: 'integer' }, ['amount']);

  it.each<[CompatibilityMode, string[]]>([
    ['NONE', []],
    ['BACKWARD', []],
    ['BACKWARD_TRANSITIVE', []],
    ['FORWARD', ['FORWARD 1.1.0 amount FIELD_REQUIRED']],
    [
      'FORWARD_TRANSITIVE',
      [
        'FORWARD 1.0.0 amount FIELD_REQUIRED',
        'FORWARD 1.0.0 amount TYPE_NARROWED',
        'FORWARD 1.1.0 amount FIELD_REQUIRED',
      ],
    ],
    ['FULL', ['FORWARD 1.1.0 amount FIELD_REQUIRED']],
    [
      'FULL_TRANSITIVE',
      [
        'FORWARD 1.0.0 amount FIELD_REQUIRED',
        'FORWARD 1.0.0 amount TYPE_NARROWED',
        'FORWARD 1.1.0 amount FIELD_REQUIRED',
      ],
    ],
  ])('%s of a field that widened and became optional', (mode, expected) => {
    expect(summary(checkCompatibility(v3, [v1, v2], mode))).toEqual(expected);
  });

  it('finds under a transitive mode what a comparison with the last version alone overlooks', () => {
    const narrowed = contract('2.1.0', { note: 'string' });
    const before = contract('2.0.0', { note: 'string' });
    expect(summary(checkCompatibility(narrowed, [contract('1.0.0', { note: 'integer' }), before], 'BACKWARD'))).toEqual(
      [],
    );
    expect(
      summary(checkCompatibility(narrowed, [contract('1.0.0', { note: 'integer' }), before], 'BACKWARD_TRANSITIVE')),
    ).toEqual(['BACKWARD 1.0.0 note TYPE_NARROWED']);
    expect(summary(checkCompatibility(back, [v3], 'BACKWARD'))).toEqual([
      'BACKWARD 2.0.0 amount FIELD_REQUIRED',
      'BACKWARD 2.0.0 amount TYPE_NARROWED',
    ]);
  });

  const open = (properties: Record<string, object>, more: object = {}): Schema =>
    ({ type: 'object', properties, ...more }) as SchemaObject;
  const TEXT = { type: 'string' };
  const BOTH = ['BACKWARD', 'FORWARD'];

  it.each<[string, Schema, Schema, string[], string[]]>([
    // What happens, the last schema, the new one, directions that break under FULL, directions that break under DECLARED_TRANSITIVE.
    [
      'a closed schema opens',
      open({ a: TEXT }, { additionalProperties: false }),
      open({ a: TEXT }),
      ['FORWARD'],
      ['FORWARD'],
    ],
    [
      'an open schema closes',
      open({ a: TEXT }),
      open({ a: TEXT }, { additionalProperties: false }),
      ['BACKWARD'],
      ['BACKWARD'],
    ],
    ['a field that was free gets a type', open({}), open({ a: TEXT }), ['BACKWARD'], []],
    ['a field goes', open({ a: TEXT }), open({}), ['FORWARD'], []],
    ['a field that was free is declared as anything', open({}), open({ a: {} }), [], []],
    [
      'a closed schema gets a field',
      open({}, { additionalProperties: false }),
      open({ a: TEXT }, { additionalProperties: false }),
      ['FORWARD'],
      ['FORWARD'],
    ],
    [
      'a closed schema loses a field',
      open({ a: TEXT }, { additionalProperties: false }),
      open({}, { additionalProperties: false }),
      ['BACKWARD'],
      ['BACKWARD'],
    ],
    ['a field becomes required', open({ a: TEXT }), open({ a: TEXT }, { required: ['a'] }), ['BACKWARD'], ['BACKWARD']],
    [
      'an enum loses a value',
      open({ a: { enum: ['x', 'y'] } }),
      open({ a: { enum: ['x'] } }),
      ['BACKWARD'],
      ['BACKWARD'],
    ],
    ['a text gets an enum', open({ a: TEXT }), open({ a: { enum: ['x'] } }), ['BACKWARD'], ['BACKWARD']],
    ['a constant changes', open({ a: { const: 1 } }), open({ a: { const: 2 } }), BOTH, BOTH],
    [
      'a maximum is lowered',
      open({ a: { type: 'number', maximum: 9 } }),
      open({ a: { type: 'number', maximum: 8 } }),
      ['BACKWARD'],
      ['BACKWARD'],
    ],
    ['a length gets a bound', open({ a: TEXT }), open({ a: { ...TEXT, maxLength: 5 } }), ['BACKWARD'], ['BACKWARD']],
    [
      'a text gets a format',
      open({ a: TEXT }),
      open({ a: { ...TEXT, format: 'date-time' } }),
      ['BACKWARD'],
      ['BACKWARD'],
    ],
    [
      'a format that listed values do not have',
      open({ a: { enum: ['x'] } }),
      open({ a: { ...TEXT, format: 'date' } }),
      BOTH,
      BOTH,
    ],
    [
      'multiples become finer',
      open({ a: { type: 'number', multipleOf: 0.1 } }),
      open({ a: { type: 'number', multipleOf: 0.01 } }),
      ['FORWARD'],
      ['FORWARD'],
    ],
    [
      'multiples of 0.03 become those of 0.01',
      open({ a: { type: 'number', multipleOf: 0.03 } }),
      open({ a: { type: 'number', multipleOf: 0.01 } }),
      ['FORWARD'],
      ['FORWARD'],
    ],
    [
      'a nested object closes',
      open({ a: open({ b: TEXT }) as object }),
      open({ a: open({ b: TEXT }, { additionalProperties: false }) as object }),
      ['BACKWARD'],
      ['BACKWARD'],
    ],
    [
      'a nested field that was free gets a type',
      open({ a: { type: 'array', items: open({}) as object } }),
      open({ a: { type: 'array', items: open({ b: TEXT }) as object } }),
      ['BACKWARD'],
      [],
    ],
    [
      'elements change',
      open({ a: { type: 'array', items: TEXT } }),
      open({ a: { type: 'array', items: { type: 'number' } } }),
      BOTH,
      BOTH,
    ],
    [
      'a pattern is added that may fit the names of another',
      open({}, { patternProperties: { '^ab': TEXT }, additionalProperties: false }),
      open({}, { patternProperties: { '^a': { type: 'number' }, '^ab': TEXT }, additionalProperties: false }),
      BOTH,
      BOTH,
    ],
  ])('%s', (_, last, next, full, declared) => {
    const directions = (mode: CompatibilityMode) =>
      [
        ...new Set(
          checkCompatibility({ version: '2.0.0', schema: next }, [{ version: '1.0.0', schema: last }], mode).map(
            ({ direction }) => direction,
          ),
        ),
      ].sort();
    expect({ full: directions('FULL'), declared: directions('DECLARED_TRANSITIVE') }).toEqual({ full, declared });
  });

  it('says where a violation is one of undeclared fields alone', () => {
    const found = checkCompatibility(
      { version: '2.0.0', schema: open({ a: TEXT, b: TEXT }) },
      [{ version: '1.0.0', schema: open({ b: { type: 'number' } }) }],
      'BACKWARD',
    );
    expect(found.map(({ field, undeclaredOnly }) => [field, undeclaredOnly])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  function summary(violations: ReturnType<typeof checkCompatibility>): string[] {
    return violations.map(({ direction, version, field, code }) => `${direction} ${version} ${field} ${code}`);
  }
});
