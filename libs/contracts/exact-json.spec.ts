import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { exactNumber, InexactNumber, mayHoldInexactNumbers, parseExactJson } from './exact-json.js';

const INEXACT = [
  '9007199254740993',
  '-9007199254740993',
  '12345678901234567890123',
  '0.12345678901234567',
  '1.0000000000000001',
  '1e400',
  '-1E400',
  '1e-400',
  '1.2345678e-320',
  '123456789012.123456789',
  '0.1000000000000000000001e-3',
  `0.${'0'.repeat(400)}1`,
];
const EXACT = [
  '0',
  '-0',
  '0.1',
  '19.99',
  '9007199254740991',
  '9007199254740992',
  '1e21',
  '1e-7',
  '1.23456789',
  '5e-324',
  '100000000000000000000',
  '0.30000000000000004',
  '1.000000000000000000',
  '1.5E+3',
];

describe('a number of JSON', () => {
  it.each(INEXACT)('%s is kept exactly, and written as it came', (source) => {
    expect(exactNumber(source)).toBeInstanceOf(InexactNumber);
    const text = `{"a":[1,{"n":${source}}],"t":"${source}"}`;
    expect(JSON.stringify(parseExactJson(text))).toBe(text);
  });

  it.each(EXACT)('%s is a number', (source) => {
    expect(exactNumber(source)).toBe(Number(source));
    expect(parseExactJson(`{"n":${source}}`)).toEqual({ n: Number(source) });
  });

  it('is found wherever it stands, before a body is parsed', () => {
    const others = fc.array(fc.oneof(fc.uuid(), fc.integer(), fc.date({ noInvalidDate: true }), fc.string()), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        others,
        others,
        fc.constantFrom(...INEXACT.filter((source) => !/^-?1e400/i.test(source))),
        (before, after, source) => {
          const text = JSON.stringify([...before, 'here', ...after]).replace('"here"', source);
          expect(mayHoldInexactNumbers(Buffer.from(text))).toBe(true);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            id: fc.uuid(),
            at: fc.date({ noInvalidDate: true }),
            amount: fc.integer({ max: 99_999 }).map((n) => n / 100),
          }),
        ),
        (events) => {
          expect(mayHoldInexactNumbers(Buffer.from(JSON.stringify(events)))).toBe(false);
        },
      ),
    );
  });
});
