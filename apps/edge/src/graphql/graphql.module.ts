import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { GraphQLModule as NestGraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { introspectionRule, limitsRule, presentError, statuses } from '#graphql';
import type { Logger } from '#runtime';
import { LOGGER } from '../process.js';
import { type EdgeSettings, SETTINGS } from '../settings.js';
import { LayoutResolver } from './layout.resolver.js';
import { MarketResolver } from './market.resolver.js';

/** The queries that there are need a fraction of these. */
export const LIMITS = { depth: 8, aliases: 10, rootFields: 5, directives: 10 };
export const MAX_TOKENS = 600;

/** `/graphql`: layouts and markets for frontends that speak GraphQL. */
@Module({
  imports: [
    NestGraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      inject: [SETTINGS, LOGGER],
      useFactory: (settings: EdgeSettings, logger: Logger): ApolloDriverConfig => ({
        path: '/graphql',
        autoSchemaFile: true,
        sortSchema: true,
        context: (request: FastifyRequest) => ({ request }),
        introspection: settings.introspection,
        hideSchemaDetailsFromClientErrors: settings.production,
        includeStacktraceInErrorResponses: false,
        csrfPrevention: true,
        allowBatchedHttpRequests: false,
        persistedQueries: false,
        graphiql: false,
        parseOptions: { maxTokens: MAX_TOKENS },
        validationRules: [limitsRule(LIMITS), introspectionRule],
        plugins: [statuses],
        formatError: (formatted, error) => presentError(logger, formatted, error),
        // Nest would hide HTTP statuses behind 200 and copy exceptions into answers.
        preserveHttpStatusForExecutionErrors: false,
        autoTransformHttpErrors: false,
      }),
    }),
  ],
  providers: [LayoutResolver, MarketResolver],
})
export class GraphqlModule {}
