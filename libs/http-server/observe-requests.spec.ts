import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fastify, { type FastifyInstance } from 'fastify';
import { createLogger, createMetrics, Health, requestContext } from '@paddock/runtime';
import { observeRequests, type OperationsServer, requestIdOf, serveOperations } from './index.js';

describe('operations of an HTTP server', () => {
  const lines: { msg: string; requestId: string; route: string; status: number }[] = [];
  const health = new Health();
  let server: FastifyInstance;
  let operations: OperationsServer;

  beforeEach(() => {
    lines.length = 0;
    const logger = createLogger('test', 'info', { write: (line) => lines.push(JSON.parse(line)) });
    const metrics = createMetrics('test');
    server = fastify({ genReqId: requestIdOf });
    observeRequests(server, { logger, metrics });
    operations = serveOperations(server, { health, metrics, listen: { host: '127.0.0.1', port: 0 } });
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
    const body = await (await fetch(`${operations.url}/metrics`)).text();
    expect(body).toMatch(
      /paddock_http_request_duration_seconds_count\{app="test",method="POST",route="\/things\/:id",status="200"\} 1/,
    );
    expect(body).toMatch(/process_cpu_seconds_total/);
  });

  it('answers 503 with the reason while not ready, to operators; the public port says no more than that', async () => {
    health.register('database', () => ({ ok: false, error: 'connection refused' }));
    const bare = await server.inject('/readyz');
    expect([bare.statusCode, bare.json()]).toEqual([503, { ready: false }]);
    const ready = await fetch(`${operations.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, checks: { database: { ok: false, error: 'connection refused' } } },
    ]);
    expect((await server.inject('/healthz')).statusCode).toBe(200);
    expect((await server.inject('/metrics')).statusCode).toBe(404);
  });

  it('operations answer no page that had its name point here, and nothing but reading', async () => {
    await server.ready();
    const statusOf = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) =>
        get(`${operations.url}/metrics`, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on(
          'error',
          reject,
        ),
      );
    expect([await statusOf('evil.example'), await statusOf('localhost'), await statusOf('[::1]:9')]).toEqual([
      421, 200, 200,
    ]);
    const posted = await fetch(`${operations.url}/metrics`, { method: 'POST' });
    expect([
      posted.status,
      posted.headers.get('access-control-allow-origin'),
      posted.headers.get('x-content-type-options'),
    ]).toEqual([405, null, 'nosniff']);
    expect(await (await fetch(`${operations.url}/nothing`)).json()).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});
