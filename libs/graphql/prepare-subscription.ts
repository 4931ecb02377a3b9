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
import { documentProblem } from './document-problem.js';
import type { GraphqlLimits } from './graphql-limits.js';
import { limitsRule } from './limits-rule.js';
import { costProblem } from './operation-cost.js';
import { variableProblems } from './variable-problems.js';
import { TOO_COMPLEX } from './weigher.js';

/** An operation that may run, without its context. */
export type PreparedSubscription = Omit<ExecutionArgs, 'contextValue'>;

/**
 * What Apollo does for HTTP, for a socket: parses, validates and weighs an operation, and allows only subscriptions.
 * @returns the operation, or every mistake in it, each with a code
 */
export function prepareSubscription(
  schema: GraphQLSchema,
  { query, operationName, variables }: SubscribePayload,
  limits: GraphqlLimits,
): PreparedSubscription | readonly GraphQLError[] {
  const costly = documentProblem(query, limits, variables);
  if (costly) return [costly];
  const document = parsed(query, limits);
  if (document instanceof GraphQLError) return [document];
  const errors = validated(schema, document, limits);
  // Further mistakes of an operation that is too complex are not reported.
  const tooComplex = errors.filter(({ extensions }) => extensions['code'] === TOO_COMPLEX);
  if (tooComplex.length > 0) return tooComplex;
  if (errors.length > 0) return errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED'));
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    const message = 'a socket carries subscriptions; send queries and mutations by POST';
    return [new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })];
  }
  const mistakes = variableProblems(schema, operation, variables ?? {});
  if (mistakes.length > 0) return mistakes;
  const excess = limits.cost && costProblem(schema, document, { operationName, variables }, limits.cost);
  if (excess) return [excess];
  return { schema, document, variableValues: variables ?? {}, operationName: operationName ?? null };
}

function parsed(query: string, { tokens }: GraphqlLimits): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return coded(error, 'GRAPHQL_PARSE_FAILED');
  }
}

/** One of graphql-js's rules throws instead of reporting where a root field is included by a variable. */
function validated(schema: GraphQLSchema, document: DocumentNode, limits: GraphqlLimits): readonly GraphQLError[] {
  try {
    return validate(schema, document, [...specifiedRules, limitsRule(limits)]);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return [error];
  }
}

/** graphql-js sets no codes. */
function coded(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions, path } = error;
  return new GraphQLError(error.message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { code, ...error.extensions },
  });
}
