import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@paddock/runtime';
import type { HttpPort } from './http-port.js';
import { BEARER_CHALLENGE, type Problem, PROBLEM_TYPE, toProblem } from './problem.js';
import { methodsAt } from './route-table.js';

/** Refusals in GraphQL's shape, for clients that read nothing else. */
function asGraphqlErrors({ detail, code, members }: Problem, requestId?: string): { type: string; body: string } {
  const errors = [{ message: detail, extensions: { code, ...members, requestId } }];
  return { type: 'application/json; charset=utf-8', body: JSON.stringify({ errors }) };
}

/** How every port writes refusals: as RFC 9457 problems, and at `/graphql` in the shape that GraphQL clients read. */
export function asPathSpeaks(problem: Problem, url = '', requestId?: string): { type: string; body: string } {
  return isGraphqlUrl(url)
    ? asGraphqlErrors(problem, requestId)
    : { type: PROBLEM_TYPE, body: problem.body(requestId) };
}

/** Does a request target lead to the GraphQL API of an app? */
export function isGraphqlUrl(url: string): boolean {
  return /^\/graphql\/?(?:\?|$)/.test(url);
}

/** For error handlers of Fastify: every refusal in the one format, and nothing internal in any. */
export function answerProblem(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = toProblem(error, request, methodsAt(request.server, request.url));
    if (problem.code === 'INTERNAL') logger.error({ err: error, requestId: request.id }, 'unexpected error');
    if (problem.code === 'UNAVAILABLE' && error !== problem)
      logger.warn({ err: error, requestId: request.id }, 'a server behind this one is unavailable');
    sendProblem(problem, request, reply);
  };
}

/** Answers a request with a problem. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const { type, body } = asPathSpeaks(problem, request.url, request.id);
  const headers = { 'cache-control': 'no-store', 'x-request-id': request.id, ...problem.headers };
  void reply.code(problem.status).headers(headers).type(type).send(body);
}

/**
 * Completes every 401 with how to authenticate, and answers 429 instead to an address that shows too many wrong keys.
 */
export function limitWrongKeys(fastify: FastifyInstance, port: HttpPort): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 401 && !reply.hasHeader('www-authenticate'))
      reply.header('www-authenticate', BEARER_CHALLENGE);
    if (reply.statusCode !== 401 || port.keyOf(request.raw) === undefined) return done(null, payload);
    const problem = port.limits.failureOf(port.clientOf(request.raw), performance.now());
    if (!problem) return done(null, payload);
    const { type, body } = asPathSpeaks(problem, request.url, request.id);
    reply.code(problem.status).headers(problem.headers).type(type);
    reply.removeHeader('content-length').removeHeader('www-authenticate');
    done(null, body);
  });
}
