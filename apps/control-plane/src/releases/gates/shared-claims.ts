import type { Reach } from '../../documents/config-kind.js';
import type { PinnedBody } from '../plan.js';
import type { GateInput } from './gate.js';

/** Two documents with a claim in common; the release lands the first. */
export interface SharedClaim {
  readonly claim: Reach['claims'][number];
  readonly landing: PinnedBody;
  readonly other: PinnedBody;
  /** The same two in the order in which the plan reads them. */
  readonly inOrder: readonly [PinnedBody, PinnedBody];
}

/**
 * Pairs of documents with the same claim; the release lands at least one of the two. @param scopeOf the scope within
 * which claims are compared; `undefined` for documents whose claims are not compared
 */
export function sharedClaims(
  { items, after, kindOf }: GateInput,
  scopeOf: (body: PinnedBody) => string | undefined,
): SharedClaim[] {
  const landing = new Set(items.map(({ documentId }) => documentId));
  const holders = new Map<string, PinnedBody[]>();
  const found: SharedClaim[] = [];
  for (const body of after.bodies) {
    const scope = scopeOf(body);
    if (scope === undefined) continue;
    for (const claim of kindOf(body.ref.kind).reach(body.body).claims) {
      const name = `${scope}/${claim}`;
      const before = holders.get(name) ?? [];
      holders.set(name, [...before, body]);
      for (const holder of before) {
        const lands = landing.has(body.documentId);
        if (!lands && !landing.has(holder.documentId)) continue;
        const [first, other] = lands ? [body, holder] : [holder, body];
        found.push({ claim, landing: first, other, inOrder: [holder, body] });
      }
    }
  }
  return found;
}
