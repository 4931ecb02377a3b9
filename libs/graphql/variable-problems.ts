import { getVariableValues, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

const MAX_ERRORS = 20;

/**
 * The mistakes in an operation's variables, for subscriptions over sockets: with the code that Apollo gives them over
 * HTTP. graphql-js gives no code, so that a caller's mistake would look like our own failure.
 */
export function variableProblems(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] {
  const { errors = [] } = getVariableValues(schema, variableDefinitions, variables, { maxErrors: MAX_ERRORS });
  return errors.map(
    (error) =>
      new GraphQLError(error.message, {
        nodes: error.nodes ?? null,
        source: error.source ?? null,
        positions: error.positions ?? null,
        extensions: { code: 'BAD_USER_INPUT' },
      }),
  );
}
