import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { type Client, clientBehind, type ClientPolicy, type Peer, peerOf } from './client.js';
import type { Cors } from './cors.js';
import type { HttpSettings } from './http-settings.js';
import { Occupancy } from './occupancy.js';
import { requestIdOf } from './observe-requests.js';
import { Problem, quote, tryAgain, unreadable } from './problem.js';
import { asPathSpeaks } from './refusals.js';
import { RequestLimits, shownKey } from './request-limits.js';
import { DATA_HEADERS, type ResourcePolicy, securityHeaders, TRANSPORT_SECURITY } from './security-headers.js';

/** Clients behind a load balancer keep their connections longer than it does (60 s is common). */
const KEEP_ALIVE_MS = 72_000;
/** How often connections are checked for late requests: Node's own 30 s would make a deadline of 10 s one of 40 s. */
const CHECK_DEADLINES_MS = 1_000;
/** How long a connection that is refused may take to read why. */
const FAREWELL_MS = 500;

/** The options of a port. */
export interface PortManner {
  readonly cors: Cors;
  readonly resources: ResourcePolicy;
  /** The credential of a request, where that is not a client key or a bearer token. */
  readonly keyOf?: (request: IncomingMessage) => string | undefined;
}

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
/** Takes a connection that is to become a WebSocket. @throws Problem */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A connection that was let in. */
interface Connection {
  readonly peer: Peer;
  /** The newest response on it. */
  response: ServerResponse | undefined;
}

/**
 * The protection of every public port, before any code of an app runs: ends slow requests, bounds connections, streams
 * and rates per client, identifies the client, and sets the security headers.
 */
export class HttpPort {
  readonly limits: RequestLimits;
  readonly cors: Cors;
  private readonly policy: ClientPolicy;
  private readonly connections = new WeakMap<Duplex, Connection>();
  private readonly perAddress: Occupancy;
  private readonly streams: Occupancy;
  private readonly flat = new Map<Cors, readonly string[]>();
  private readonly headers: readonly (readonly [string, string])[];

  constructor(
    private readonly settings: HttpSettings,
    private readonly manner: PortManner,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.cors = manner.cors;
    this.limits = new RequestLimits(settings.limits);
    this.perAddress = new Occupancy(settings.limits.connectionsPerAddress);
    this.streams = new Occupancy(settings.limits.streamsPerAddress);
    this.headers = securityHeaders(manner.resources);
    this.policy = { trusted: settings.trustedProxies, unlimited: settings.limits.unlimited };
  }

  /** Fastify's own options that a port needs. */
  get fastifyOptions() {
    return {
      serverFactory: (framework: RequestListener) => this.createServer(framework),
      clientErrorHandler: (error: Error & { code?: string }, socket: Socket): void =>
        this.refuseUnreadable(error, socket),
    };
  }

  /** @param first asked before any limit of this port, and answers what it takes in its own way */
  createServer(
    framework: RequestListener,
    first?: (request: IncomingMessage, response: ServerResponse) => boolean,
  ): Server {
    const { headersMs, requestMs } = this.settings.deadlines;
    const connectionsCheckingInterval = Math.min(CHECK_DEADLINES_MS, headersMs, requestMs);
    // Node wants the deadline of the whole not to be before that of its header.
    const headersTimeout = Math.min(headersMs, requestMs);
    const options = {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout,
      requestTimeout: requestMs,
      connectionsCheckingInterval,
    };
    const server = createServer(options, (request, response) => {
      const connection = this.connections.get(request.socket);
      if (!connection) return void request.socket.destroy();
      connection.response = response;
      if (first?.(request, response)) return;
      const client = this.clientOf(request);
      this.setHeaders(request, response, client);
      const refusal = this.limits.refusalOf(client, this.keyOf(request), this.now());
      if (refusal) this.answer(request, response, refusal);
      else framework(request, response);
    });
    server.maxConnections = this.settings.limits.connections;
    server.prependListener('connection', (socket: Socket) => this.admit(socket));
    return server;
  }

  /** The client of a request on this port's server. */
  clientOf(request: IncomingMessage): Client {
    const { peer = this.peerOf(request.socket) } = this.connections.get(request.socket) ?? {};
    return peer.isProxy ? clientBehind(peer, request, this.policy) : peer;
  }

  keyOf(request: IncomingMessage): string | undefined {
    return (this.manner.keyOf ?? shownKey)(request);
  }

  /** Headers of an answer that is data, in one list of names and values, for what is asked first: it writes its own head. */
  dataHeaders(request: IncomingMessage, { secure }: Client, cors: Cors): readonly string[] {
    if (cors.isOpen && !secure) return this.openHeaders(cors);
    const ofCors = Object.entries(cors.headersFor(request.headers.origin));
    return [...DATA_HEADERS, ...ofCors, ...(secure ? [TRANSPORT_SECURITY] : [])].flat();
  }

