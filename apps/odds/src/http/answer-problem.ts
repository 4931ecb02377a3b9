import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#runtime';
import { Problem, PROBLEM_TYPE } from './problem.js';

/** What Fastify itself refuses, by its status. */
const CODES: Readonly<Record<number, string>> = { 400: 'BAD_REQUEST', 413: 'PAYLOAD_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE' };

/** For Fastify's `errorHandler`: every refusal as `application/problem+json`, and nothing internal in any. */
export function answerProblem(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error, request);
    if (problem.code === 'INTERNAL') logger.error({ err: error, requestId: request.id }, 'unexpected error');
    void reply.code(problem.status).headers({ 'cache-control': 'no-store', ...problem.headers }).type(PROBLEM_TYPE).send(problem.body());
  };
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  const code = CODES[status];
  if (code && error instanceof Error) return new Problem(status, code, error.message);
  return new Problem(500, 'INTERNAL', 'something went wrong here; the request id finds it in the logs', { requestId: request.id });
}
