import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { type Client, clientKeyOf, requestIdOf } from '@paddock/http-server';
import { encodingFor, type Logger, matchesEtag } from '@paddock/runtime';
import type { Selection } from '../layouts/layout-pages.js';
import type { PreparedBody, Representation } from '../layouts/prepared-body.js';
import type { Environment } from '../state/environment.js';
import { cacheControl, MARKETS_FRESH } from './freshness.js';
import type { EdgePort } from './edge-port.js';
import type { LayoutReader } from './layout-reader.js';
import { MAX_URL_LENGTH, parseLayoutUrl, parseQuery } from './layout-request.js';
import { Problem, PROBLEM_TYPE } from './problem.js';
import type { RequestCounts } from './request-counts.js';

/** The parsed form of a URL with its client key, cached so that an equal URL is not parsed again. */
interface Known {
  environment: Environment;
  selection: Selection;
}

interface Found {
  known: Known;
  body: PreparedBody;
}

const ALLOW = 'GET, HEAD, OPTIONS';

/**
 * `GET /v1/{environment}/sites/{site}/layouts/{page}`, answered before Fastify sees the request: from memory, from bytes
 * that are ready, in one synchronous turn, so that what is sent belongs to one release.
 */
export class LayoutEndpoint {
  private draining = false;
  private readonly known = new LRUCache<string, Known>({
    maxSize: 32 << 20,
    sizeCalculation: (_known, url) => url.length + 300,
  });

  constructor(
    private readonly layouts: LayoutReader,
    private readonly counts: RequestCounts,
    private readonly logger: Logger,
    private readonly http: EdgePort,
  ) {}

  /** From now on every answer ends its connection, so that the server can close while clients keep asking. */
  drain(): void {
    this.draining = true;
  }

  /** Answers if the request is one for a layout; says whether it was. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? '';
    if (!url.startsWith('/v1/')) return false;
    if (this.draining) response.shouldKeepAlive = false;
    const client = this.http.port.clientOf(request);
    try {
      if (request.method === 'GET' || request.method === 'HEAD') return this.read(request, response, url, client);
      if (!isLayoutUrl(url)) return false;
      this.assertWithinRate(client, undefined);
      this.otherMethod(request, response, client);
    } catch (error) {
      this.refuse(request, response, client, error);
    }
    return true;
  }

  private read(request: IncomingMessage, response: ServerResponse, url: string, client: Client): boolean {
    const now = Date.now();
    const secret = clientKeyOf(request.headers);
    const name = secret === undefined ? url : `${secret} ${url}`;
    let found = this.recall(name, now);
    if (!found && !isLayoutUrl(url)) return false;
    this.assertWithinRate(client, secret);
    if (found) this.counts.recalled += 1;
    else found = this.find(url, secret, name, now);
    if (!found) return false;
    const made = found.body.as(encodingFor(request.headers['accept-encoding']));
    this.send(request, response, client, found.known, made, now);
    return true;
  }

  /** @throws Problem 429 */
  private assertWithinRate(client: Client, secret: string | undefined): void {
    const refusal = this.http.layouts.limits.refusalOf(client, secret, performance.now());
    if (refusal) throw refusal;
  }

  private recall(name: string, now: number): Found | undefined {
    const known = this.known.get(name);
    const body = known?.selection.isGood(now) ? known.environment.pages.body(known.selection) : undefined;
    return known && body && { known, body };
  }

  private find(url: string, secret: string | undefined, name: string, now: number): Found | undefined {
    if (url.length > MAX_URL_LENGTH)
      throw new Problem(
        414,
        'URL_TOO_LONG',
        `the URL has ${url.length} characters; at most ${MAX_URL_LENGTH} are read`,
      );
    const parsed = parseLayoutUrl(url);
    if (!parsed) return undefined;
    const { environment, selection, body } = this.layouts.read(parsed, secret, () => parseQuery(parsed.query), now);
    const known = { environment, selection };
    this.known.set(name, known);
    return { known, body };
  }

  private send(
    request: IncomingMessage,
    response: ServerResponse,
    client: Client,
    { environment, selection }: Known,
    made: Representation,
    now: number,
  ): void {
    const headers = [
      'ETag',
      made.etag,
      'Paddock-Seq',
      environment.seqText,
      'Cache-Control',
      selection.showsMarkets ? MARKETS_FRESH : cacheControl(selection.validUntil, now),
      'Vary',
      'Accept-Encoding, Paddock-Client-Key',
      ...this.http.port.dataHeaders(request, client, this.http.layouts.cors),
    ];
    if (matchesEtag(request.headers['if-none-match'], made.etag)) {
      response.writeHead(304, headers);
      response.end();
      this.counts.layout(304);
      return;
    }
    headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(made.bytes.length));
    if (made.encoding) headers.push('Content-Encoding', made.encoding);
    response.writeHead(200, headers);
    if (request.method === 'HEAD') response.end();
    else response.end(made.bytes);
    this.counts.layout(200);
  }

  private otherMethod(request: IncomingMessage, response: ServerResponse, client: Client): void {
    if (request.method !== 'OPTIONS')
      throw new Problem(405, 'METHOD_NOT_ALLOWED', 'a layout can only be read', { headers: { Allow: ALLOW } });
    const { port, layouts } = this.http;
    const problem = request.headers['access-control-request-method'] && layouts.cors.preflightProblem(request);
    if (problem) throw problem;
    const ofPreflight = Object.entries(layouts.cors.preflightHeaders(request.headers.origin)).flat();
    response.writeHead(204, ['Allow', ALLOW, ...port.dataHeaders(request, client, layouts.cors), ...ofPreflight]);
    response.end();
    this.counts.layout(204);
  }

  private refuse(request: IncomingMessage, response: ServerResponse, client: Client, error: unknown): void {
    const { port, layouts } = this.http;
    let problem = error instanceof Problem ? error : new Problem(500, 'INTERNAL', 'something went wrong here');
    if (problem.status === 401) problem = port.refuseKey(request, problem);
    const requestId = requestIdOf(request);
    if (problem.status === 500) this.logger.error({ err: error, requestId }, 'a layout request failed');
    const body = problem.body(requestId);
    response.writeHead(problem.status, [
      'X-Request-Id',
      requestId,
      'Content-Type',
      PROBLEM_TYPE,
      'Content-Length',
      String(Buffer.byteLength(body)),
      'Cache-Control',
      'no-store',
      'Vary',
      'Accept-Encoding, Paddock-Client-Key',
      ...port.dataHeaders(request, client, layouts.cors),
      ...Object.entries(problem.headers).flat(),
    ]);
    response.end(body);
    this.counts.layout(problem.status);
  }
}

/** Cheap enough for every request, and exact enough to leave all others to the router. */
function isLayoutUrl(url: string): boolean {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  return /^\/v1\/[^/]*\/sites\/[^/]*\/layouts\/[^/]*\/?$/.test(path);
}
