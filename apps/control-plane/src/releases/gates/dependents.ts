import type { NamedReference } from '../../documents/config-kind.js';
import type { StateView } from '../after-state.js';
import type { PinnedBody } from '../plan.js';
import type { Found, GateInput } from './gate.js';

/** Does a reference concern the release? */
export type Concerns = (reference: NamedReference) => boolean;

/**
 * Checks the documents of a release, and live documents that refer to changed or removed ones. Of the live documents,
 * only those that this release breaks are reported.
 */
export function findInDependents(
  { items, neighbours, before, after }: GateInput,
  find: (body: PinnedBody, state: StateView, concerns: Concerns) => Found[],
): Found[] {
  const landing = items.flatMap(({ pinned }) => (pinned ? [pinned] : []));
  const changed = new Set(items.map(({ ref }) => `${ref.kind}:${ref.key}`));
  const touched: Concerns = ({ kind, key }) => changed.has(`${kind}:${key}`);
  return [
    ...landing.flatMap((body) => find(body, after, () => true)),
    ...neighbours.flatMap((body) => {
      const found = find(body, after, touched);
      if (found.length === 0) return [];
      const known = new Set(find(body, before, touched).map(({ message }) => message));
      return found.filter(({ message }) => !known.has(message));
    }),
  ];
}
