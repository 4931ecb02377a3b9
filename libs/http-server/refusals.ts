import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#runtime';
import type { HttpPort, Refusal } from './http-port.js';
import { type Problem, PROBLEM_TYPE, toProblem } from './problem.js';

/** Refusals as RFC 9457 problems. */
export function asProblemJson(problem: Problem): { type: string; body: string } {
  return { type: PROBLEM_TYPE, body: problem.body() };
}

/** Refusals in GraphQL's shape, for a port whose clients speak nothing else. */
export function asGraphqlErrors({ detail, code }: Problem): { type: string; body: string } {
  const errors = [{ message: detail, extensions: { code } }];
  return { type: 'application/json; charset=utf-8', body: JSON.stringify({ errors }) };
}

/** Problems, and at `/graphql` what GraphQL's clients understand. */
export function asPathSpeaks(problem: Problem, url = ''): { type: string; body: string } {
  return /^\/graphql(?:[/?]|$)/.test(url) ? asGraphqlErrors(problem) : asProblemJson(problem);
}

/** For Fastify's error handlers: every refusal as a problem, and nothing internal in any. */
export function answerProblem(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = toProblem(error, request);
    if (problem.code === 'INTERNAL') logger.error({ err: error, requestId: request.id }, 'unexpected error');
    const headers = { 'cache-control': 'no-store', ...problem.headers };
    void reply.code(problem.status).headers(headers).type(PROBLEM_TYPE).send(problem.body());
  };
}

/** Answers 429 instead of 401 to an address that shows too many wrong keys. */
export function limitWrongKeys(fastify: FastifyInstance, port: HttpPort, refusal: Refusal): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode !== 401 || port.keyOf(request.raw) === undefined) return done(null, payload);
    const problem = port.limits.failureOf(port.clientOf(request.raw), performance.now());
    if (!problem) return done(null, payload);
    const { type, body } = refusal(problem, request.url);
    reply.code(problem.status).headers(problem.headers).type(type).removeHeader('content-length');
    done(null, body);
  });
}
