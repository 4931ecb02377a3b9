import type { IncomingMessage } from 'node:http';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import {
  FAST_BUCKETS,
  Histogram,
  type Logger,
  parentContext,
  type Registry,
  withRequestContext,
} from '@paddock/runtime';
import { clientAddressOf } from './client.js';

const OPERATIONS = ['/healthz', '/readyz'];
const REQUEST_ID = /^[A-Za-z0-9._-]{1,100}$/;

/** A caller's own `X-Request-Id` where it is well-formed, else a new id. For Fastify's `genReqId`. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
}

/**
 * Around every request of a Fastify server: the request id in logs and in the answer, one access log line, a trace
 * span that continues the caller's trace, and the histogram `paddock_http_request_duration_seconds`.
 */
export function observeRequests(
  fastify: FastifyInstance,
  { logger, metrics }: { logger: Logger; metrics: Registry },
): void {
  const durations = new Histogram({
    name: 'paddock_http_request_duration_seconds',
    help: 'Time from the request head to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: FAST_BUCKETS,
    registers: [metrics],
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  // Entered here and not in onRequest: reading the body leaves the asynchronous context that was entered before it.
  fastify.addHook('preHandler', (request, reply, done) => {
    const name = `${request.method} ${routeOf(request)}`;
    const parent = parentContext(header(request, 'traceparent'));
    const span = trace.getTracer('paddock').startSpan(name, { kind: SpanKind.SERVER }, parent);
    reply.raw.once('close', () => {
      span.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    withRequestContext({ requestId: request.id, startedAt: performance.now() - reply.elapsedTime }, () =>
      context.with(trace.setSpan(parent, span), done),
    );
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const ip = clientAddressOf(request.raw);
    const route = routeOf(request);
    durations.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const level = OPERATIONS.includes(route) ? 'debug' : 'info';
    logger[level](
      { requestId: request.id, method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), ip },
      'request',
    );
    done();
  });
}

/** The route's pattern, never the path: labels must stay few. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown';
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
