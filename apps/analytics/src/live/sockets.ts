import type { IncomingMessage, Server } from 'node:http';
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
import { type WebSocket, WebSocketServer } from 'ws';
import { documentProblem, limitsRule, presentError, variableProblems } from '#graphql';
import { type HttpPort, requestIdOf } from '#http-server';
import type { Logger } from '#runtime';
import type { ApiKeys } from '../access/api-keys.js';
import { keyOf } from '../collector/producer-keys.js';
import { LIMITS, MAX_TOKENS } from '../graphql/graphql.module.js';

const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_SUBSCRIPTIONS_PER_SOCKET = 20;
const PING_EVERY_MS = 12_000;

/** `Extra` of graphql-ws for ws. */
interface SocketExtra {
  socket: WebSocket;
  request: IncomingMessage;
}

/**
 * Subscriptions over `graphql-transport-ws`. Browsers cannot set headers of a socket, so a key may come in
 * `connection_init`, as `authorization` or `paddock-client-key`. @returns what closes all sockets
 */
export function serveSockets(
  port: HttpPort,
  server: Server,
  schema: GraphQLSchema,
  keys: ApiKeys,
  logger: Logger,
): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  port.serveUpgrades(server, {
    '/graphql': (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request)),
  });
  const presented = (errors: readonly GraphQLError[], requestId?: string): GraphQLFormattedError[] =>
    errors.map((error) => presentError(logger, error.toJSON(), error, requestId));
  const rules = [...specifiedRules, limitsRule(LIMITS)];
  const served = useServer<Record<string, unknown>, Partial<SocketExtra>>(
    {
      connectionInitWaitTimeout: 3_000,
      onConnect: ({ connectionParams, extra }) =>
        !('code' in keys.admit(keyOf(headersOf(extra.request, connectionParams), undefined), 'read')),
      onSubscribe: ({ subscriptions, connectionParams, extra }, _id, { query, variables, operationName }) => {
        const requestId = extra.request ? requestIdOf(extra.request) : '';
        if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS_PER_SOCKET)
          return [
            new GraphQLError(`a socket carries up to ${MAX_SUBSCRIPTIONS_PER_SOCKET} subscriptions`, {
              extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', requestId },
            }),
          ];
        try {
          const costly = documentProblem(query, { tokens: MAX_TOKENS }, variables);
          if (costly) return [coded(costly, 'QUERY_TOO_COMPLEX', requestId)];
          const document = parse(query, { maxTokens: MAX_TOKENS });
          const errors = validate(schema, document, rules);
          if (errors.length > 0) return errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED', requestId));
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
          const problems = variableProblems(schema, operation, variables ?? {});
          if (problems.length > 0) return problems.map((problem) => coded(problem, 'BAD_USER_INPUT', requestId));
          return {
            schema,
            document,
            variableValues: variables ?? {},
            operationName: operationName ?? null,
            contextValue: { requestId, request: { headers: headersOf(extra.request, connectionParams) } },
          };
        } catch (error) {
          if (error instanceof GraphQLError) return [coded(error, 'GRAPHQL_PARSE_FAILED', requestId)];
          throw error;
        }
      },
      onNext: (_context, _id, _payload, { contextValue }, result) =>
        result.errors
          ? { data: result.data ?? null, errors: presented(result.errors, requestIdIn(contextValue)) }
          : undefined,
      onError: (_context, _id, _payload, errors) => presented(errors),
    },
    sockets,
    PING_EVERY_MS,
  );
  return async () => {
    await served.dispose();
    for (const socket of sockets.clients) socket.terminate();
  };
}

function headersOf(
  request: IncomingMessage | undefined,
  params: Readonly<Record<string, unknown>> | undefined,
): Record<string, string | string[] | undefined> {
  const given = Object.entries(params ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return { ...request?.headers, ...Object.fromEntries(given) };
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
