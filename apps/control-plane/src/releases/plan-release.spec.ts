import { describe, expect, it } from 'vitest';
import { ALL_SITES, type DocumentRef, type KindName, sha256Hex } from '@paddock/contracts';
import type { ConfigKind, Reference } from '../documents/config-kind.js';
import { FieldProblem } from '../graphql/problems.js';
import { planRelease } from './plan-release.js';
import type { PinnedBody, PlanInput, PlannedItem } from './plan.js';

interface TestBody {
  tags?: string[];
  shows?: string[];
  showsTag?: string;
  page?: string;
  jurisdictions?: string[];
  /** Must be what its target's `offers` is. */
  wants?: number;
  offers?: number;
  broken?: true;
  sites?: string[];
  ended?: true;
  hides?: true;
}

/** A kind as small as a kind can be: layouts show promos by key or tag. */
const testKind = (name: KindName): ConfigKind<TestBody> => ({
  name,
  schemaVersion: 1,
  parse: (input) => {
    const body = input as TestBody;
    return body.broken
      ? { ok: false, problems: [new FieldProblem('broken', 'BROKEN', 'must not be')] }
      : { ok: true, body };
  },
  label: () => 'test',
  references: (body) => targets(body),
  checkAgainst: (body, resolve) =>
    (body.shows ?? []).flatMap((key, index) => {
      const target = resolve({ kind: 'promo', key, path: `shows[${index}]` }) as TestBody | undefined;
      return target && body.wants !== target.offers
        ? [new FieldProblem('wants', 'UNFIT', `must be ${target.offers}`)]
        : [];
    }),
  reach: (body) => ({
    audiences: body.jurisdictions ? [{ jurisdictions: body.jurisdictions }] : [],
    tags: body.tags ?? [],
    places: body.page ? [{ page: body.page, slot: 'main', targets: targets(body) }] : [],
    claims: body.page ? [`page:${body.page}`] : [],
  }),
  placements: ({ sites, ended }) => [
    {
      path: '',
      ...(sites ? { audience: { sites } } : {}),
      ...(ended ? { schedule: { to: '2020-01-01T00:00', timeZone: 'UTC' } } : {}),
    },
  ],
  onlyHides: (live, next) => !live && next?.hides === true,
});

function targets(body: TestBody): Reference[] {
  return [
    ...(body.shows ?? []).map((key, index): Reference => ({ kind: 'promo', key, path: `shows[${index}]` })),
    ...(body.showsTag ? [{ kind: 'promo' as const, tag: body.showsTag, path: 'showsTag' }] : []),
  ];
}

const pinned = (name: string, body: TestBody = {}, revision = 1): PinnedBody => {
  const [kind, site, key] = name.split('/') as [KindName, string, string];
  const ref: DocumentRef = { kind, site, key };
  return { documentId: name, ref, revision, sha256: sha256Hex(JSON.stringify(body)), body: { ...body } };
};

const put = (next: PinnedBody, live?: PinnedBody): PlannedItem => ({
  ...{ documentId: next.documentId, ref: next.ref, op: 'PUT', pinned: next },
  live: live ? { ...live, seq: 7 } : null,
});

const remove = (live: PinnedBody): PlannedItem => ({
  ...{ documentId: live.documentId, ref: live.ref, op: 'REMOVE', pinned: null },
  live: { ...live, seq: 7 },
});

const NOW = new Date('2026-06-01T12:00:00Z');

const plan = (items: PlannedItem[], more: Partial<PlanInput> = {}) =>
  planRelease(
    {
      ...{
        releaseId: 'r',
        environment: 'production',
        type: 'FORWARD',
        items,
        neighbours: [],
        freezes: [],
        scheduled: [],
        now: NOW,
      },
      sites: [
        { key: 'acme-uk', jurisdiction: 'GB' },
        { key: 'acme-ie', jurisdiction: 'IE' },
      ],
      ...more,
    },
    testKind,
  );

