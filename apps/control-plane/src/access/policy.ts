import { Reflector } from '@nestjs/core';
import type { Action } from './actions.js';

/** The right that a root field requires of its caller before it runs. The service, which knows the scope, checks the details. */
export type Policy = 'PUBLIC' | 'SIGNED_IN' | Action;

/** Metadata of a resolver method: its {@link Policy}. */
export const PolicyOf = Reflector.createDecorator<Policy>();

/** Metadata of a resolver method: does it need a fresh sign-in? */
export const FreshSignInOf = Reflector.createDecorator<boolean>();

/** Gives rights to a user: only a person who has just proved their password may call it. Its result has a `FreshSignInRequiredProblem`. */
export const NeedsFreshSignIn = () => FreshSignInOf(true);

/** Open to all callers, signed in or not. */
export const Public = () => PolicyOf('PUBLIC');

/** Open to every signed-in caller, with any grants. */
export const SignedIn = () => PolicyOf('SIGNED_IN');

/**
 * Open to callers who have the right for at least one site or environment. Every root field declares one of the three
 * policies; a test checks that.
 */
export const Requires = (action: Action) => PolicyOf(action);
