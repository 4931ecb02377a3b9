import { Inject, Injectable } from '@nestjs/common';
import { ForbiddenProblem, type Problem, ProblemError } from '../../graphql/problems.js';
import type { Caller } from '../../graphql/request-scope.js';
import { type ControlPlaneSettings, SETTINGS } from '../../settings.js';
import { FreshSignInRequiredProblem } from './sign-in.problems.js';

/**
 * Giving rights (users, grants, API tokens, client keys, passwords) needs a person who has proved their password a
 * short time ago. So neither a stolen or open session nor an API token can create rights that outlive it.
 */
@Injectable()
export class FreshSignIn {
  constructor(@Inject(SETTINGS) private readonly settings: ControlPlaneSettings) {}

  /** @throws ProblemError that says what to do */
  assertFresh(caller: Caller, now = new Date()): void {
    const problem = freshnessProblem(caller, this.settings.freshSignInMinutes, now);
    if (problem) throw new ProblemError(problem);
  }

  /** Until when a proof of the password counts. */
  until(confirmedAt: Date): Date {
    return freshUntil(confirmedAt, this.settings.freshSignInMinutes);
  }
}

export function freshUntil(confirmedAt: Date, minutes: number): Date {
  return new Date(confirmedAt.getTime() + minutes * 60_000);
}

/** Why a caller may not do what needs a fresh sign-in; `undefined` where they may. */
export function freshnessProblem({ actor, confirmedAt }: Caller, minutes: number, now: Date): Problem | undefined {
  if (actor?.type === 'TOKEN')
    return new ForbiddenProblem(
      `${actor.name} may not do this: it takes a person who has just confirmed their password`,
    );
  if (confirmedAt && now < freshUntil(confirmedAt, minutes)) return undefined;
  return new FreshSignInRequiredProblem(minutes);
}
