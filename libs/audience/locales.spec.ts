import { describe, expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { isLocale, isWellFormedLocale, localeMistake } from './locales.js';

describe('a locale', () => {
  test.each([
    ...['en', 'en-GB', 'EN-gb', 'de', 'zh-Hant-TW', 'es-419', 'en-001', 'sr-Latn-RS', 'pt-BR', 'fil', 'cy', 'ga-IE'],
    ...['de-CH-1996', 'en-GB-u-ca-gregory', 'en-x-tall', 'iw', 'nb-NO', 'yue'],
  ])('is %s', (tag) => {
    expect(localeMistake(tag)).toBeUndefined();
    expect(isLocale(tag)).toBe(true);
  });

  test.each([
    ['xx-YY', 'there is no language "xx"'],
    ['xx', 'there is no language "xx"'],
    ['und', 'there is no language "und"'],
    ['en-UK', 'write en-GB'],
    ['en-YY', 'there is no region "YY"'],
    ['en-EU', 'there is no region "EU"'],
    ['en-Latn-UK', 'write en-Latn-GB'],
    ['en-999', 'there is no region "999"'],
    ['en_GB', 'write en-GB'],
    ['english', 'is not a BCP 47 tag'],
    ['*', 'is not a BCP 47 tag'],
    ['', 'is not a BCP 47 tag'],
    ['x'.repeat(101), 'is not a BCP 47 tag'],
  ])('is not %s', (tag, message) => {
    expect(localeMistake(tag)).toContain(message);
    expect(isLocale(tag)).toBe(false);
  });

  test('of a visitor need only be well-formed', () => {
    expect(['xx-YY', 'en-UK', 'en', 'zh-Hant'].filter(isWellFormedLocale)).toHaveLength(4);
    expect(['en_GB', '*', '', 'a'].filter(isWellFormedLocale)).toEqual([]);
  });

  test('is well-formed, and what is not is refused without a throw', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_-]{0,30}$/), (tag) => {
        if (isLocale(tag)) expect(isWellFormedLocale(tag)).toBe(true);
        else expect(localeMistake(tag)).toContain('is not a BCP 47 tag');
      }),
      { numRuns: 1_000 },
    );
  });
});
