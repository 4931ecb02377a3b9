import { STATUS_CODES } from 'node:http';
import { UnreadableJson } from '#runtime';

/** One mistake in a request. */
export interface RequestMistake {
  /** The query parameter, header or body field. */
  field: string;
  message: string;
}

/** Why a request was refused, as RFC 9457 `application/problem+json` tells it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Stable and machine-readable: `UNKNOWN_SITE`. */
    readonly code: string,
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
    return this.extras.headers ?? {};
  }

  body(): string {
    const { headers: _headers, ...members } = this.extras;
    const { status, code, detail } = this;
    return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, code, detail, ...members });
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

/** A value from outside as it may be shown: short, and as JSON writes it. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** A refusal that passes by itself. */
export function tryAgain(status: 429 | 503, code: string, detail: string, waitMs: number): Problem {
  return new Problem(status, code, detail, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
  });
}

/** What Fastify and Nest refuse by themselves, by their status. */
const CODES: Readonly<Record<number, string>> = {
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

/** What a problem says of the request. */
interface ProblemRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** Anything that was thrown on the way of a request, as the caller may see it: never with anything internal. */
export function toProblem(error: unknown, { id, method, url }: ProblemRequest): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof UnreadableJson)
    return new Problem(400, error.code, error.message, { position: error.position, ...error.excess });
  const status = statusOf(error);
  const code = CODES[status];
  const internal = 'something went wrong here; the request id finds it in the logs';
  if (!code) return new Problem(500, 'INTERNAL', internal, { requestId: id });
  if (status === 404) return new Problem(404, code, `there is nothing at ${method} ${url.slice(0, 200)}`);
  return new Problem(status, code, error instanceof Error ? error.message : code);
}

/** Nest's exceptions have `getStatus`, Fastify's errors `statusCode`. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  let status: unknown = 'statusCode' in error ? error.statusCode : undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') status = error.getStatus();
  return typeof status === 'number' ? status : 500;
}

/** What could not even be read as a request, by the code that Node gives it. */
export function unreadable(code: string | undefined): Problem {
  const tooLarge = 'the request line and headers have more than 16384 bytes';
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem(431, 'HEADERS_TOO_LARGE', tooLarge);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem(408, 'TIMEOUT', 'the request did not arrive in time');
  return new Problem(400, 'BAD_REQUEST', 'this is not an HTTP request');
}
