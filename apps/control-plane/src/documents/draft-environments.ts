import { abilityOf, ALL } from '../access/ability.js';
import { ACTIONS_OF_ROLE } from '../access/actions.js';
import type { Actor } from '../access/actor.js';

/**
 * The environments whose releases may freeze a draft: those in which its author may write. A draft is shared by all
 * environments, so an author with rights in one must not change the next release of another.
 */
export type DraftEnvironments = string;

interface DocumentPlace {
  kind: string;
  site: string;
}

/** The environments that may release a draft of the actor: `*` for all, else names joined by commas. */
export function environmentsOfAuthor(actor: Actor, { kind, site }: DocumentPlace): DraftEnvironments {
  const environments = actor.grants
    .filter((grant) => ACTIONS_OF_ROLE[grant.role].includes('document:write'))
    .filter((grant) => [ALL, kind].includes(grant.kind) && [ALL, site].includes(grant.site))
    .map((grant) => grant.environment);
  return environments.includes(ALL) ? ALL : [...new Set(environments)].sort().join(',');
}

/** May a release of this environment freeze the draft? */
export function mayBeReleasedIn(draft: DraftEnvironments, environment: string): boolean {
  return draft === ALL || draft.split(',').includes(environment);
}

/** May the actor replace the draft? Only who may write in every environment that it can be released in. */
export function mayReplace(
  actor: Actor,
  { kind, site }: DocumentPlace,
  draft: DraftEnvironments,
  existing: readonly string[],
): boolean {
  const concerned = draft === ALL ? existing : draft.split(',').filter((name) => existing.includes(name));
  const writes = (environment: string) => abilityOf(actor).can('document:write', { kind, site, environment });
  return concerned.every(writes);
}
