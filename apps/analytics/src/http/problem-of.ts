import { HttpException } from '@nestjs/common';
import { LogUnavailable } from '@paddock/eventlog';
import { Problem, type ProblemCode } from '@paddock/http-server';
import { Overloaded } from '../collector/collector.js';
import { UnreadableBody } from '../collector/read-body.js';
import { InvalidQuery } from '../queries/query-problems.js';

/** Seconds after which a sender may try again. */
const LATER = { headers: { 'retry-after': '1' } };

/** Codes that differ from those of all other ports. */
const CODES: Readonly<Record<number, ProblemCode>> = { 413: 'BODY_TOO_LARGE', 415: 'UNKNOWN_ENCODING' };

/** The answer to a sender without a key, or whose key may not send. */
export function unauthenticated(key: string | undefined): Problem {
  return key === undefined || key === ''
    ? new Problem(
        401,
        'UNAUTHENTICATED',
        'a key is needed to send events: Authorization: Bearer or Basic, Paddock-Client-Key, ?key= or writeKey',
      )
    : new Problem(401, 'UNKNOWN_KEY', 'this key is not known here, or may not send events');
}

/** The problems of analytics' own errors; `undefined` for all others. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof UnreadableBody) return new Problem(error.status, error.code, error.message);
  if (error instanceof InvalidQuery)
    return new Problem(400, 'VALIDATION', error.message, {
      errors: error.problems.map((problem) => ({ field: problem.path, ...problem })),
    });
  if (error instanceof Overloaded)
    return new Problem(429, 'OVERLOADED', 'more events come than can be taken; send them again', LATER);
  if (error instanceof LogUnavailable)
    return new Problem(503, 'LOG_UNAVAILABLE', 'events cannot be kept at the moment; send them again', LATER);
  const status = statusOf(error);
  const code = CODES[status ?? 0];
  return status === undefined || code === undefined
    ? undefined
    : new Problem(status, code, error instanceof Error ? error.message : code);
}

/** Nest's exceptions, and Fastify's errors, which carry their status. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
