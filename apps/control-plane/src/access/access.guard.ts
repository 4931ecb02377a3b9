import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';
import { RequestScope } from '../graphql/request-scope.js';
import { Access } from './access.js';
import { FreshSignInOf, PolicyOf } from './policy.js';
import { FreshSignIn } from './sign-in/fresh-sign-in.js';

/** Guards every root field, and refuses a field without a policy. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: Access,
    private readonly freshSignIn: FreshSignIn,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const policy = this.reflector.get(PolicyOf, context.getHandler());
    if (policy === undefined)
      throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no policy`);
    if (policy === 'PUBLIC') return true;
    const { caller } = GqlExecutionContext.create(context).getContext<RequestScope>();
    const { actor, refusal } = caller;
    if (!actor) throw unauthenticated(refusal);
    if (policy !== 'SIGNED_IN') this.access.authorize(actor, policy);
    if (this.reflector.get(FreshSignInOf, context.getHandler())) this.freshSignIn.assertFresh(caller);
    return true;
  }
}

/** The credential is missing or invalid: `refusal` has the reason. */
export function unauthenticated(refusal?: string): GraphQLError {
  if (refusal !== undefined) return new GraphQLError(refusal, { extensions: { code: 'TOKEN_INVALID' } });
  return new GraphQLError('sign in first: send a session or API token as Authorization: Bearer …', {
    extensions: { code: 'UNAUTHENTICATED' },
  });
}
