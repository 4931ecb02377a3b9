import type { Visitor } from '@paddock/audience';
import { ALL_SITES, formatRef, type LayoutBody, type PromoBody } from '@paddock/contracts';
import { compilePage, type PlannedPromo, resolve, signatureOf } from '@paddock/layouts';
import type { PinnedBody } from '../releases/plan.js';

/** A place on a page at which something stood. */
export interface SeenAt {
  page: string;
  /** `null` for the layout itself. */
  slot: string | null;
}

/** What was live of one kind, with its body. */
export interface LiveBody<Body> extends Pick<PinnedBody, 'documentId' | 'ref'> {
  body: Body;
}

/**
 * Where the layouts and promos that were live stood on the pages of a site, as one visitor saw them at an instant: by the
 * code with which the edge answers. Documents that stood nowhere are absent.
 */
export function pagesSeen(
  visitor: Visitor,
  layouts: readonly LiveBody<LayoutBody>[],
  promos: readonly LiveBody<PromoBody>[],
  at: number,
): Map<string, SeenAt[]> {
  const ofSite = withoutReplaced(promos, ({ ref }) => ref.key);
  const documentIds = new Map(ofSite.map(({ ref, documentId }) => [formatRef(ref), documentId]));
  const source = sourceOf(ofSite);
  const seen = new Map<string, SeenAt[]>();
  const note = (documentId: string, place: SeenAt) => seen.set(documentId, [...(seen.get(documentId) ?? []), place]);
  for (const { documentId, ref, body } of withoutReplaced(layouts, (layout) => layout.body.page)) {
    note(documentId, { page: body.page, slot: null });
    const plan = compilePage({ ref: formatRef(ref), body }, source, at);
    for (const { name: slot, shown } of resolve(plan, signatureOf(plan, visitor), at).slots) {
      for (const { content } of shown) {
        const shownId = content.type === 'promo' ? documentIds.get(content.promo.ref) : undefined;
        if (shownId !== undefined) note(shownId, { page: body.page, slot });
      }
    }
  }
  return seen;
}

/** A site's own document stands instead of the one for all sites. */
function withoutReplaced<Body>(
  documents: readonly LiveBody<Body>[],
  nameOf: (document: LiveBody<Body>) => string,
): LiveBody<Body>[] {
  const own = new Set(documents.filter(({ ref }) => ref.site !== ALL_SITES).map(nameOf));
  return documents.filter((document) => document.ref.site !== ALL_SITES || !own.has(nameOf(document)));
}

function sourceOf(promos: readonly LiveBody<PromoBody>[]) {
  const planned = promos.map(({ ref, body }): PlannedPromo => ({ ref: formatRef(ref), key: ref.key, body }));
  const byPriority = planned.toSorted(
    (a, b) => (b.body.priority ?? 0) - (a.body.priority ?? 0) || (a.key < b.key ? -1 : 1),
  );
  return {
    byKey: (key: string) => planned.find((promo) => promo.key === key),
    byTags: (tags: readonly string[]) => byPriority.filter(({ body }) => tags.every((tag) => body.tags?.includes(tag))),
  };
}
