import { describe, expect, it } from 'vitest';
import type { SchemaObject } from 'ajv';
import { Big } from 'big.js';
import { fc } from '@paddock/testing';
import { schemaValidator, type SchemaPurpose } from './schema-validator.js';

const PURPOSES: SchemaPurpose[] = ['explain', 'decide'];
const fits = (purpose: SchemaPurpose, schema: SchemaObject, value: unknown): boolean =>
  schemaValidator(purpose, { validateSchema: false }).compile(schema)(value);

describe('schemaValidator', () => {
  it.each(PURPOSES)('%s: multiples are decimal and named in the mistake', (purpose) => {
    const validate = schemaValidator(purpose).compile({ type: 'number', multipleOf: 0.01 });
    for (const price of [19.99, 0.07, 1.15, 4.35]) expect(validate(price)).toBe(true);
    expect(validate(4.355)).toBe(false);
    expect(validate.errors).toMatchObject([
      { keyword: 'multipleOf', message: 'must be multiple of 0.01', params: { multipleOf: 0.01 } },
    ]);
  });

  it.each<[string, unknown, boolean]>([
    ['date-time', '2026-11-29T12:00:00Z', true],
    ['date-time', '2026-02-30T00:00:00Z', false],
    ['date-time', '2026-11-29T24:00:00Z', false],
    ['date-time', '2026-11-29 12:00:00Z', false],
    ['date-time', '2026-11-29T12:00:00', false],
    ['date', '2026-02-30', false],
    ['date', '2026-02-28', true],
    ['link', 'javascript:alert(1)', false],
    ['link', '/offers', true],
    ['email', 'a@b.example', true],
    ['email', 'a', false],
    ['uuid', 'x', false],
  ])('%s %j: %s for every purpose', (format, value, expected) => {
    expect(PURPOSES.map((purpose) => fits(purpose, { type: 'string', format }, value))).toEqual([expected, expected]);
  });

  it('gives the same verdict for every purpose, in decimal', () => {
    const places = fc.integer({ min: 0, max: 9 });
    const decimal = fc
      .tuple(fc.integer({ min: -100_000_000, max: 100_000_000 }), places)
      .map(([digits, scale]) => Number(`${digits}e-${scale}`));
    const step = fc.oneof(
      fc.constantFrom(0.01, 0.05, 0.001, 2.5, 1e-8),
      decimal.map(Math.abs).filter((one) => one > 0),
    );
    const value = fc.oneof(
      decimal,
      fc
        .tuple(step, fc.integer({ min: -10_000, max: 10_000 }))
        .map(([one, times]) => Number(new Big(one).times(times))),
    );
    const number = fc.record(
      {
        multipleOf: step,
        minimum: decimal,
        maximum: decimal,
        exclusiveMinimum: decimal,
        enum: fc.array(decimal, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: ['multipleOf'] },
    );
    const text = fc.record(
      {
        minLength: fc.nat(3),
        pattern: fc.constantFrom('^a', 'b+$', '[0-9]'),
        format: fc.constantFrom('date-time', 'date', 'email', 'uri', 'link'),
      },
      { requiredKeys: [] },
    );
    const texts = fc.constantFrom(
      '',
      'a',
      'ab',
      '7',
      '2026-02-30T00:00:00Z',
      '2026-02-28T00:00:00Z',
      '2026-02-30',
      'a@b.c',
      'https://a.example/',
      'javascript:x',
      '/x',
    );
    const event = fc.record(
      { price: value, note: texts, tags: fc.array(texts, { maxLength: 3 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        number,
        text,
        fc.boolean(),
        fc.subarray(['price', 'note']),
        fc.array(event, { minLength: 1, maxLength: 8 }),
        (price, note, closed, required, events) => {
          const schema = {
            type: 'object',
            required,
            properties: {
              price: { type: 'number', ...price },
              note: { type: 'string', ...note },
              tags: { type: 'array', uniqueItems: true, items: { type: 'string', ...note } },
            },
            ...(closed ? { additionalProperties: false } : {}),
          };
          const [explain, decide] = PURPOSES.map((purpose) =>
            schemaValidator(purpose, { validateSchema: false }).compile(schema),
          );
          for (const one of events) expect([one, explain?.(one)]).toEqual([one, decide?.(one)]);
          for (const { price: paid } of events) {
            if (paid === undefined) continue;
            const isMultiple = new Big(paid).mod(price.multipleOf).eq(0);
            expect([paid, fits('decide', { multipleOf: price.multipleOf }, paid)]).toEqual([paid, isMultiple]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
