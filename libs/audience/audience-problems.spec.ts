import { describe, expect, test } from 'vitest';
import { type Audience, DEVICES } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { audienceProblems } from './audience-problems.js';

const codes = (audience: Audience) => audienceProblems(audience).map(({ path, code }) => `${path} ${code}`);
const many = (length: number) => Array.from({ length }, (_, i) => `s${i}`);

describe('what is wrong with an audience', () => {
  test.each<[string, Audience]>([
    ['nothing in it', {}],
    [
      'every field',
      {
        sites: ['acme-uk'],
        jurisdictions: ['GB', 'US-NJ'],
        locales: ['en', 'zh-Hant-TW'],
        devices: [...DEVICES],
        segments: ['vip'],
        percentage: 12.34,
      },
    ],
    ['as many members as allowed', { segments: many(200) }],
  ])('%s is fine', (_, audience) => {
    expect(audienceProblems(audience)).toEqual([]);
  });

  test.each<[string, Audience, string[]]>([
    ['an empty list', { sites: [] }, ['sites EMPTY_LIST']],
    ['too many members', { segments: many(201) }, ['segments TOO_MANY']],
    ['a site in upper case', { sites: ['Acme'] }, ['sites[0] INVALID_KEY']],
    ['a site with a slash', { sites: ['acme/uk'] }, ['sites[0] INVALID_KEY']],
    ['all sites as a site', { sites: ['*'] }, ['sites[0] INVALID_KEY']],
    ['a long key', { segments: ['x'.repeat(101)] }, ['segments[0] INVALID_KEY']],
    ['a lower-case country', { jurisdictions: ['GB', 'us'] }, ['jurisdictions[1] INVALID_JURISDICTION']],
    ['three letters', { jurisdictions: ['GBR'] }, ['jurisdictions[0] INVALID_JURISDICTION']],
    ['a locale with an underscore', { locales: ['en_GB'] }, ['locales[0] INVALID_LOCALE']],
    ['a wildcard locale', { locales: ['*'] }, ['locales[0] INVALID_LOCALE']],
    ['the same locale in two cases', { locales: ['en-GB', 'en-gb'] }, ['locales[1] DUPLICATE']],
    ['the same segment twice', { segments: ['vip', 'x', 'vip'] }, ['segments[2] DUPLICATE']],
    ['several at once', { sites: ['A'], percentage: 101 }, ['sites[0] INVALID_KEY', 'percentage INVALID_PERCENTAGE']],
  ])('%s is refused', (_, audience, expected) => {
    expect(codes(audience)).toEqual(expected);
  });

  test('an unknown device is refused with the known ones', () => {
    expect(audienceProblems({ devices: ['fridge'] })).toEqual([
      { path: 'devices[0]', code: 'UNKNOWN_DEVICE', message: '"fridge" is not one of desktop, mobile, tablet, app' },
    ]);
  });

  test.each([-1, -0.01, 100.01, 101, 1.234, 0.001, 1e-7, 1e21, NaN, Infinity, -Infinity])(
    'the percentage %s is refused',
    (percentage) => {
      expect(codes({ percentage })).toEqual(['percentage INVALID_PERCENTAGE']);
    },
  );

  test('every percentage with two decimals is allowed', () => {
    for (let hundredths = 0; hundredths <= 10_000; hundredths += 1) {
      expect(audienceProblems({ percentage: hundredths / 100 })).toEqual([]);
    }
  });

  test('what was found is cut short in messages', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 101, maxLength: 5000 }), (site) => {
        for (const { message } of audienceProblems({ sites: [site] })) expect(message.length).toBeLessThan(500);
      }),
    );
  });
});
