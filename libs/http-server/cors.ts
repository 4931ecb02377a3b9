import type { FastifyInstance } from 'fastify';

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
  /** Takes the port cookies? Never together with `any`. */
  readonly credentials: boolean;
}

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

  /** Those of the answer to a preflight, besides. */
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

/** Answers preflights of every route; the headers of other answers are there already. */
export function answerPreflights(fastify: FastifyInstance, cors: Cors): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done();
    void reply.code(204).headers(cors.preflightHeaders(request.headers.origin)).send();
  });
}
