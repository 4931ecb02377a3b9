import { ALL_SITES, type DocumentRef, formatRef } from '@paddock/contracts';
import type { NamedReference } from '../documents/config-kind.js';
import type { PinnedBody, PlanInput } from './plan.js';

/** The part of an environment that a plan reads, before or after the release. */
export class StateView {
  private readonly byRef: ReadonlyMap<string, PinnedBody>;

  constructor(bodies: Iterable<PinnedBody>) {
    this.byRef = new Map([...bodies].map((body) => [formatRef(body.ref), body]));
  }

  /** As it is now. */
  static before(input: PlanInput): StateView {
    return new StateView([...input.neighbours, ...input.items.flatMap((item) => (item.live ? [item.live] : []))]);
  }

  /** As it would be once the release landed. */
  static after(input: PlanInput): StateView {
    return new StateView([...input.neighbours, ...input.items.flatMap((item) => (item.pinned ? [item.pinned] : []))]);
  }

  get bodies(): PinnedBody[] {
    return [...this.byRef.values()];
  }

  /** The target of a reference in a site's document: the site's own document, else the one for all sites. */
  resolve(site: string, reference: Pick<NamedReference, 'kind' | 'key'>): PinnedBody | undefined {
    const own: DocumentRef = { kind: reference.kind, site, key: reference.key };
    return this.byRef.get(formatRef(own)) ?? this.byRef.get(formatRef({ ...own, site: ALL_SITES }));
  }
}