const codes = (items: PlannedItem[], more: Partial<PlanInput> = {}) => plan(items, more).gates.map((gate) => gate.code);

describe('gates of a plan', () => {
  it('lets a sound release pass', () => {
    expect(codes([put(pinned('promo/acme-uk/a'))])).toEqual([]);
  });

  it('shows every reason at once', () => {
    const items = [
      put(pinned('promo/acme-uk/a', { broken: true })),
      put(pinned('layout/acme-uk/home', { shows: ['missing'] })),
      { ...remove(pinned('promo/acme-uk/gone')), live: null },
    ];
    const freezes = [
      { startsAt: new Date('2026-06-01T00:00:00Z'), endsAt: new Date('2026-06-02T00:00:00Z'), reason: 'derby' },
    ];
    expect(codes(items, { freezes }).sort()).toEqual(['BROKEN_REFERENCE', 'FREEZE_WINDOW', 'INVALID_BODY', 'NOT_LIVE']);
  });

  it('refuses a release that changes nothing', () => {
    expect(codes([])).toEqual(['EMPTY_RELEASE']);
    const same = put(pinned('promo/acme-uk/a', {}, 2), pinned('promo/acme-uk/a'));
    const [gate, ...others] = plan([same]).gates;
    expect([gate?.code, others]).toEqual(['EMPTY_RELEASE', []]);
    expect(gate?.message).toContain('promo/acme-uk/a');
    expect(codes([same], { type: 'ROLLBACK' })).toEqual(['EMPTY_RELEASE']);
    expect(codes([{ ...remove(pinned('promo/acme-uk/a')), live: null }])).toEqual(['NOT_LIVE']);
  });

  it('points out what a release leaves as it is, beside what it changes', () => {
    const same = put(pinned('promo/acme-uk/a', {}, 2), pinned('promo/acme-uk/a'));
    const found = plan([same, put(pinned('promo/acme-uk/b'))]);
    expect(found.gates).toEqual([]);
    expect(found.notes).toMatchObject([{ code: 'UNCHANGED', documentId: 'promo/acme-uk/a' }]);
  });

  it('refuses what can be seen by no one because of a slip, and points out what no one sees as things are', () => {
    const found = plan([put(pinned('promo/acme-uk/a', { sites: ['acme-ukk'], ended: true }))]);
    expect(found.gates).toMatchObject([{ code: 'UNKNOWN_SITE', path: 'audience.sites[0]' }]);
    expect(found.notes).toMatchObject([{ code: 'SCHEDULE_ENDED', path: 'schedule.to' }]);
    expect(codes([put(pinned('promo/acme-uk/a', { sites: ['acme-ie'] }))])).toEqual(['SITE_OUT_OF_SCOPE']);
    // A body that was live before may return, even if its site was removed.
    expect(codes([put(pinned('promo/acme-uk/a', { sites: ['acme-ukk'] }))], { type: 'ROLLBACK' })).toEqual([]);
  });

  it('lets a release pass a freeze window that only hides, and says so', () => {
    const freezes = [{ startsAt: new Date(0), endsAt: new Date('2027-01-01T00:00:00Z'), reason: 'derby' }];
    const hide = put(pinned('market-rule/acme-uk/a', { hides: true }));
    const passing = plan([hide], { freezes });
    expect([passing.gates, passing.notes.map(({ code }) => code)]).toEqual([[], ['FREEZE_PASSED']]);
    expect(codes([hide, put(pinned('promo/acme-uk/b'))], { freezes })).toEqual(['FREEZE_WINDOW']);
    expect(codes([put(pinned('market-rule/acme-uk/a'))], { freezes })).toEqual(['FREEZE_WINDOW']);
  });

  it('accepts a reference to what is live, or lands with it, or is there for all sites', () => {
    const layout = put(pinned('layout/acme-uk/home', { shows: ['a'] }));
    expect(codes([layout], { neighbours: [pinned('promo/acme-uk/a')] })).toEqual([]);
    expect(codes([layout, put(pinned('promo/acme-uk/a'))])).toEqual([]);
    expect(codes([layout], { neighbours: [pinned(`promo/${ALL_SITES}/a`)] })).toEqual([]);
    expect(codes([layout], { neighbours: [pinned('promo/acme-ie/a')] })).toEqual(['BROKEN_REFERENCE']);
  });

  it('refuses a document for all sites that needs one of a single site', () => {
    const layout = put(pinned(`layout/${ALL_SITES}/home`, { shows: ['a'] }));
    expect(codes([layout], { neighbours: [pinned('promo/acme-uk/a')] })).toEqual(['BROKEN_REFERENCE']);
  });

  it('refuses to remove what a live document needs, unless that one goes with it or another one stands in', () => {
    const promo = pinned('promo/acme-uk/a');
    const layout = pinned('layout/acme-uk/home', { shows: ['a'] });
    const refused = plan([remove(promo)], { neighbours: [layout] });
    expect(refused.gates).toMatchObject([
      { code: 'BROKEN_REFERENCE', documentId: 'layout/acme-uk/home', path: 'shows[0]' },
    ]);
    expect(codes([remove(promo), remove(layout)])).toEqual([]);
    expect(codes([remove(promo)], { neighbours: [layout, pinned(`promo/${ALL_SITES}/a`)] })).toEqual([]);
  });

  it('holds a release responsible only for what it breaks itself', () => {
    const layout = pinned('layout/acme-uk/home', { shows: ['a', 'lost'] });
    expect(
      codes([put(pinned('promo/acme-uk/a', { tags: ['x'] }, 2), pinned('promo/acme-uk/a'))], { neighbours: [layout] }),
    ).toEqual([]);
  });

  it('checks live dependents against the new body of their dependency', () => {
    const layout = pinned('layout/acme-uk/home', { shows: ['a'], wants: 1 });
    const [before, after] = [pinned('promo/acme-uk/a', { offers: 1 }), pinned('promo/acme-uk/a', { offers: 2 }, 2)];
    expect(plan([put(after, before)], { neighbours: [layout] }).gates).toMatchObject([
      { code: 'INVALID_BODY', documentId: 'layout/acme-uk/home', path: 'wants' },
    ]);
    const kept = pinned('promo/acme-uk/a', { offers: 1, tags: ['x'] }, 2);
    expect(codes([put(kept, before)], { neighbours: [layout] })).toEqual([]);
  });

  it('names both documents that claim one page', () => {
    const home = pinned('layout/acme-uk/home', { page: 'home' });
    const other = put(pinned('layout/acme-uk/other', { page: 'home' }));
    const [gate] = plan([other], { neighbours: [home] }).gates;
    expect(gate).toMatchObject({ code: 'DUPLICATE_CLAIM', documentId: 'layout/acme-uk/other' });
    expect(gate?.message).toContain('layout/acme-uk/home');
    expect(codes([put(pinned('layout/acme-ie/home', { page: 'home' }))], { neighbours: [home] })).toEqual([]);
  });

  it('refuses a pin that would undo a newer live revision', () => {
    const live = pinned('promo/acme-uk/a', { tags: ['live'] }, 4);
    expect(codes([put(pinned('promo/acme-uk/a', {}, 3), live)])).toEqual(['STALE_PIN']);
    expect(codes([put(pinned('promo/acme-uk/a', {}, 5), live)])).toEqual([]);
  });

  it('protects a scheduled release from turning stale, and lets a later pin follow', () => {
    const item = put(pinned('promo/acme-uk/a', {}, 4));
    const scheduled = (revision: number) => [
      { id: 's', title: 'Later', at: NOW, pins: [{ documentId: 'promo/acme-uk/a', revision }] },
    ];
    expect(codes([item], { scheduled: scheduled(3) })).toEqual(['SCHEDULED_OVERLAP']);
    expect(codes([item], { scheduled: scheduled(5) })).toEqual([]);
    expect(plan([item], { scheduled: scheduled(5) }).overlaps).toMatchObject([
      { releaseId: 's', documentIds: ['promo/acme-uk/a'] },
    ]);
  });

  it('lets a rollback pass freezes and rules for bodies, but not a broken page', () => {
    const freezes = [{ startsAt: new Date(0), endsAt: new Date('2027-01-01T00:00:00Z'), reason: 'derby' }];
    const back = put(pinned('promo/acme-uk/a', { broken: true }, 1), pinned('promo/acme-uk/a', {}, 2));
    expect(codes([back], { type: 'ROLLBACK', freezes })).toEqual([]);
    const layout = pinned('layout/acme-uk/home', { shows: ['a'] });
    expect(codes([remove(pinned('promo/acme-uk/a'))], { type: 'ROLLBACK', neighbours: [layout] })).toEqual([
      'BROKEN_REFERENCE',
    ]);
  });
});

