import { ALL_SITES, type DocumentRef, type KindName, sha256Hex } from '@paddock/contracts';
import type { DocumentRow } from '../documents/document.entity.js';
import type { KindRegistry } from '../documents/kind-registry.js';
import { claimTarget, namedTarget, tagTarget } from '../documents/revisions.js';
import type { PinnedBody, PlannedItem } from './plan.js';

/** The name of a document. */
export const refOf = ({ kind, site, key }: DocumentRow): DocumentRef => ({ kind, site, key });

/**
 * The sites of possible neighbours. References never lead from one site to another: a site's documents see only their
 * own site and those for all sites, so a change on one site does not affect the pages of fifty others. `undefined`
 * stands for all sites.
 */
export function sitesConcerned(items: readonly PlannedItem[]): string[] | undefined {
  const sites = new Set(items.map((item) => item.ref.site));
  return sites.has(ALL_SITES) ? undefined : [...sites, ALL_SITES];
}

/** Entries of the reference index under which documents stand that a release may concern. */
export function pointersTo(items: readonly PlannedItem[], kinds: KindRegistry): Set<string> {
  const targets = new Set<string>();
  for (const { ref, pinned, live } of items) {
    targets.add(namedTarget(ref.kind, ref.key));
    for (const body of [pinned, live]) {
      if (!body) continue;
      const reach = kinds.get(ref.kind).reach(body.body);
      for (const tag of reach.tags) targets.add(tagTarget(ref.kind, tag));
      for (const claim of reach.claims) targets.add(claimTarget(ref.kind, claim));
    }
  }
  return targets;
}

/** Names that bodies refer to, and the names of the items themselves: another site's document may stand in for them. */
export function namesUsed(
  bodies: readonly PinnedBody[],
  items: readonly PlannedItem[],
  kinds: KindRegistry,
): { kind: KindName; key: string }[] {
  const names = new Map<string, { kind: KindName; key: string }>();
  for (const { kind, key } of items.map((item) => item.ref)) names.set(namedTarget(kind, key), { kind, key });
  for (const body of bodies) {
    for (const reference of kinds.get(body.ref.kind).references(body.body)) {
      if ('key' in reference)
        names.set(namedTarget(reference.kind, reference.key), { kind: reference.kind, key: reference.key });
    }
  }
  return [...names.values()];
}

/** A draft as a body that a release would pin. Its number is above those of all revisions, and in no message. */
export function pinnedDraft(document: DocumentRow, body: string): PinnedBody {
  const revision = Number.MAX_SAFE_INTEGER;
  return { documentId: document.id, ref: refOf(document), revision, sha256: sha256Hex(body), body: JSON.parse(body) };
}
