import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type GqlContextType } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#runtime';
import { Problem, PROBLEM_TYPE } from './problem.js';

/** Whatever is thrown on the way of a request ends here, as `application/problem+json`; never with anything internal. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // GraphQL presents its errors itself.
    if (host.getType<GqlContextType>() === 'graphql') throw error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error, request);
    if (problem.status >= 500 && !(error instanceof Problem)) this.logger.error({ err: error, requestId: request.id }, 'unexpected error');
    void reply.code(problem.status).headers({ 'cache-control': 'no-store', ...problem.headers }).type(PROBLEM_TYPE).send(problem.body());
  }
}

const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'URL_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  const code = CODES[status];
  if (!code) return new Problem(500, 'INTERNAL', 'something went wrong here; the request id finds it in the logs', { requestId: request.id });
  if (status === 404) return new Problem(404, code, `there is nothing at ${request.method} ${request.url.slice(0, 200)}`);
  return new Problem(status, code, error instanceof Error ? error.message : code);
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
