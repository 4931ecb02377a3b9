import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Health, type Registry, withRequestContext } from '@paddock/runtime';
import { requestIdOf } from './observe-requests.js';
import { Problem, PROBLEM_TYPE, quote } from './problem.js';
import { securityHeaders } from './security-headers.js';

/** A scraper, a supervisor and a few people: never a crowd. */
const MAX_CONNECTIONS = 100;
const DEADLINES = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 72_000,
};
const LOOPBACK = /^(?:127\.|::1$)/;

/** What an app shows its operators. */
export interface OperationsParts {
  readonly health: Health;
  readonly metrics: Registry;
  readonly listen: { readonly host: string; readonly port: number };
}

/** Texts that a public port serves at fixed paths, such as `/.well-known/security.txt`: made when they are asked for. */
export type PublicTexts = Readonly<Record<string, () => string>>;

const servers = new WeakMap<object, OperationsServer>();

/**
 * `/healthz` and a bare `/readyz` on the public port of an app; the details and `/metrics` on a port of their own, which
 * listens before the public one does and closes after it.
 */
export function serveOperations(
  fastify: FastifyInstance,
  parts: OperationsParts,
  texts: PublicTexts = {},
): OperationsServer {
  const operations = new OperationsServer(parts);
  servers.set(fastify, operations);
  fastify.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }));
  fastify.get('/readyz', async (_request, reply) => {
    const { ready } = await parts.health.readiness();
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready });
  });
  for (const [path, text] of Object.entries(texts)) {
    fastify.get(path, (_request, reply) => reply.type('text/plain; charset=utf-8').send(text()));
  }
  fastify.addHook('onReady', () => operations.listen());
  fastify.addHook('onClose', () => operations.close());
  return operations;
}

/** The operations server of an app that {@link serveOperations} was called for. */
export function operationsOf(fastify: object): OperationsServer {
  const found = servers.get(fastify);
  if (!found) throw new Error('this server has no operations port');
  return found;
}

/** `/healthz`, `/readyz` with details, and `/metrics`, for operators alone: no limits per client, and no CORS. */
export class OperationsServer {
  private readonly server: Server;

  constructor(private readonly parts: OperationsParts) {
    this.server = createServer(DEADLINES, (request, response) => void this.answer(request, response));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Where it listens. */
  get url(): string {
    const address = this.server.address();
    if (typeof address !== 'object' || !address) throw new Error('the operations port does not listen');
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** @throws Error when the port is taken */
  async listen(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.parts.listen, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // A client waits for this answer, so its own requests have the short limits of requests, not those of jobs.
      const asked = { requestId: requestIdOf(request), startedAt: performance.now() };
      const { status, type, body } = await withRequestContext(asked, () => this.read(request));
      this.send(response, status, type, body);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const problem = error instanceof Problem ? error : new Problem(500, 'INTERNAL', message);
      this.send(response, problem.status, PROBLEM_TYPE, problem.body());
    }
  }

  private async read(request: IncomingMessage): Promise<{ status: number; type: string; body: string }> {
    const { health, metrics } = this.parts;
    const { method } = request;
    if (!this.isOurs(request))
      throw new Problem(421, 'WRONG_HOST', 'this port answers to its address and to localhost alone');
    if (method !== 'GET' && method !== 'HEAD') throw new Problem(405, 'METHOD_NOT_ALLOWED', 'this can only be read');
    switch ((request.url ?? '').split('?', 1)[0]) {
      case '/healthz':
        return { status: 200, type: 'application/json', body: JSON.stringify({ status: 'alive' }) };
      case '/readyz': {
        const readiness = await health.readiness();
        return { status: readiness.ready ? 200 : 503, type: 'application/json', body: JSON.stringify(readiness) };
      }
      case '/metrics':
        return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
      default:
        throw new Problem(404, 'NOT_FOUND', `there is nothing at ${quote(request.url ?? '')}`);
    }
  }

  /** A page whose host name resolves to this machine (DNS rebinding) must not read data that is for this machine only. */
  private isOurs({ headers: { host = '' }, socket }: IncomingMessage): boolean {
    if (!LOOPBACK.test(socket.localAddress ?? '')) return true;
    const name = host.replace(/:\d*$/, '').replace(/^\[|\]$/g, '');
    return name === 'localhost' || isIP(name) !== 0;
  }

  private send(response: ServerResponse, status: number, type: string, body: string): void {
    const ofBody = { 'Content-Type': type, 'Cache-Control': 'no-store', 'Content-Length': Buffer.byteLength(body) };
    response.writeHead(status, { ...Object.fromEntries(securityHeaders('same-origin')), ...ofBody }).end(body);
  }
}
