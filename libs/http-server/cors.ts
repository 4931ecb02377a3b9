import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { methodNotAllowed, Problem, quote } from './problem.js';
import { sendProblem } from './refusals.js';

/** Which pages may read the answers of a port. */
export interface CorsPolicy {
  /**
   * Whole origins: scheme, host and port. `any` is for answers that no ambient credential opens: there is no cookie, and
   * a page that has a key may use it from anywhere.
   */
  readonly origins: 'any' | readonly string[];
  readonly methods: string;
  readonly requestHeaders: string;
  readonly exposedHeaders: string;
  /** Does the port accept cookies? Never together with `any`. */
  readonly credentials: boolean;
}

/** Headers that GraphQL clients add to their requests. */
export const GRAPHQL_REQUEST_HEADERS =
  'Apollo-Require-Preflight, X-Apollo-Operation-Name, Apollographql-Client-Name, Apollographql-Client-Version';

const MAX_AGE_SECONDS = '86400';

/** An origin as browsers send it, of a setting that lists them; `undefined` for anything else, paths and wildcards included. */
export function wholeOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^*]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return origin === text.toLowerCase() ? origin : undefined;
}

/** Reads `ALLOWED_ORIGINS`. @returns `undefined` where one of them is no whole origin */
export function parseOrigins(text: string): readonly string[] | undefined {
  const origins = text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
    .map(wholeOrigin);
  return origins.every((origin) => origin !== undefined) ? origins : undefined;
}

/** Answers by a {@link CorsPolicy}. An origin that is not allowed gets no header, and so its page gets no answer. */
export class Cors {
  private readonly allowed: ReadonlySet<string>;

  constructor(private readonly policy: CorsPolicy) {
    if (policy.origins === 'any' && policy.credentials) throw new Error('any origin together with credentials');
    this.allowed = new Set(policy.origins === 'any' ? [] : policy.origins);
  }

  /** Is every answer the same for every page? */
  get isOpen(): boolean {
    return this.policy.origins === 'any';
  }

  allows(origin: string | undefined): boolean {
    return this.policy.origins === 'any' || (origin !== undefined && this.allowed.has(origin));
  }

  /** Headers of an answer to a page of this origin. */
  headersFor(origin: string | undefined): Record<string, string> {
    const { origins, exposedHeaders, credentials } = this.policy;
    if (origins === 'any')
      return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': exposedHeaders };
    if (origin === undefined || !this.allows(origin)) return { Vary: 'Origin' };
    const named = {
      Vary: 'Origin',
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': exposedHeaders,
    };
    return credentials ? { ...named, 'Access-Control-Allow-Credentials': 'true' } : named;
  }

  /**
   * Why a page may not send what its browser asks for beforehand (a preflight), in words for its author: a browser says
   * only that CORS blocked it.
   */
  preflightProblem({ headers }: Pick<IncomingMessage, 'headers'>): Problem | undefined {
    const { origin } = headers;
    if (!this.allows(origin))
      return new Problem(
        403,
        'ORIGIN_NOT_ALLOWED',
        `pages of ${quote(origin ?? '')} may not call this server; its operator can add that origin to ALLOWED_ORIGINS`,
      );
    const method = headers['access-control-request-method'] ?? '';
    const methods = namesIn(this.policy.methods);
    if (!methods.includes(method.toUpperCase())) return methodNotAllowed(quote(method), methods);
    const known = namesIn(this.policy.requestHeaders).map((name) => name.toLowerCase());
    const unknown = namesIn(headers['access-control-request-headers'] ?? '').filter(
      (name) => !known.includes(name.toLowerCase()),
    );
    return unknown.length === 0
      ? undefined
      : new Problem(
          403,
          'HEADERS_NOT_ALLOWED',
          `a page may not send the headers ${unknown.map(quote).join(', ')}; it may send ${this.policy.requestHeaders}`,
        );
  }

  /** Headers of the answer to a preflight, besides those of every answer. */
  preflightHeaders(origin: string | undefined): Record<string, string> {
    if (!this.allows(origin)) return {};
    const { methods, requestHeaders } = this.policy;
    return {
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': requestHeaders,
      'Access-Control-Max-Age': MAX_AGE_SECONDS,
    };
  }
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Answers preflights of every route; the headers of other answers are set already. */
export function answerPreflights(fastify: FastifyInstance, cors: Cors): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done();
    const problem = cors.preflightProblem(request);
    if (problem) return sendProblem(problem, request, reply);
    void reply.code(204).headers(cors.preflightHeaders(request.headers.origin)).send();
  });
}
