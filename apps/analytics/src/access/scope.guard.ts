import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { Problem } from '@paddock/http-server';
import { keyOf } from '../collector/producer-keys.js';
import { type AnalyticsScope, ApiKeys, type Caller, type Refusal } from './api-keys.js';

const SCOPE = Symbol('scope');

/** The scope that a route requires. A route without one is open; collectors check producer keys instead. */
export const Requires = (scope: AnalyticsScope): MethodDecorator & ClassDecorator => SetMetadata(SCOPE, scope);

/** The part of the request that resolvers receive. */
export interface AnalyticsRequest {
  request: FastifyRequest | { headers: Readonly<Record<string, string | string[] | undefined>>; query?: unknown };
  caller?: Caller;
}

/** Admits requests whose key has the scope. REST answers with a problem, GraphQL with a coded error. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const scope = this.reflector.getAllAndOverride<AnalyticsScope | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (scope === undefined) return true;
    const graphql = context.getType<string>() === 'graphql';
    const own: AnalyticsRequest = graphql
      ? GqlExecutionContext.create(context).getContext()
      : { request: context.switchToHttp().getRequest() };
    const admitted = this.keys.admit(keyOf(own.request.headers, own.request.query), scope);
    if (!isRefusal(admitted)) {
      own.caller = admitted;
      return true;
    }
    const { code, status, message } = admitted;
    throw graphql
      ? new GraphQLError(message, { extensions: { code, http: { status } } })
      : new Problem(status, code === 'TOKEN_INVALID' ? 'UNKNOWN_KEY' : code, message);
  }
}

function isRefusal(value: Caller | Refusal): value is Refusal {
  return 'code' in value;
}
