import { Ability } from '@casl/ability';
import { type Action, ACTIONS_OF_ROLE } from './actions.js';
import type { Actor, Grant } from './actor.js';

/** All of a dimension: in a grant "everything", in a question "everything at once". */
export const ALL = '*';

/** The scope of an action. A missing field restricts nothing: a grant with any value suffices. */
export interface Scope {
  kind?: string;
  environment?: string;
  site?: string;
}

/** The whole installation: for objects without a narrower scope, such as users. */
export const EVERYWHERE = { kind: ALL, environment: ALL, site: ALL } as const satisfies Scope;

type Question = [Action, Scope | 'Scope'];

/** Does a grant reach everything that is asked about? */
export function covers(grant: Pick<Grant, 'kind' | 'environment' | 'site'>, asked: Scope): boolean {
  const reaches = (granted: string, wanted: string | undefined) =>
    wanted === undefined || granted === ALL || granted === wanted;
  return (
    reaches(grant.kind, asked.kind) && reaches(grant.environment, asked.environment) && reaches(grant.site, asked.site)
  );
}

const abilities = new WeakMap<Actor, Ability<Question, Grant>>();

/** What an actor may do, as a CASL ability: one rule per grant. */
export function abilityOf(actor: Actor): Ability<Question, Grant> {
  let ability = abilities.get(actor);
  if (!ability) {
    const rules = actor.grants.map((grant) => ({
      action: [...ACTIONS_OF_ROLE[grant.role]],
      subject: 'Scope' as const,
      conditions: grant,
    }));
    ability = new Ability<Question, Grant>(rules, {
      detectSubjectType: () => 'Scope',
      conditionsMatcher: (grant) => (asked: Scope) => covers(grant, asked),
    });
    abilities.set(actor, ability);
  }
  return ability;
}

/** May everything that `inner` grants be done with one of `outer`? Roles include each other, so one grant must contain it. */
export function contains(outer: readonly Grant[], inner: Grant): boolean {
  return outer.some(
    (grant) =>
      covers(grant, inner) &&
      ACTIONS_OF_ROLE[inner.role].every((action) => ACTIONS_OF_ROLE[grant.role].includes(action)),
  );
}
