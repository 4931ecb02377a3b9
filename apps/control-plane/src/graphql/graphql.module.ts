import { isNativeError } from 'node:util/types';
import { HeaderMap } from '@apollo/server';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { BuildSchemaOptions } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { DateTimeScalar, graphqlModule, RETRY_AFTER_SECONDS } from '@paddock/graphql';
import { clientAddressOf } from '@paddock/http-server';
import { AccessApiModule } from '../access/access-api.module.js';
import { Identification } from '../access/identification.js';
import { LOGGER, type Logger } from '../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { ErrorFilter } from './error.filter.js';
import { explainProblem } from './explain-problem.js';
import { inputValidation } from './input-validation.js';
import { LIMITS } from './limits.js';
import { MutationOutcomes } from './mutation-outcomes.js';
import { RequestScope } from './request-scope.js';
import { Subscriptions } from './subscriptions.js';

export const SCHEMA_OPTIONS: BuildSchemaOptions = {
  scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
};

/** The control plane's API. Its subscriptions are served by {@link Subscriptions}. */
@Module({
  imports: [
    AccessApiModule,
    graphqlModule({
      limits: LIMITS,
      schema: SCHEMA_OPTIONS,
      imports: [AccessApiModule],
      inject: [SETTINGS, LOGGER, Identification],
      useFactory: (
        { production, introspection }: ControlPlaneSettings,
        logger: Logger,
        identification: Identification,
      ) => ({
        production,
        introspection,
        logger,
        explain: explainProblem,
        context: (request, reply) => scopeOf(identification, request, reply),
      }),
    }),
  ],
  providers: [
    Subscriptions,
    MutationOutcomes,
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_INTERCEPTOR, useExisting: MutationOutcomes },
    { provide: APP_PIPE, useFactory: inputValidation },
  ],
  exports: [Subscriptions],
})
export class GraphqlModule {}

async function scopeOf(
  identification: Identification,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<RequestScope> {
  const connection = { setCookie: (cookie: string): void => void reply.header('set-cookie', cookie) };
  try {
    return new RequestScope(
      request.id,
      clientAddressOf(request.raw),
      await identification.ofRequest(request.raw),
      connection,
    );
  } catch (error) {
    // Without the database nobody can be told from anybody: the request may be sent again.
    const originalError = isNativeError(error) ? error : new Error(String(error));
    throw new GraphQLError('cannot tell who asks', {
      originalError,
      extensions: { http: { status: 503, headers: new HeaderMap([['retry-after', RETRY_AFTER_SECONDS]]) } },
    });
  }
}
