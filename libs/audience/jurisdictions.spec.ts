import { describe, expect, test } from 'vitest';
import { iso31661, iso31662 } from 'iso-3166';
import { fc } from '@paddock/testing';
import { isJurisdiction, jurisdictionMistake } from './jurisdictions.js';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

describe('a jurisdiction', () => {
  test.each(['GB', 'IE', 'US', 'US-NJ', 'GB-ENG', 'CA-ON', 'DE-BY', 'IM', 'GI', 'ES-MD', 'AU-NSW'])('is %s', (code) => {
    expect(jurisdictionMistake(code)).toBeUndefined();
    expect(isJurisdiction(code)).toBe(true);
  });

  test.each([
    [
      'UK',
      '"UK" is not an assigned ISO 3166 code in upper case, such as GB or US-NJ; UK is not assigned; United Kingdom',
    ],
    ['GBR', 'is GB'],
    ['gb', 'write GB'],
    ['us_nj', 'write US-NJ'],
    ['EU', 'EU is a group of countries: list the countries'],
    ['FX', 'France is FR'],
    ['DD', 'Germany is DE'],
    ['US-XX', 'ISO 3166-2 lists no part "XX" of United States'],
    ['ZZ', 'is not an assigned ISO 3166 code'],
    ['XX', 'is not an assigned ISO 3166 code'],
    ['', 'is not an assigned ISO 3166 code'],
    ['GB-', 'is not an assigned ISO 3166 code'],
    ['*', 'is not an assigned ISO 3166 code'],
    ['constructor', 'is not an assigned ISO 3166 code'],
    ['__proto__', 'is not an assigned ISO 3166 code'],
  ])('is not %s', (code, message) => {
    expect(jurisdictionMistake(code)).toContain(message);
    expect(isJurisdiction(code)).toBe(false);
  });

  test('with two letters is one of the 249 countries, and no other pair of letters', () => {
    const pairs = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
    const countries = iso31661.filter(({ state }) => state === 'assigned').map(({ alpha2 }) => alpha2);
    expect(pairs.filter(isJurisdiction)).toEqual([...countries].sort());
    expect(countries).toHaveLength(249);
  });

  test('with a hyphen is a part of a country that is one itself', () => {
    expect(iso31662.length).toBeGreaterThan(4_500);
    for (const { code } of iso31662) expect([code, isJurisdiction(code.slice(0, 2))]).toEqual([code, true]);
  });

  test('is refused in a message of bounded length, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
        const mistake = jurisdictionMistake(text);
        expect(mistake === undefined).toBe(isJurisdiction(text));
        expect((mistake ?? '').length).toBeLessThan(500);
      }),
    );
  });
});
