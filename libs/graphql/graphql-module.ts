import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule, InjectionToken, ModuleMetadata } from '@nestjs/common';
import { type BuildSchemaOptions, GraphQLModule } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphqlLimits } from './graphql-limits.js';
import { introspectionRule } from './introspection-rule.js';
import { limitsRule } from './limits-rule.js';
import { costProblem } from './operation-cost.js';
import { type ErrorPresentation, presentError } from './present-error.js';
import { statuses } from './statuses.js';

/** How an app runs its GraphQL API. */
export interface GraphqlApi extends ErrorPresentation {
  readonly production: boolean;
  /** May clients read the schema? */
  readonly introspection: boolean;
  /** What resolvers get as their context; `{ request }` when left out. */
  readonly context?: (request: FastifyRequest, reply: FastifyReply) => object | Promise<object>;
}

/** How {@link graphqlModule} is made. */
export interface GraphqlModuleOptions<Injected extends unknown[]> {
  readonly limits: GraphqlLimits;
  readonly schema?: BuildSchemaOptions;
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject: { readonly [Index in keyof Injected]: InjectionToken };
  /** Makes the API of what was injected. */
  readonly useFactory: (...injected: Injected) => GraphqlApi;
}

/** The module of an app's GraphQL API at `/graphql`, code first. {@link SubscriptionSockets} serves its subscriptions. */
export function graphqlModule<Injected extends unknown[]>({
  limits,
  schema,
  imports,
  inject,
  useFactory,
}: GraphqlModuleOptions<Injected>): DynamicModule {
  return GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    ...(imports ? { imports } : {}),
    inject: [...inject],
    useFactory: (...injected: Injected): ApolloDriverConfig => {
      const { production, introspection, context, ...presentation } = useFactory(...injected);
      return {
        path: '/graphql',
        autoSchemaFile: true,
        sortSchema: true,
        ...(schema ? { buildSchemaOptions: schema } : {}),
        context: context ?? ((request: FastifyRequest) => ({ request })),
        introspection,
        hideSchemaDetailsFromClientErrors: production,
        includeStacktraceInErrorResponses: false,
        csrfPrevention: true,
        allowBatchedHttpRequests: false,
        persistedQueries: false,
        graphiql: false,
        parseOptions: { maxTokens: limits.tokens },
        validationRules: [limitsRule(limits), introspectionRule],
        plugins: [statuses, ...(limits.cost ? [costCheck(limits.cost)] : [])],
        formatError: (formatted, error) => presentError(presentation, formatted, error),
        // Nest would hide HTTP statuses behind 200 and copy exceptions into answers.
        preserveHttpStatusForExecutionErrors: false,
        autoTransformHttpErrors: false,
      };
    },
  });
}

/** Refuses operations that cost too much with their variables, before any resolver runs. */
function costCheck(limit: NonNullable<GraphqlLimits['cost']>): ApolloServerPlugin {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ schema, document, request }) => {
          const problem = costProblem(schema, document, request, limit);
          return problem ? Promise.reject(problem) : Promise.resolve();
        },
      }),
  };
}
