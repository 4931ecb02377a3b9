import { describe, expect, it } from 'vitest';
import { advanceStateHash, EMPTY_STATE, type LayoutBody, splitRef } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { contentOf, type DocumentEdit, MemoryEnvironment } from '../../test/build-state.js';

const SITES = ['acme-uk', 'acme-de'];
const grid = (page: string, tags: string[], named: string[] = []): LayoutBody => ({
  page,
  slots: [{ name: 'main', items: [{ promos: { tags, limit: 9 } }, ...named.map((promo) => ({ promo }))] }],
});

const key = fc.constantFrom('a', 'b', 'c', 'd');
const site = fc.constantFrom('acme-uk', 'acme-de', '*');
const tags = fc.subarray(['x', 'y']);
const edit: fc.Arbitrary<DocumentEdit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('promo' as const),
      key,
      site,
      body: fc.record({ title: fc.constantFrom('1', '2'), tags, priority: fc.integer({ min: 0, max: 2 }) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('promo' as const), key, site }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('layout' as const),
      key: fc.constantFrom('l', 'm'),
      site,
      body: fc
        .tuple(fc.constantFrom('home', 'sport'), fc.subarray(['x', 'y'], { minLength: 1 }), fc.subarray(['a', 'b']))
        .map(([page, chosen, named]) => grid(page, chosen, named)),
    }),
  },
);
const uniqueEdits = fc.uniqueArray(edit, {
  selector: ({ kind, site: where, key: name }) => `${kind}/${where}/${name}`,
  maxLength: 6,
});
const history = fc.array(uniqueEdits, { maxLength: 12 });

/** Every page of every site, as bytes. */
function pagesOf(memory: MemoryEnvironment): Map<string, string> {
  const pages = new Map<string, string>();
  for (const where of SITES) {
    for (const page of ['home', 'sport']) {
      const selected = memory.environment.pages.select(
        memory.state,
        page,
        { site: where, jurisdiction: 'GB', segments: new Set() },
        0,
        'GB',
      );
      pages.set(`${where}/${page}`, selected?.body.identity.bytes.toString() ?? 'none');
    }
  }
  return pages;
}

describe('the live state', () => {
  it('serves after any history, through its caches, what it serves when it is rebuilt', () => {
    fc.assert(
      fc.property(history, (releases) => {
        const memory = new MemoryEnvironment();
        for (const edits of releases) {
          pagesOf(memory); // fills every cache
          memory.land(edits);
        }
        const fresh = new MemoryEnvironment();
        const all = contentOf(memory.state).flatMap((line) => {
          const ref = splitRef(line.slice(0, line.indexOf(' ')));
          const body: DocumentEdit['body'] = JSON.parse(line.slice(line.indexOf(' ')));
          return ref && (ref.kind === 'promo' || ref.kind === 'layout') && body
            ? [{ kind: ref.kind, site: ref.site, key: ref.key, body }]
            : [];
        });
        fresh.land(all as DocumentEdit[]);
        expect(pagesOf(memory)).toEqual(pagesOf(fresh));
      }),
      { numRuns: 300 },
    );
  });

  it('names every page whose bytes a release changes', () => {
    fc.assert(
      fc.property(history, (releases) => {
        const memory = new MemoryEnvironment();
        for (const edits of releases) {
          const before = pagesOf(memory);
          const step = memory.step(edits);
          const named = new Set(memory.environment.impactOf(step.changes, step.updates).flatMap(({ pages }) => pages));
          memory.apply(step);
          for (const [page, bytes] of pagesOf(memory))
            if (bytes !== before.get(page)) expect([...named]).toContain(page);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has the state hash of its documents, whatever way led there', () => {
    fc.assert(
      fc.property(history, (releases) => {
        const memory = new MemoryEnvironment();
        for (const edits of releases) memory.land(edits);
        const steps = [...memory.state.documents()].flatMap(({ ref, blob }) => {
          const parts = splitRef(ref);
          return parts ? [{ ref: parts, before: null, after: blob.sha256 }] : [];
        });
        expect(memory.state.position.stateHash).toBe(advanceStateHash(EMPTY_STATE, steps));
      }),
    );
  });
});
