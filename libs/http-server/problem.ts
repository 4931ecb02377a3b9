import { isUnreachable, UnreadableJson } from '@paddock/runtime';
import { PROBLEM_CODES, type ProblemCode, problemType } from './problem-codes.js';

/** One mistake in a request. */
export interface RequestMistake {
  /** The query parameter, header or body field. */
  field: string;
  message: string;
  /** A JSON pointer to it, as a URI fragment (RFC 6901, 6), where it is in a JSON body. */
  pointer?: string;
}

/** Why a request was refused, as RFC 9457 `application/problem+json`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Stable and machine-readable: `UNKNOWN_SITE`. */
    readonly code: ProblemCode,
    readonly detail: string,
    readonly extras: {
      errors?: readonly object[];
      headers?: Readonly<Record<string, string>>;
      [member: string]: unknown;
    } = {},
  ) {
    super(detail);
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers = {} } = this.extras;
    return this.status === 401 ? { 'www-authenticate': challengeOf(this.code), ...headers } : headers;
  }

  /** Its members besides code and detail. */
  get members(): Readonly<Record<string, unknown>> {
    const { headers: _headers, ...members } = this.extras;
    return members;
  }

  /** @param requestId by which operators find the request in the logs */
  body(requestId?: string): string {
    const { status, code, detail } = this;
    const { title } = PROBLEM_CODES[code];
    return JSON.stringify({ type: problemType(code), title, status, code, detail, requestId, ...this.members });
  }
}

/** The challenge of a 401 where a bearer token is read. */
export const BEARER_CHALLENGE = 'Bearer realm="Paddock"';

/** How to authenticate, which every 401 says (RFC 9110, 11.6.1). Neither scheme makes a browser ask for a password. */
function challengeOf(code: ProblemCode): string {
  return code === 'CLIENT_KEY_REQUIRED' || code === 'UNKNOWN_CLIENT_KEY'
    ? 'ClientKey realm="Paddock", header="Paddock-Client-Key"'
    : BEARER_CHALLENGE;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** A value from outside as it may be shown: short, and as JSON writes it. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** A refusal that passes by itself. */
export function tryAgain(status: 429 | 503, code: ProblemCode, detail: string, waitMs: number): Problem {
  return new Problem(status, code, detail, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
  });
}

/** The problems of Fastify's and Nest's own refusals, by their status. */
const CODES: Readonly<Record<number, ProblemCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'URL_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
};

/** The members of a problem that describe the request. */
interface ProblemRequest {
  readonly method: string;
  readonly url: string;
}

/**
 * Anything that was thrown while a request was handled, as the caller may see it: never with anything internal.
 * @param allowed methods that the address of the request takes
 */
export function toProblem(error: unknown, { method, url }: ProblemRequest, allowed: readonly string[] = []): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof UnreadableJson)
    return new Problem(400, error.code, error.message, { position: error.position, ...error.excess });
  const status = statusOf(error);
  const code = CODES[status];
  const internal = 'something went wrong here; the request id finds it in the logs';
  if (!code)
    return isUnreachable(error)
      ? tryAgain(503, 'UNAVAILABLE', 'a part of the system is unavailable at the moment; try again', 1_000)
      : new Problem(500, 'INTERNAL', internal);
  if (status === 404 && allowed.length > 0 && !allowed.includes(method)) return methodNotAllowed(method, allowed);
  if (status === 404) return new Problem(404, code, `there is nothing at ${method} ${url.slice(0, 200)}`);
  return new Problem(status, code, error instanceof Error ? error.message : code);
}

/** The address exists, and takes other methods. */
export function methodNotAllowed(method: string, allowed: readonly string[]): Problem {
  const methods = allowed.join(', ');
  const headers = { allow: methods };
  return new Problem(405, 'METHOD_NOT_ALLOWED', `${method} is not allowed here; expected ${methods}`, { headers });
}

/** Nest's exceptions have `getStatus`, Fastify's errors `statusCode`. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  let status: unknown = 'statusCode' in error ? error.statusCode : undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') status = Reflect.apply(error.getStatus, error, []);
  return typeof status === 'number' ? status : 500;
}

/** The problems of malformed requests, by Node's error code. */
export function unreadable(code: string | undefined): Problem {
  const tooLarge = 'the request line and headers have more than 16384 bytes';
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem(431, 'HEADERS_TOO_LARGE', tooLarge);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem(408, 'TIMEOUT', 'the request did not arrive in time');
  return new Problem(400, 'BAD_REQUEST', 'this is not an HTTP request');
}
