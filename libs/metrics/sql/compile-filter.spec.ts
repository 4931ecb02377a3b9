import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import type { FieldType } from '../contracts/event-fields.js';
import type { Filter } from '../grammar/filter.js';
import { compileFilter, rawColumns, UnknownColumn } from './compile-filter.js';
import { textLiteral } from './literals.js';

const columns = rawColumns(
  new Map<string, FieldType>([
    ['sport', 'TEXT'],
    ['amount', 'NUMBER'],
    ['at', 'TIME'],
    ['live', 'FLAG'],
    ['cart.total', 'NUMBER'],
    ['$user', 'TEXT'],
  ]),
);

describe('compileFilter', () => {
  it.each<[Filter, string]>([
    [{ eq: { field: 'sport', value: "o'neill" } }, "`sport` = 'o\\'neill'"],
    [{ gte: { field: 'amount', value: 0.1 } }, "`amount` >= toDecimal256('0.1', 1)"],
    [{ lt: { field: 'cart.total', value: 1e-7 } }, "`cart__total` < toDecimal256('0.0000001', 7)"],
    [{ gt: { field: 'at', value: '2026-01-01' } }, "`at` > fromUnixTimestamp64Milli(toInt64(1767225600000), 'UTC')"],
    [
      { gt: { field: 'at', value: '2026-01-01T00:00:00Z' } },
      "`at` > fromUnixTimestamp64Milli(toInt64(1767225600000), 'UTC')",
    ],
    [{ in: { field: '$user', values: ['a', 'b'] } }, "nullIf(`_person`, '') IN ('a', 'b')"],
    [{ exists: { field: '$user' } }, "nullIf(`_person`, '') IS NOT NULL"],
    [
      { not: { or: [{ eq: { field: 'live', value: true } }, { exists: { field: 'sport' } }] } },
      'NOT ((`live` = true OR `sport` IS NOT NULL))',
    ],
    [{ contains: { field: 'sport', text: '%' } }, "position(`sport`, '%') > 0"],
  ])('compiles %j', (filter, sql) => {
    expect(compileFilter(filter, columns)).toBe(sql);
  });

  it('knows only fields of the contract', () => {
    expect(() => compileFilter({ eq: { field: '1=1) OR (`_id`', value: 'x' } }, columns)).toThrow(UnknownColumn);
    expect(() => compileFilter({ exists: { field: 'nope' } }, columns)).toThrow(UnknownColumn);
  });
});

describe('textLiteral', () => {
  it('is one literal whatever the text, which reads back as the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("'", '\\', '\n', '\0', ';', '-', ' ', 'a') })),
        (text) => {
          const literal = textLiteral(text);
          expect(literal).toMatch(/^'(?:[^'\\]|\\.)*'$/s);
          expect(unescaped(literal)).toBe(text);
        },
      ),
    );
  });

  function unescaped(literal: string): string {
    const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', 0: '\0' };
    return literal.slice(1, -1).replaceAll(/\\(.)/gs, (_, character: string) => named[character] ?? character);
  }
});
