import { describe, expect, test } from 'vitest';
import type { Audience } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { compileAudience } from './compile-audience.js';
import type { Visitor } from './visitor.js';

const visitor: Visitor = {
  site: 'acme-uk',
  jurisdiction: 'GB',
  locale: 'en-GB',
  device: 'mobile',
  segments: new Set(['vip', 'football']),
  id: 'v1',
};
const anonymous: Visitor = { site: 'acme-uk', jurisdiction: 'GB', segments: new Set() };

const matches = (audience: Audience | undefined, who = visitor) => compileAudience(audience, 'promo/summer')(who);

describe('who belongs to an audience', () => {
  test.each<[string, Audience | undefined, boolean]>([
    ['no audience at all', undefined, true],
    ['no field', {}, true],
    ['their site', { sites: ['acme-de', 'acme-uk'] }, true],
    ['another site', { sites: ['acme-de'] }, false],
    ['their jurisdiction', { jurisdictions: ['GB', 'IE'] }, true],
    ['a part of their jurisdiction', { jurisdictions: ['GB-SCT'] }, false],
    ['their device', { devices: ['mobile'] }, true],
    ['another device', { devices: ['desktop', 'app'] }, false],
    ['one of their segments', { segments: ['casino', 'vip'] }, true],
    ['none of their segments', { segments: ['casino'] }, false],
    [
      'all fields at once',
      {
        sites: ['acme-uk'],
        jurisdictions: ['GB'],
        locales: ['en'],
        devices: ['mobile'],
        segments: ['vip'],
        percentage: 100,
      },
      true,
    ],
    [
      'one field of many against',
      { sites: ['acme-uk'], jurisdictions: ['GB'], locales: ['de'], devices: ['mobile'] },
      false,
    ],
  ])('%s', (_, audience, expected) => {
    expect(matches(audience)).toBe(expected);
  });

  test.each<[string, string | undefined, boolean]>([
    ['en', 'en-GB', true],
    ['en-GB', 'en-GB', true],
    ['EN-gb', 'en-GB', true],
    ['en', 'EN', true],
    ['en-GB', 'en', false],
    ['en', 'eng', false],
    ['en-G', 'en-GB', false],
    ['zh-Hant', 'zh-Hant-TW', true],
    ['de', undefined, false],
  ])('the range %s and the locale %s', (range, locale, expected) => {
    const { locale: _, ...others } = visitor;
    expect(matches({ locales: [range] }, locale === undefined ? others : { ...others, locale })).toBe(expected);
  });

  test('who says nothing about device, segments or id is in no audience that asks for them', () => {
    expect(matches({ devices: ['mobile'] }, anonymous)).toBe(false);
    expect(matches({ segments: ['vip'] }, anonymous)).toBe(false);
    expect(matches({ percentage: 99.99 }, anonymous)).toBe(false);
    expect(matches({ percentage: 100 }, anonymous)).toBe(true);
  });
});

describe('percentages', () => {
  const percentages = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

  test('are stable, and raising one never drops a visitor', () => {
    fc.assert(
      fc.property(percentages, percentages, fc.string(), fc.string({ unit: 'binary' }), (one, other, salt, id) => {
        const at = (percentage: number) => compileAudience({ percentage }, salt)({ ...visitor, id });
        expect(at(one)).toBe(at(one));
        if (at(Math.min(one, other))) expect(at(Math.max(one, other))).toBe(true);
      }),
    );
  });

  test.each([0, 100])('%s %% is no visitor or every visitor', (percentage) => {
    fc.assert(fc.property(fc.string(), (id) => matches({ percentage }, { ...visitor, id }) === (percentage === 100)));
  });

  const share = (percentage: number, salt: string, ids: readonly string[]) => {
    const belongs = compileAudience({ percentage }, salt);
    const who = { ...visitor };
    return ids.filter((id) => belongs(Object.assign(who, { id }))).length / ids.length;
  };

  test.each([
    ['counted ids', (i: number) => String(i)],
    ['padded ids', (i: number) => `user-${String(i).padStart(10, '0')}`],
    ['hexadecimal ids', (i: number) => (i * 2_654_435_761).toString(16)],
  ])('reach their share of %s, within four standard deviations', (_, idOf) => {
    const ids = Array.from({ length: 50_000 }, (_, i) => idOf(i));
    for (const percentage of [0.01, 10, 33.33, 99.99]) {
      for (const salt of ['promo/*/summer', 'promo/*/summes', '']) {
        const expected = percentage / 100;
        const deviation = Math.sqrt((expected * (1 - expected)) / ids.length);
        expect(Math.abs(share(percentage, salt, ids) - expected)).toBeLessThan(4 * deviation);
      }
    }
  });

  test('two documents choose independently of each other', () => {
    const [a, b] = [compileAudience({ percentage: 50 }, 'promo/*/a'), compileAudience({ percentage: 50 }, 'promo/*/b')];
    const ids = Array.from({ length: 50_000 }, (_, i) => `user-${i}`);
    const both = ids.filter((id) => a({ ...visitor, id }) && b({ ...visitor, id })).length;
    expect(both / ids.length).toBeCloseTo(0.25, 1.5);
  });
});
