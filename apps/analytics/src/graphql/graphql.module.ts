import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GraphQLModule as NestGraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { introspectionRule, limitsRule, presentError, statuses } from '#graphql';
import type { Logger } from '#runtime';
import { ScopeGuard } from '../access/scope.guard.js';
import { INTROSPECTION, LOGGER, PRODUCTION } from '../process.js';
import { ExplorationResolver } from '../explorations/exploration.resolver.js';
import { LiveResolver } from '../live/live.resolver.js';
import { QuarantineResolver } from '../quarantine/quarantine.resolver.js';
import { ReconciliationResolver } from '../reconciliation/reconciliation.resolver.js';
import { SeriesResolver } from './series.resolver.js';

/** A board asks for a dozen metrics at once. */
export const LIMITS = { depth: 8, aliases: 30, rootFields: 15, directives: 30 };
export const MAX_TOKENS = 2_500;

/** `/graphql`: metrics, the quarantine and reconciliation. */
@Module({
  imports: [
    NestGraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      inject: [PRODUCTION, INTROSPECTION, LOGGER],
      useFactory: (production: boolean, introspection: boolean, logger: Logger): ApolloDriverConfig => ({
        path: '/graphql',
        autoSchemaFile: true,
        sortSchema: true,
        context: (request: FastifyRequest) => ({ request }),
        introspection,
        hideSchemaDetailsFromClientErrors: production,
        includeStacktraceInErrorResponses: false,
        csrfPrevention: true,
        allowBatchedHttpRequests: false,
        persistedQueries: false,
        graphiql: false,
        parseOptions: { maxTokens: MAX_TOKENS },
        validationRules: [limitsRule(LIMITS), introspectionRule],
        plugins: [statuses],
        formatError: (formatted, error) => presentError(logger, formatted, error),
        preserveHttpStatusForExecutionErrors: false,
        autoTransformHttpErrors: false,
      }),
    }),
  ],
  providers: [
    { provide: APP_GUARD, useClass: ScopeGuard },
    SeriesResolver,
    ExplorationResolver,
    LiveResolver,
    QuarantineResolver,
    ReconciliationResolver,
  ],
})
export class GraphqlModule {}
