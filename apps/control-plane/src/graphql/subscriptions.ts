import type { Server } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { WebSocket } from 'ws';
import { SOCKET_CLOSE, type SocketRefusal, type Subscriber, SubscriptionSockets } from '@paddock/graphql';
import { clientAddressOf, type HttpPort } from '@paddock/http-server';
import type { Actor } from '../access/actor.js';
import { Authenticator } from '../access/authenticator.js';
import { CurrentCallers } from '../access/current-callers.js';
import { Identification } from '../access/identification.js';
import { LOGGER, type Logger } from '../process.js';
import { explainProblem } from './explain-problem.js';
import { LIMITS } from './limits.js';
import { type Caller, RequestScope } from './request-scope.js';
import { subscribe } from './subscribe.js';

const MAX_SOCKETS_PER_ACTOR = 20;
/** A revoked or expired credential loses its socket within this time, and so does one whose grants were changed. */
const RECHECK_EVERY_MS = 2_000;

/**
 * GraphQL subscriptions of the control plane. A socket belongs to the caller who authenticated it in `connection_init`,
 * as long as that credential holds.
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
    const sockets = new SubscriptionSockets({
      schema: this.schemaHost.schema,
      limits: LIMITS,
      logger: this.logger,
      explain: explainProblem,
      admit: (subscriber) => this.admit(subscriber),
      contextOf: (subscriber) => this.scopeOf(subscriber),
      subscribe,
      onClose: (socket) => void this.callers.delete(socket),
    });
    port.serveUpgrades(server, { '/graphql': sockets.upgrade });
    const recheck = setInterval(() => void this.dropLapsed(), RECHECK_EVERY_MS);
    return () => {
      clearInterval(recheck);
      return sockets.close();
    };
  }

  /** Lets in who shows a valid credential; everyone else sees a close code. */
  private async admit({ socket, request, params }: Subscriber): Promise<SocketRefusal | undefined> {
    const caller = await this.identify(() => this.identification.ofSocket(request, params));
    const { actor } = caller ?? {};
    if (!caller) return { code: SOCKET_CLOSE.tryLater, reason: 'cannot tell who asks; try again' };
    if (!actor)
      return caller.refusal
        ? { code: SOCKET_CLOSE.forbidden, reason: caller.refusal }
        : { code: SOCKET_CLOSE.unauthorized, reason: 'sign in first' };
    const open = [...this.callers.values()].filter((other) => other.actor?.id === actor.id).length;
    if (open >= MAX_SOCKETS_PER_ACTOR)
      return { code: SOCKET_CLOSE.tryLater, reason: `${MAX_SOCKETS_PER_ACTOR} sockets are open already` };
    // It may have gone in the meantime, and then nothing would take it out again.
    if (socket.readyState === socket.OPEN) this.callers.set(socket, caller);
    return undefined;
  }

  private async scopeOf({ socket, request, requestId }: Subscriber): Promise<RequestScope> {
    const caller = this.callers.get(socket) ?? {};
    const { credential } = caller;
    // Grants may have changed since the socket was opened.
    const fresh = credential && (await this.identify(() => this.authenticator.identify(credential)));
    const connection = credential ? { identifyAgain: () => this.current.callerOf(credential) } : {};
    return new RequestScope(requestId, clientAddressOf(request), fresh ?? caller, connection);
  }

  /**
   * Closes the sockets of credentials that no longer hold, and of callers whose grants are others than when they came:
   * what they subscribed to may not be theirs any more. An outage of the database closes nothing.
   */
  private async dropLapsed(): Promise<void> {
    for (const [socket, { credential, actor }] of this.callers) {
      const now = credential && (await this.identify(() => this.current.callerOf(credential)));
      if (!now || !actor) continue;
      if (!now.actor) socket.close(SOCKET_CLOSE.forbidden, 'the session or token has ended');
      else if (grantsOf(now.actor) !== grantsOf(actor))
        socket.close(SOCKET_CLOSE.forbidden, 'the grants have changed; connect again');
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
}

/** Equal for equal grants, in whatever order they were read. */
function grantsOf({ grants }: Actor): string {
  return JSON.stringify(
    grants.map(({ role, kind, environment, site }) => [role, kind, environment, site].join(' ')).sort(),
  );
}
