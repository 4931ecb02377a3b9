import type { Server } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Context, SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { clientAddressOf, type HttpPort, requestIdOf } from '#http-server';
import type { Actor } from '../access/actor.js';
import { Authenticator } from '../access/authenticator.js';
import { CurrentCallers } from '../access/current-callers.js';
import { Identification } from '../access/identification.js';
import { LOGGER, type Logger } from '../process.js';
import { presentError } from './errors.js';
import { prepareSubscription } from './prepare-subscription.js';
import { type Caller, RequestScope } from './request-scope.js';
import { serveSockets, type SocketExtra } from './socket-transport.js';
import { subscribe } from './subscribe.js';

const INIT_TIMEOUT_MS = 3_000;
const MAX_SUBSCRIPTIONS_PER_SOCKET = 20;
const MAX_SOCKETS_PER_ACTOR = 20;
const MAX_MESSAGE_BYTES = 128 * 1024;
/** What may wait for a client that does not read. Beyond it the socket is closed, and the client comes back for the current state. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** A revoked or expired credential loses its socket within this time, and so does one whose grants were changed. */
const RECHECK_EVERY_MS = 2_000;

/** Close codes: 44xx as `graphql-transport-ws` defines them, 1013 "try again later" of the WebSocket registry. */
const CLOSE = { unauthorized: 4401, forbidden: 4403, tryLater: 1013 } as const;

type SocketContext = Context<Record<string, unknown>, SocketExtra>;

/**
 * GraphQL subscriptions over WebSocket, protocol `graphql-transport-ws` and no other. A socket belongs to whoever
 * authenticated it in `connection_init`, as long as that credential holds.
 */
@Injectable()
export class Subscriptions {
  private readonly callers = new Map<WebSocket, Caller>();

  constructor(
    private readonly schemaHost: GraphQLSchemaHost,
    private readonly identification: Identification,
    private readonly authenticator: Authenticator,
    private readonly current: CurrentCallers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Serves `/graphql` on this server of a port. @returns what closes all sockets with 1001 and stops */
  serve(port: HttpPort, server: Server): () => Promise<void> {
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
    port.serveUpgrades(server, {
      '/graphql': (request, stream, head) =>
        sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request)),
    });
    const close = serveSockets(
      sockets,
      {
        connectionInitWaitTimeout: INIT_TIMEOUT_MS,
        onConnect: (context) => this.admit(context),
        onSubscribe: (context, _id, payload) => this.prepare(context, payload),
        subscribe,
        onNext: ({ extra: { socket } }, _id, _payload, { contextValue: scope }, result) => {
          if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.close(CLOSE.tryLater, 'reads too slowly');
          return result.errors ? { data: result.data ?? null, errors: this.present(result.errors, scope) } : undefined;
        },
        onError: (_context, _id, _payload, errors) => this.present(errors),
        onClose: ({ extra }) => void this.callers.delete(extra.socket),
      },
      this.logger,
    );
    const recheck = setInterval(() => void this.dropLapsed(), RECHECK_EVERY_MS);
    let stopped: Promise<void> | undefined;
    return () => {
      clearInterval(recheck);
      return (stopped ??= close());
    };
  }

  /** Lets in whoever shows a valid credential; everybody else sees a close code. */
  private async admit({ extra, connectionParams }: SocketContext): Promise<boolean> {
    const { socket, request } = extra;
    const caller = await this.identify(() => this.identification.ofSocket(request, connectionParams));
    const { actor } = caller ?? {};
    if (!caller) return refuse(socket, CLOSE.tryLater, 'cannot tell who asks; try again');
    if (!actor)
      return refuse(socket, caller.refusal ? CLOSE.forbidden : CLOSE.unauthorized, caller.refusal ?? 'sign in first');
    const open = [...this.callers.values()].filter((other) => other.actor?.id === actor.id).length;
    if (open >= MAX_SOCKETS_PER_ACTOR)
      return refuse(socket, CLOSE.tryLater, `${MAX_SOCKETS_PER_ACTOR} sockets are open already`);
    extra.caller = caller;
    // It may have gone in the meantime, and then nothing would take it out again.
    if (socket.readyState === socket.OPEN) this.callers.set(socket, caller);
    return true;
  }

  private async prepare(
    context: SocketContext,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { request, caller = {} } = context.extra;
    const { credential } = caller;
    const requestId = requestIdOf(request);
    if (Object.keys(context.subscriptions).length > MAX_SUBSCRIPTIONS_PER_SOCKET) {
      const message = `a socket carries up to ${MAX_SUBSCRIPTIONS_PER_SOCKET} subscriptions`;
      return [
        new GraphQLError(message, {
          extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: MAX_SUBSCRIPTIONS_PER_SOCKET, requestId },
        }),
      ];
    }
    // Grants may have changed since the socket was opened.
    const fresh = credential && (await this.identify(() => this.authenticator.identify(credential)));
    const connection = credential ? { identifyAgain: () => this.current.callerOf(credential) } : {};
    const scope = new RequestScope(requestId, clientAddressOf(request), fresh ?? caller, connection);
    return prepareSubscription(this.schemaHost.schema, payload, scope);
  }

  /**
   * Closes the sockets of credentials that no longer hold, and of callers whose grants are others than when they came:
   * what they subscribed to may not be theirs any more. An outage of the database closes nothing.
   */
  private async dropLapsed(): Promise<void> {
    for (const [socket, { credential, actor }] of this.callers) {
      const now = credential && (await this.identify(() => this.current.callerOf(credential)));
      if (!now || !actor) continue;
      if (!now.actor) socket.close(CLOSE.forbidden, 'the session or token has ended');
      else if (grantsOf(now.actor) !== grantsOf(actor))
        socket.close(CLOSE.forbidden, 'the grants have changed; connect again');
    }
  }

  private async identify<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.warn({ err: error }, 'cannot check the credential of a socket');
      return undefined;
    }
  }

  private present(errors: readonly GraphQLError[], scope?: unknown): GraphQLFormattedError[] {
    const requestId = scope instanceof RequestScope ? scope.requestId : undefined;
    return errors.map((error) => presentError(this.logger, error.toJSON(), error, requestId));
  }
}

/** Equal for equal grants, in whatever order they were read. */
function grantsOf({ grants }: Actor): string {
  return JSON.stringify(
    grants.map(({ role, kind, environment, site }) => [role, kind, environment, site].join(' ')).sort(),
  );
}

function refuse(socket: WebSocket, code: number, reason: string): false {
  socket.close(code, reason);
  return false;
}
