import { abilityOf, ALL } from './ability.js';
import { ACTIONS_OF_ROLE } from './actions.js';
import { type Actor, NOBODY } from './actor.js';
import type { RequestScope } from '../graphql/request-scope.js';

/**
 * The scope of a read: a document by its kind and site; its live, released or scheduled revisions also by their
 * environment. Without an environment, a grant for any environment suffices.
 */
export interface Place {
  kind: string;
  site: string;
  environment?: string;
}

/**
 * Whether the actor may read that scope. All reads of the API use this rule, in queries, nested fields and events.
 * Unreadable objects are treated as missing.
 */
export function mayRead(actor: Actor, place: Place): boolean {
  return abilityOf(actor).can('document:read', place);
}

/** May the actor read anything of a site, of any kind in any environment? */
export function mayReadSite(actor: Actor, site: string): boolean {
  return abilityOf(actor).can('document:read', { site });
}

/** May the actor read anything of an environment, of any kind on any site? */
export function mayReadEnvironment(actor: Actor, environment: string): boolean {
  return abilityOf(actor).can('document:read', { environment });
}

/** May the actor read everything in an environment, of all kinds and sites? */
export function readsAllOf(actor: Actor, environment: string): boolean {
  return mayRead(actor, { kind: ALL, site: ALL, environment });
}

/** Who reads the answer of an operation. */
export function readerOf({ caller }: RequestScope): Actor {
  return caller.actor ?? NOBODY;
}

/** SQL expressions that hold the kind and the site of a document, and the environment where it matters. */
export interface PlaceColumns {
  kind: string;
  site: string;
  environment?: string;
}

/** A condition with named parameters, as TypeORM's query builder takes it. */
export interface Condition {
  sql: string;
  parameters: Record<string, string>;
}

/** {@link mayRead} as SQL, so that a page is filled with what the actor may read. */
export function readableWhere(actor: Actor, columns: PlaceColumns): Condition {
  const parameters: Record<string, string> = {};
  const alternatives = readingGrants(actor).map((grant, index) => {
    const parts = (['kind', 'site', 'environment'] as const).flatMap((dimension) => {
      const column = columns[dimension];
      if (column === undefined || grant[dimension] === ALL) return [];
      const name = `may_read_${dimension}_${index}`;
      parameters[name] = grant[dimension];
      return [`${column} = :${name}`];
    });
    return parts.length > 0 ? `(${parts.join(' AND ')})` : '1 = 1';
  });
  if (alternatives.includes('1 = 1')) return { sql: '1 = 1', parameters: {} };
  return { sql: alternatives.length > 0 ? `(${alternatives.join(' OR ')})` : '1 = 0', parameters };
}

/** The same condition with `?` and the values in their order, as the driver takes it. */
export function positional({ sql, parameters }: Condition): { sql: string; values: string[] } {
  const values: string[] = [];
  const replaced = sql.replace(/:(may_read_\w+)/g, (_, name: string) => {
    values.push(parameters[name] ?? '');
    return '?';
  });
  return { sql: replaced, values };
}

/** The environments in which the actor may read documents of a kind and site; `undefined` for all of them. */
export function readableEnvironments(actor: Actor, { kind, site }: Pick<Place, 'kind' | 'site'>): string[] | undefined {
  const covering = readingGrants(actor).filter(
    (grant) => [ALL, kind].includes(grant.kind) && [ALL, site].includes(grant.site),
  );
  const environments = covering.map(({ environment }) => environment);
  return environments.includes(ALL) ? undefined : [...new Set(environments)].sort();
}

function readingGrants(actor: Actor) {
  return actor.grants.filter(({ role }) => ACTIONS_OF_ROLE[role].includes('document:read'));
}
