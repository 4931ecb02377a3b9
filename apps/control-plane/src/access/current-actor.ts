import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { RequestScope } from '../graphql/request-scope.js';
import { unauthenticated } from './access.guard.js';
import type { Actor } from './actor.js';

/** The signed-in {@link Actor}. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor, refusal } = GqlExecutionContext.create(context).getContext<RequestScope>().caller;
  if (!actor) throw unauthenticated(refusal);
  return actor;
});
