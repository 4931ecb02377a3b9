import { Reflector } from '@nestjs/core';
import type { Action } from './actions.js';

/** What a root field demands of its caller before it runs. Finer questions are asked by the service, which knows the scope. */
export type Policy = 'PUBLIC' | 'SIGNED_IN' | Action;

/** Metadata of a resolver method: its {@link Policy}. */
export const PolicyOf = Reflector.createDecorator<Policy>();

/** Metadata of a resolver method: does it need a fresh sign-in? */
export const FreshSignInOf = Reflector.createDecorator<boolean>();

/** Gives power to somebody: only a person may who has just proved their password. Its result has a `FreshSignInRequiredProblem`. */
export const NeedsFreshSignIn = () => FreshSignInOf(true);

/** Anybody may, signed in or not. */
export const Public = () => PolicyOf('PUBLIC');

/** Whoever is signed in may, with whatever grants. */
export const SignedIn = () => PolicyOf('SIGNED_IN');

/** Whoever may do this somewhere. Every root field declares one of the three; a test sees to it. */
export const Requires = (action: Action) => PolicyOf(action);