describe('hash of a plan', () => {
  const next = pinned('promo/acme-uk/a', { tags: ['x'] }, 2);

  it('is the same for the same effect in any order', () => {
    const items = [put(next), put(pinned('promo/acme-uk/b'))];
    expect(plan(items).hash).toBe(plan([...items].reverse()).hash);
  });

  it('differs with what lands, what it replaces, and where', () => {
    const hashes = [
      plan([put(next)]).hash,
      plan([put(pinned('promo/acme-uk/a', { tags: ['y'] }, 2))]).hash,
      plan([put(next, pinned('promo/acme-uk/a', {}, 1))]).hash,
      plan([put(next)], { environment: 'staging' }).hash,
      plan([put(next)], { releaseId: 'other' }).hash,
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('impact of a plan', () => {
  const layout = pinned('layout/acme-uk/home', { page: 'home', shows: ['a'], showsTag: 'football' });

  it('finds the pages and slots that show a promo, by key or by a tag that it had or has', () => {
    const change = plan([put(pinned('promo/acme-uk/a', {}, 2), pinned('promo/acme-uk/a'))], { neighbours: [layout] });
    expect(change.impact).toEqual({
      sites: ['acme-uk'],
      jurisdictions: ['GB'],
      pages: [{ site: 'acme-uk', page: 'home', slots: ['main'] }],
    });
    const untagged = put(pinned('promo/acme-uk/b', {}, 2), pinned('promo/acme-uk/b', { tags: ['football'] }));
    expect(plan([untagged], { neighbours: [layout] }).impact.pages).toEqual([
      { site: 'acme-uk', page: 'home', slots: ['main'] },
    ]);
    expect(plan([put(pinned('promo/acme-uk/c'))], { neighbours: [layout] }).impact.pages).toEqual([]);
  });

  it('counts every site for a document of all sites', () => {
    const { impact } = plan([put(pinned(`promo/${ALL_SITES}/a`))]);
    expect(impact.sites).toEqual(['acme-ie', 'acme-uk']);
    expect(impact.jurisdictions).toEqual(['GB', 'IE']);
  });

  it('narrows jurisdictions only when the body before and the body after both do', () => {
    const narrow = { jurisdictions: ['IM'] };
    expect(plan([put(pinned('promo/acme-uk/a', narrow))]).impact.jurisdictions).toEqual(['IM']);
    expect(plan([put(pinned('promo/acme-uk/a', narrow, 2), pinned('promo/acme-uk/a'))]).impact.jurisdictions).toEqual([
      'GB',
    ]);
  });

  it('names a slot of a layout only when its content changes', () => {
    const same = put(
      pinned('layout/acme-uk/home', { page: 'home', shows: ['a'], wants: 1 }, 2),
      pinned('layout/acme-uk/home', { page: 'home', shows: ['a'] }),
    );
    expect(plan([same], { neighbours: [pinned('promo/acme-uk/a', { offers: 1 })] }).impact.pages).toEqual([]);
  });
});
