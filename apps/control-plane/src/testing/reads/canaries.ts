import type { Role } from '../../access/access.entity.js';
import type { Grant } from '../../access/actor.js';

/** A text that stands in one place of a seeded world, and who may read it: said here again, and not by the code under test. */
export interface Canary {
  text: string;
  /** What a grant must reach; absent dimensions do not matter. */
  kind?: string;
  site?: string;
  environment?: string;
  /** Where each of several places shows it: one of them must be readable. */
  anyOf?: readonly Pick<Canary, 'kind' | 'site' | 'environment'>[];
  /** The role that it takes. */
  role?: Role;
  /** The id of a user who sees it too. */
  owner?: string;
}

const reaches = (granted: string, wanted: string | undefined): boolean =>
  wanted === undefined || granted === '*' || granted === wanted;

/** By the rule of the docs: one grant must reach the place in all of its dimensions; `*` is reached by `*` alone. */
export function mayReadCanary(grants: readonly Grant[], canary: Canary, reader: string | undefined): boolean {
  if (canary.owner !== undefined && canary.owner === reader) return true;
  const places = canary.anyOf ?? [canary];
  return places.some((place) =>
    grants.some(
      (grant) =>
        reaches(grant.kind, place.kind) &&
        reaches(grant.site, place.site) &&
        reaches(grant.environment, place.environment) &&
        (canary.role === undefined || grant.role === canary.role),
    ),
  );
}
