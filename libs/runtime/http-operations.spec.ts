import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { createLogger, createMetrics, Health, observeRequests, requestContext, requestIdOf, serveOperations } from './index.js';

describe('operations of an HTTP server', () => {
  const lines: { msg: string; requestId: string; route: string; status: number }[] = [];
  const health = new Health();
  let server: FastifyInstance;

  beforeEach(() => {
    lines.length = 0;
    const logger = createLogger('test', 'info', { write: (line) => lines.push(JSON.parse(line)) });
    const metrics = createMetrics('test');
    server = fastify({ genReqId: requestIdOf });
    observeRequests(server, { logger, metrics });
    serveOperations(server, { health, metrics });
    server.post('/things/:id', (request) => ({ given: request.body, context: requestContext()?.requestId }));
  });
  afterEach(() => server.close());

  const post = (headers: Record<string, string>) =>
    server.inject({ method: 'POST', url: '/things/7', headers, payload: { a: 1 } });

  it('carries a well-formed request id through context, answer and access log, also after a body was read', async () => {
    const answer = await post({ 'x-request-id': 'abc.DEF_1-2' });
    expect(answer.json()).toEqual({ given: { a: 1 }, context: 'abc.DEF_1-2' });
    expect(answer.headers['x-request-id']).toBe('abc.DEF_1-2');
    expect(lines).toMatchObject([{ msg: 'request', requestId: 'abc.DEF_1-2', route: '/things/:id', status: 200 }]);
  });

  it.each(['', 'a b', 'x'.repeat(101), 'a"b', 'a\tb'])('replaces the malformed request id %j', async (given) => {
    const id = (await post({ 'x-request-id': given })).headers['x-request-id'];
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('counts requests by route pattern', async () => {
    await post({});
    const { body } = await server.inject('/metrics');
    expect(body).toMatch(/http_request_duration_seconds_count\{app="test",method="POST",route="\/things\/:id",status="200"\} 1/);
    expect(body).toMatch(/process_cpu_seconds_total/);
  });

  it('answers 503 with the reason while not ready, and stays alive', async () => {
    health.register('database', () => ({ ok: false, error: 'connection refused' }));
    const ready = await server.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({ ready: false, checks: { database: { ok: false, error: 'connection refused' } } });
    expect((await server.inject('/healthz')).statusCode).toBe(200);
  });
});
