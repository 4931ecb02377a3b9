import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { documentProblem, variableProblems } from '#graphql';
import { MAX_TOKENS } from './limits.js';
import { costProblem, limitsRule, stoppedAtTokenLimit, tooManyTokens } from './limits.rule.js';
import type { RequestScope } from './request-scope.js';

/** What Apollo does for HTTP, for a socket: parses, validates and weighs an operation, and allows only subscriptions. */
export function prepareSubscription(
  schema: GraphQLSchema,
  { query, operationName, variables }: SubscribePayload,
  contextValue: RequestScope,
): ExecutionArgs | readonly GraphQLError[] {
  const { requestId } = contextValue;
  const costly = documentProblem(query, { tokens: MAX_TOKENS }, variables);
  if (costly) return [coded(costly, 'QUERY_TOO_COMPLEX', requestId)];
  const document = parsed(query, requestId);
  if (document instanceof GraphQLError) return [document];
  const errors = validated(schema, document);
  // Whatever else is wrong with what is too complex is of no interest.
  const tooComplex = errors.find((error) => error.extensions.code === 'QUERY_TOO_COMPLEX');
  if (errors.length > 0)
    return (tooComplex ? [tooComplex] : errors).map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED', requestId));
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    return [
      coded(
        new GraphQLError('a socket carries subscriptions; send queries and mutations by POST'),
        'BAD_REQUEST',
        requestId,
      ),
    ];
  }
  const wrong = variableProblems(schema, operation, variables ?? {});
  if (wrong.length > 0) return wrong.map((error) => coded(error, 'BAD_USER_INPUT', requestId));
  const excess = costProblem(schema, document, operationName, variables);
  if (excess) return [coded(excess, 'QUERY_TOO_COMPLEX', requestId)];
  return { schema, document, contextValue, variableValues: variables ?? {}, operationName: operationName ?? null };
}

function parsed(query: string, requestId: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const shown = error.source && stoppedAtTokenLimit(error) ? tooManyTokens(error.source) : error;
    return coded(shown, 'GRAPHQL_PARSE_FAILED', requestId);
  }
}

/** One of graphql-js's rules throws instead of reporting where a root field is included by a variable. */
function validated(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    return validate(schema, document, [...specifiedRules, limitsRule]);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return [error];
  }
}

/** graphql-js sets no codes. */
function coded(error: GraphQLError, code: string, requestId: string): GraphQLError {
  const { nodes, source, positions, path } = error;
  return new GraphQLError(error.message, {
    ...{ nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null },
    extensions: { code, ...error.extensions, requestId },
  });
}
