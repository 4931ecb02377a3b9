import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { RequestScope } from '../../graphql/request-scope.js';
import type { Actor } from '../actor.js';
import { expiredSessionCookie, sessionCookie } from '../credential.js';
import { CurrentActor } from '../current-actor.js';
import { Public, SignedIn } from '../policy.js';
import { User } from '../users/user.object.js';
import { Users } from '../users/users.js';
import { FreshSignIn } from './fresh-sign-in.js';
import {
  ConfirmPasswordInput,
  ConfirmPasswordResult,
  PasswordConfirmed,
  Session,
  SignedOut,
  SignInInput,
  SignInResult,
  SignOutResult,
} from './session.object.js';
import { SignIn } from './sign-in.js';

@Resolver()
export class SignInResolver {
  constructor(
    private readonly signingIn: SignIn,
    private readonly users: Users,
    private readonly freshSignIn: FreshSignIn,
  ) {}

  @Mutation(() => SignInResult, {
    description: 'Begins a session. Attempts are limited per address, per network address, and per field.',
  })
  @Public()
  async signIn(@Args('input') input: SignInInput, @Context() scope: RequestScope): Promise<Session> {
    const { token, expiresAt, confirmedAt, user, actor } = await this.signingIn.signIn(
      input.email,
      input.password,
      scope.ip,
    );
    scope.setCookie(sessionCookie(token, expiresAt));
    return Object.assign(new Session(), {
      token,
      expiresAt,
      freshUntil: this.freshSignIn.until(confirmedAt),
      user: User.of(user, actor.grants),
    });
  }

  @Mutation(() => ConfirmPasswordResult, {
    description:
      'Proves the caller’s password again, for mutations that return FRESH_SIGN_IN_REQUIRED. It counts as an attempt to sign in.',
  })
  @SignedIn()
  async confirmPassword(
    @CurrentActor() actor: Actor,
    @Args('input') input: ConfirmPasswordInput,
    @Context() scope: RequestScope,
  ): Promise<PasswordConfirmed> {
    const at = await this.signingIn.confirm(actor, scope.caller.credential, input.password, scope.ip);
    return Object.assign(new PasswordConfirmed(), { at, freshUntil: this.freshSignIn.until(at) });
  }

  @Mutation(() => SignOutResult, { description: 'Ends the session that this request came with.' })
  @SignedIn()
  async signOut(@CurrentActor() actor: Actor, @Context() scope: RequestScope): Promise<SignedOut> {
    if (scope.caller.credential) await this.signingIn.signOut(actor, scope.caller.credential);
    scope.setCookie(expiredSessionCookie());
    return Object.assign(new SignedOut(), { at: new Date() });
  }

  @Query(() => User, {
    nullable: true,
    description: 'The signed-in user; null for an API token.',
  })
  @SignedIn()
  me(@CurrentActor() actor: Actor): Promise<User | undefined> {
    return this.users.byId(actor.id);
  }
}