  /** Counts a stream until its connection ends. @throws Problem 429 where its client has as many as it may */
  openStream(request: IncomingMessage): void {
    const client = this.clientOf(request);
    if (client.unlimited) return;
    const leave = this.streams.enter(client.network);
    const { streamsPerAddress } = this.settings.limits;
    if (!leave)
      throw tryAgain(429, 'TOO_MANY_STREAMS', `one address may have ${streamsPerAddress} streams open`, 5_000);
    request.socket.once('close', leave);
  }

  /** A refusal for want of a right key: 429 where this address tries too many. */
  refuseKey(request: IncomingMessage, problem: Problem): Problem {
    return this.keyOf(request) === undefined
      ? problem
      : (this.limits.failureOf(this.clientOf(request), this.now()) ?? problem);
  }

  /** Passes each request for a WebSocket to the server of its path; a refusal is the same HTTP answer as for other requests. */
  serveUpgrades(server: Server, byPath: Readonly<Record<string, Upgrade>>): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      try {
        this.upgrade(request, socket, head, byPath);
      } catch (error) {
        if (!(error instanceof Problem)) {
          socket.destroy();
          throw error;
        }
        socket.end(this.rawAnswer(error.status === 401 ? this.refuseKey(request, error) : error, request));
      }
    });
  }

  /** Answers malformed and late requests on the bare socket. */
  refuseUnreadable({ code }: Error & { code?: string }, socket: Socket): void {
    const { response } = this.connections.get(socket) ?? {};
    // An answer that has begun cannot be followed by another one.
    const answered = response?.headersSent === true && !response.req.complete;
    if (code === 'ECONNRESET' || !socket.writable || answered) socket.destroy();
    else this.dismiss(socket, unreadable(code));
  }

  private openHeaders(cors: Cors): readonly string[] {
    let flat = this.flat.get(cors);
    if (!flat) this.flat.set(cors, (flat = [...DATA_HEADERS, ...Object.entries(cors.headersFor(undefined))].flat()));
    return flat;
  }

  private upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    byPath: Readonly<Record<string, Upgrade>>,
  ): void {
    if (!this.connections.has(request.socket)) return void socket.destroy();
    const refusal = this.limits.refusalOf(this.clientOf(request), this.keyOf(request), this.now());
    if (refusal) throw refusal;
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const upgrade = byPath[path.replace(/\/$/, '')];
    if (!upgrade) throw new Problem(404, 'NOT_FOUND', `there is no WebSocket at ${quote(path)}`);
    this.openStream(request);
    upgrade(request, socket, head);
  }

  private admit(socket: Socket): void {
    const peer = this.peerOf(socket);
    // A proxy has the connections of many clients; those are bounded together.
    if (!peer.isProxy && !peer.unlimited) {
      const leave = this.perAddress.enter(peer.network);
      if (!leave) return this.dismiss(socket, this.tooManyConnections());
      socket.once('close', leave);
    }
    this.connections.set(socket, { peer, response: undefined });
  }

  private peerOf(socket: Socket): Peer {
    return peerOf(socket.remoteAddress, 'encrypted' in socket, this.policy);
  }

  private tooManyConnections(): Problem {
    const { connectionsPerAddress } = this.settings.limits;
    return tryAgain(
      503,
      'TOO_MANY_CONNECTIONS',
      `one address may have ${connectionsPerAddress} connections open`,
      1_000,
    );
  }

  private setHeaders(request: IncomingMessage, response: ServerResponse, { secure }: Client): void {
    for (const [name, value] of this.headers) response.setHeader(name, value);
    if (secure) response.setHeader(...TRANSPORT_SECURITY);
    const ofCors = this.cors.headersFor(request.headers.origin);
    for (const [name, value] of Object.entries(ofCors)) response.setHeader(name, value);
  }

  private answer(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
    const requestId = requestIdOf(request);
    const { type, body } = asPathSpeaks(problem, request.url, requestId);
    const headers = {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Request-Id': requestId,
      ...problem.headers,
    };
    response.writeHead(problem.status, headers).end(body);
  }

  /** Sends the reason, and ends the connection whether it is read or not. */
  private dismiss(socket: Socket, problem: Problem): void {
    socket.on('error', () => socket.destroy());
    socket.end(this.rawAnswer(problem));
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  }

  private rawAnswer(problem: Problem, request?: IncomingMessage): string {
    const requestId = request && requestIdOf(request);
    const { type, body } = asPathSpeaks(problem, request?.url, requestId);
    const headers = {
      ...Object.fromEntries(this.headers),
      ...(request ? this.cors.headersFor(request.headers.origin) : {}),
      'Content-Type': type,
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      ...(requestId === undefined ? {} : { 'X-Request-Id': requestId }),
      Connection: 'close',
      ...problem.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? problem.code}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
  }
}
