import { describe, expect, test } from 'vitest';
import { compileAudience } from '@paddock/audience';
import { ALL_SITES, type Audience, type DocumentRef, type Schedule } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { unseen, viewsOf, type Visitors } from './unseen.js';

const NOW = new Date('2026-06-01T12:00:00Z');
const visitors: Visitors = {
  environment: 'production',
  sites: [
    { key: 'acme-uk', jurisdiction: 'GB' },
    { key: 'acme-ie', jurisdiction: 'IE' },
  ],
  clientKeys: [
    { site: 'acme-uk', jurisdiction: 'IM' },
    { site: 'acme-uk', jurisdiction: null },
    { site: null, jurisdiction: 'GI' },
  ],
};
const on = (site: string): DocumentRef => ({ kind: 'promo', site, key: 'p' });
const found = (ref: DocumentRef, audience?: Audience, schedule?: Schedule, path = '') =>
  unseen(ref, { path, ...(audience ? { audience } : {}), ...(schedule ? { schedule } : {}) }, visitors, NOW).map(
    (one) => `${one.severity} ${one.code} ${one.path}`,
  );

describe('a part that visitors see', () => {
  test.each<[string, DocumentRef, Audience | undefined, Schedule | undefined]>([
    ['without an audience', on('acme-uk'), undefined, undefined],
    ['for its own site', on('acme-uk'), { sites: ['acme-uk'] }, undefined],
    ['for a site, from a document for all sites', on(ALL_SITES), { sites: ['acme-ie'] }, undefined],
    ['for the jurisdiction of its site', on('acme-uk'), { jurisdictions: ['GB'] }, undefined],
    ['for a jurisdiction of a client key of its site', on('acme-uk'), { jurisdictions: ['IM'] }, undefined],
    ['for a jurisdiction of a client key of every site', on('acme-ie'), { jurisdictions: ['GI'] }, undefined],
    ['for segments, which only frontends know', on('acme-uk'), { segments: ['anything'] }, undefined],
    ['from now on', on('acme-uk'), undefined, { from: '2026-06-01T12:00', timeZone: 'UTC' }],
    ['for one second more', on('acme-uk'), undefined, { to: '2026-06-01T12:00:01', timeZone: 'UTC' }],
  ])('%s is fine', (_, ref, audience, schedule) => {
    expect(found(ref, audience, schedule)).toEqual([]);
  });
});

describe('a part that no visitor sees', () => {
  test.each<[string, DocumentRef, Audience | undefined, Schedule | undefined, string[]]>([
    [
      'names a site that there is not',
      on(ALL_SITES),
      { sites: ['acme-ukk'] },
      undefined,
      ['ERROR UNKNOWN_SITE audience.sites[0]'],
    ],
    [
      'names another site than its own',
      on('acme-uk'),
      { sites: ['acme-ie'] },
      undefined,
      ['ERROR SITE_OUT_OF_SCOPE audience.sites[0]'],
    ],
    [
      'names another site beside its own',
      on('acme-uk'),
      { sites: ['acme-ie', 'acme-uk'] },
      undefined,
      ['WARNING SITE_OUT_OF_SCOPE audience.sites[0]'],
    ],
    [
      'names a jurisdiction of no site and no key',
      on('acme-uk'),
      { jurisdictions: ['GB', 'FR'] },
      undefined,
      ['WARNING JURISDICTION_WITHOUT_VISITORS audience.jurisdictions[1]'],
    ],
    [
      'names the jurisdiction of another site',
      on('acme-uk'),
      { jurisdictions: ['IE'] },
      undefined,
      ['WARNING NO_VISITOR audience'],
    ],
    [
      'names a site and the jurisdiction of another, for all sites',
      on(ALL_SITES),
      { sites: ['acme-uk'], jurisdictions: ['IE'] },
      undefined,
      ['WARNING NO_VISITOR audience'],
    ],
    [
      'is for no visitor of a hundred',
      on('acme-uk'),
      { percentage: 0 },
      undefined,
      ['WARNING PERCENTAGE_ZERO audience.percentage'],
    ],
    [
      'is over',
      on('acme-uk'),
      undefined,
      { to: '2026-06-01T13:00', timeZone: 'Europe/London' },
      ['WARNING SCHEDULE_ENDED schedule.to'],
    ],
    [
      'has every mistake at once',
      on('acme-uk'),
      { sites: ['nowhere', 'acme-ie'], jurisdictions: ['FR'], percentage: 0 },
      { to: '2020-01-01T00:00', timeZone: 'UTC' },
      [
        'ERROR UNKNOWN_SITE audience.sites[0]',
        'ERROR SITE_OUT_OF_SCOPE audience.sites[1]',
        'WARNING JURISDICTION_WITHOUT_VISITORS audience.jurisdictions[0]',
        'WARNING PERCENTAGE_ZERO audience.percentage',
        'WARNING SCHEDULE_ENDED schedule.to',
      ],
    ],
  ])('%s', (_, ref, audience, schedule, expected) => {
    expect(found(ref, audience, schedule)).toEqual(expected);
  });

  test('is named by its place in the body', () => {
    expect(found(on('acme-uk'), { percentage: 0 }, undefined, 'slots[0].items[2]')).toEqual([
      'WARNING PERCENTAGE_ZERO slots[0].items[2].audience.percentage',
    ]);
  });
});

test('an audience is reported exactly when it fits no view, or names what there is not', () => {
  const site = fc.constantFrom('acme-uk', 'acme-ie', 'nowhere');
  const jurisdiction = fc.constantFrom('GB', 'IE', 'IM', 'GI', 'FR');
  const audience = fc.record(
    { sites: fc.uniqueArray(site, { minLength: 1 }), jurisdictions: fc.uniqueArray(jurisdiction, { minLength: 1 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.constantFrom('acme-uk', 'acme-ie', ALL_SITES), audience, (own, wanted) => {
      const matches = compileAudience(wanted, '');
      const views = viewsOf(visitors).filter((view) => own === ALL_SITES || view.site === own);
      const seen = views.some((view) => matches({ ...view, segments: new Set() }));
      const reports = found(on(own), wanted);
      if (!seen) expect(reports).not.toEqual([]);
      if (reports.length === 0) expect(seen).toBe(true);
      // A reported part that some visitor sees names a site or jurisdiction by its index.
      if (seen) for (const report of reports) expect(report).toMatch(/\[\d\]$/);
    }),
    { numRuns: 500 },
  );
});
