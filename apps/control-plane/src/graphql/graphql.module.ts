import { isNativeError } from 'node:util/types';
import { HeaderMap } from '@apollo/server';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { GraphQLModule as NestGraphQLModule, type BuildSchemaOptions } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { introspectionRule } from '#graphql';
import { clientAddressOf } from '#http-server';
import { AccessApiModule } from '../access/access-api.module.js';
import { Identification } from '../access/identification.js';
import { LOGGER, type Logger } from '../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { ErrorFilter } from './error.filter.js';
import { presentError, RETRY_AFTER_SECONDS } from './errors.js';
import { inputValidation } from './input-validation.js';
import { MAX_TOKENS } from './limits.js';
import { limitsRule } from './limits.rule.js';
import { MutationOutcomes } from './mutation-outcomes.js';
import { operationChecks } from './operation-checks.js';
import { RequestScope } from './request-scope.js';
import { DateTimeScalar } from './scalars.js';
import { Subscriptions } from './subscriptions.js';

export const SCHEMA_OPTIONS: BuildSchemaOptions = {
  scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
};

/** Code first, one endpoint. Subscriptions have their own server, see {@link Subscriptions}. */
@Module({
  imports: [
    AccessApiModule,
    NestGraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      imports: [AccessApiModule],
      inject: [SETTINGS, LOGGER, Identification],
      useFactory: (
        settings: ControlPlaneSettings,
        logger: Logger,
        identification: Identification,
      ): ApolloDriverConfig => ({
        path: '/graphql',
        autoSchemaFile: true,
        sortSchema: true,
        buildSchemaOptions: SCHEMA_OPTIONS,
        context: (request: FastifyRequest, reply: FastifyReply) => scopeOf(identification, request, reply),
        introspection: settings.introspection,
        hideSchemaDetailsFromClientErrors: settings.production,
        includeStacktraceInErrorResponses: false,
        csrfPrevention: true,
        allowBatchedHttpRequests: false,
        persistedQueries: false,
        graphiql: false,
        parseOptions: { maxTokens: MAX_TOKENS },
        validationRules: [limitsRule, introspectionRule],
        plugins: [operationChecks],
        formatError: (formatted, error) => presentError(logger, formatted, error),
        // Nest would hide HTTP statuses behind 200 and copy exceptions into answers.
        preserveHttpStatusForExecutionErrors: false,
        autoTransformHttpErrors: false,
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
