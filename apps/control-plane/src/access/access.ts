import { Injectable } from '@nestjs/common';
import { ForbiddenProblem, ProblemError } from '../graphql/problems.js';
import { abilityOf, ALL, type Scope } from './ability.js';
import { type Action, leastRoleFor } from './actions.js';
import type { Actor } from './actor.js';

/** Who may do what. */
@Injectable()
export class Access {
  /** Without a scope: whether the actor may do it in any scope. */
  may(actor: Actor, action: Action, scope?: Scope): boolean {
    return abilityOf(actor).can(action, scope ?? 'Scope');
  }

  /**
   * Lets pass who may do it there.
   * @throws ProblemError with a ForbiddenProblem that names the missing grant
   */
  authorize(actor: Actor, action: Action, scope?: Scope): void {
    if (!this.may(actor, action, scope)) throw new ProblemError(new ForbiddenProblem(missing(actor, action, scope)));
  }
}

function missing(actor: Actor, action: Action, scope: Scope = {}): string {
  const places = (['kind', 'environment', 'site'] as const).flatMap((dimension) => {
    const value = scope[dimension];
    if (value === undefined) return [];
    return value === ALL ? [`all ${dimension}s`] : [`${dimension} ${value}`];
  });
  const where = places.length > 0 ? ` for ${places.join(', ')}` : '';
  return `${actor.name} lacks the grant for ${action}${where}: it takes the role ${leastRoleFor(action)} or more`;
}
