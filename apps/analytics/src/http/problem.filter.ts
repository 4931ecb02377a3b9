import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LogUnavailable } from '#eventlog';
import type { Logger } from '#runtime';
import { Overloaded } from '../collector/collector.js';
import { InvalidQuestion } from '../queries/question-problems.js';
import { UnreadableBody } from '../collector/read-body.js';

/** An error as RFC 9457 `application/problem+json`. */
interface Problem {
  status: number;
  code: string;
  detail: string;
  /** Every mistake of a question, by the parameter. */
  errors?: readonly { path: string; code: string; message: string }[];
}

/** Seconds after which a sender may try again. */
const RETRY_AFTER = '1';

/** Answers every error as a problem; what nobody expected is logged and shows nothing of itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // GraphQL tells errors in its own way.
    if (host.getType<string>() === 'graphql') throw error;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof LogUnavailable)) this.logger.error({ err: error }, 'a request failed');
    if (problem.status === 429 || problem.status === 503) reply.header('retry-after', RETRY_AFTER);
    reply.code(problem.status).header('content-type', 'application/problem+json').send({ title: problem.code, ...problem });
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof UnreadableBody) return { status: error.status, code: error.code, detail: error.message };
  if (error instanceof InvalidQuestion) return { status: 400, code: 'VALIDATION', detail: error.message, errors: error.problems };
  if (error instanceof Overloaded) return { status: 429, code: 'OVERLOADED', detail: 'more events come than can be taken; send them again' };
  if (error instanceof LogUnavailable) return { status: 503, code: 'LOG_UNAVAILABLE', detail: 'events cannot be kept at the moment; send them again' };
  if (error instanceof HttpException) return { status: error.getStatus(), code: codeOf(error.getStatus()), detail: error.message };
  const status = statusOf(error);
  if (status !== undefined && status < 500) return { status, code: codeOf(status), detail: error instanceof Error ? error.message : 'the request cannot be read' };
  return { status: 500, code: 'INTERNAL', detail: 'something went wrong here' };
}

const CODES: Readonly<Record<number, string>> = { 400: 'BAD_REQUEST', 401: 'UNKNOWN_KEY', 403: 'FORBIDDEN', 404: 'NOT_FOUND', 413: 'BODY_TOO_LARGE', 415: 'UNKNOWN_ENCODING' };

function codeOf(status: number): string {
  return CODES[status] ?? 'BAD_REQUEST';
}

/** Fastify's own errors carry their status. */
function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
