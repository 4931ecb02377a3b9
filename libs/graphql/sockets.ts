import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import type { Context, ServerOptions, SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Upgrade } from '@paddock/http-server';
import type { GraphqlLimits } from './graphql-limits.js';
import { prepareSubscription } from './prepare-subscription.js';
import { type ErrorPresentation, presentError } from './present-error.js';
import { joinSockets, type SocketExtra } from './socket-transport.js';

const INIT_TIMEOUT_MS = 3_000;
const MAX_SUBSCRIPTIONS = 20;
const MAX_MESSAGE_BYTES = 128 * 1024;
/** Limit of unread data per client. Beyond it the socket is closed, and the client reconnects for the current state. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const MAX_REASON_BYTES = 123;

/** Codes of closed sockets: 44xx as `graphql-transport-ws` defines them, 1013 "try again later" of the WebSocket registry. */
export const SOCKET_CLOSE = { unauthorized: 4401, forbidden: 4403, tryLater: 1013 } as const;

/** A client that has opened a socket. */
export interface Subscriber extends SocketExtra {
  /** The payload of `connection_init`. Browsers send credentials in it, because they cannot set headers of a socket. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Why a client may not stay: a code of {@link SOCKET_CLOSE}, and a reason, whose first 123 bytes clients see. */
export interface SocketRefusal {
  readonly code: number;
  readonly reason: string;
}

/** An API whose subscriptions are served. */
export interface SubscriptionApi extends ErrorPresentation {
  readonly schema: GraphQLSchema;
  readonly limits: GraphqlLimits;
  /** Decides after `connection_init` if a client may stay. Without it all may, and each operation checks for itself. */
  readonly admit?: (subscriber: Subscriber) => SocketRefusal | undefined | Promise<SocketRefusal | undefined>;
  /** What resolvers get as their context. */
  readonly contextOf: (subscriber: Subscriber) => object | Promise<object>;
  /** Runs a subscription; graphql-js's own `subscribe` when left out. */
  readonly subscribe?: NonNullable<ServerOptions['subscribe']>;
  /** Called once for each socket that has closed. */
  readonly onClose?: (socket: WebSocket) => void;
}

type SocketContext = Context<Record<string, unknown>, SocketExtra>;

/**
 * GraphQL subscriptions over WebSocket, protocol `graphql-transport-ws` and no other. The limits are the same for every
 * API; docs/api.md lists them.
 */
export class SubscriptionSockets {
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  private readonly stop: () => Promise<void>;
  private stopped: Promise<void> | undefined;

  constructor(private readonly api: SubscriptionApi) {
    const { subscribe, onClose } = api;
    this.stop = joinSockets(
      this.sockets,
      {
        connectionInitWaitTimeout: INIT_TIMEOUT_MS,
        onConnect: (context) => this.admit(context),
        onSubscribe: (context, _id, payload) => this.prepare(context, payload),
        ...(subscribe ? { subscribe } : {}),
        onNext: ({ extra }, _id, _payload, _args, { errors, data }) => {
          if (extra.socket.bufferedAmount > MAX_BUFFERED_BYTES)
            extra.socket.close(SOCKET_CLOSE.tryLater, 'reads too slowly');
          return errors ? { data: data ?? null, errors: this.present(errors, extra) } : undefined;
        },
        onError: ({ extra }, _id, _payload, errors) => this.present(errors, extra),
        onClose: ({ extra }) => onClose?.(extra.socket),
      },
      api.logger,
    );
  }

  /** Handles a WebSocket handshake. */
  readonly upgrade: Upgrade = (request, stream, head) =>
    this.sockets.handleUpgrade(request, stream, head, (socket) => this.sockets.emit('connection', socket, request));

  /** Closes all sockets with 1001. Resolves when they have closed, after a second at most. */
  close(): Promise<void> {
    return (this.stopped ??= this.stop());
  }

  private async admit(context: SocketContext): Promise<boolean> {
    const refusal = await this.api.admit?.(subscriberOf(context));
    if (refusal) context.extra.socket.close(refusal.code, asReason(refusal.reason));
    return !refusal;
  }

  private async prepare(
    context: SocketContext,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    // The one that begins is counted already.
    if (Object.keys(context.subscriptions).length > MAX_SUBSCRIPTIONS)
      return [
        new GraphQLError(`a socket carries up to ${MAX_SUBSCRIPTIONS} subscriptions`, {
          extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: MAX_SUBSCRIPTIONS },
        }),
      ];
    const { schema, limits, contextOf } = this.api;
    const prepared = prepareSubscription(schema, payload, limits);
    if (!('document' in prepared)) return prepared;
    return { ...prepared, contextValue: await contextOf(subscriberOf(context)) };
  }

  private present(errors: readonly GraphQLError[], { requestId }: SocketExtra): GraphQLFormattedError[] {
    return errors.map((error) => presentError(this.api, error.toJSON(), error, requestId));
  }
}

function subscriberOf({ extra, connectionParams }: SocketContext): Subscriber {
  return { ...extra, params: connectionParams ?? {} };
}

/** A close frame has room for 123 bytes (RFC 6455, 5.5), and ws throws on more. */
function asReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_REASON_BYTES) return text;
  // As a stream, so that a character that fits only in part is left out.
  const shortened = new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES - 3), { stream: true });
  return `${shortened}…`;
}

/** The headers of a socket's request, and above them the texts of `connection_init`, with names in lower case. */
export function headersOfSubscriber({
  request,
  params,
}: Subscriber): Readonly<Record<string, string | string[] | undefined>> {
  const given = Object.entries(params).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return { ...request.headers, ...Object.fromEntries(given) };
}
