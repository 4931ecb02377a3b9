import type { IncomingMessage } from 'node:http';
import {
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { documentProblem, limitsRule, presentError, variableProblems } from '#graphql';
import { requestIdOf, type Upgrade } from '#http-server';
import type { Logger } from '#runtime';
import { LIMITS, MAX_TOKENS } from './graphql.module.js';

const MAX_MESSAGE_BYTES = 64 << 10;
const MAX_SUBSCRIPTIONS = 16;
const PING_EVERY_MS = 12_000;

/**
 * Subscriptions over `graphql-transport-ws`. Browsers cannot set headers of a socket, so the client key may come in
 * `connection_init`, as `paddock-client-key`.
 */
export class SubscriptionSockets {
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  private readonly served: { dispose(): void | Promise<void> };

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly logger: Logger,
  ) {
    const rules = [...specifiedRules, limitsRule(LIMITS)];
    this.served = useServer(
      {
        connectionInitWaitTimeout: 3_000,
        onSubscribe: (
          { subscriptions, connectionParams, extra: { request } },
          _id,
          { query, variables, operationName },
        ) => {
          const requestId = requestIdOf(request);
          if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS) {
            return [
              new GraphQLError(`a socket carries up to ${MAX_SUBSCRIPTIONS} subscriptions`, {
                extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', requestId },
              }),
            ];
          }
          try {
            const costly = documentProblem(query, { tokens: MAX_TOKENS }, variables);
            if (costly) return [coded(costly, 'QUERY_TOO_COMPLEX', requestId)];
            const document = parse(query, { maxTokens: MAX_TOKENS });
            const errors = validate(this.schema, document, rules);
            if (errors.length > 0) return errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED', requestId));
            const operation = getOperationAST(document, operationName);
            if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
              return [
                coded(
                  new GraphQLError('a socket carries subscriptions; send queries by POST'),
                  'BAD_REQUEST',
                  requestId,
                ),
              ];
            }
            const problems = variableProblems(this.schema, operation, variables ?? {});
            if (problems.length > 0) return problems.map((problem) => coded(problem, 'BAD_USER_INPUT', requestId));
            const contextValue = { requestId, request: { headers: headersOf(request, connectionParams) } };
            return {
              schema: this.schema,
              document,
              variableValues: variables ?? {},
              operationName: operationName ?? null,
              contextValue,
            };
          } catch (error) {
            if (error instanceof GraphQLError) return [coded(error, 'GRAPHQL_PARSE_FAILED', requestId)];
            throw error;
          }
        },
        onNext: (_context, _id, _payload, { contextValue }, result) =>
          result.errors
            ? { data: result.data ?? null, errors: this.presented(result.errors, requestIdIn(contextValue)) }
            : undefined,
        onError: (_context, _id, _payload, errors) => this.presented(errors),
      },
      this.sockets,
      PING_EVERY_MS,
    );
  }

  upgrade: Upgrade = (request, socket, head) =>
    this.sockets.handleUpgrade(request, socket, head, (client) => this.sockets.emit('connection', client, request));

  async close(): Promise<void> {
    await this.served.dispose();
    for (const socket of this.sockets.clients) socket.terminate();
  }

  private presented(errors: readonly GraphQLError[], requestId?: string): GraphQLFormattedError[] {
    return errors.map((error) => presentError(this.logger, error.toJSON(), error, requestId));
  }
}

function headersOf(
  request: IncomingMessage,
  params: Readonly<Record<string, unknown>> | undefined,
): Record<string, string | string[] | undefined> {
  const given = Object.entries(params ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return { ...request.headers, ...Object.fromEntries(given) };
}

/** graphql-js sets no codes. */
function coded(error: GraphQLError, code: string, requestId: string): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code, ...error.extensions, requestId },
  });
}

function requestIdIn(context: unknown): string | undefined {
  return typeof context === 'object' &&
    context !== null &&
    'requestId' in context &&
    typeof context.requestId === 'string'
    ? context.requestId
    : undefined;
}
