import { afterEach, expect, test } from 'vitest';
import { fastify, type FastifyInstance } from 'fastify';
import { NotFoundException } from '@nestjs/common';
import { createLogger } from '@paddock/runtime';
import { answerProblem } from './refusals.js';
import { noteRoutes } from './route-table.js';
import { PAGE_ORIGIN } from './html-page.js';
import { servePages } from './serve-pages.js';
import type { RouteDescription } from './route-description.js';

let server: FastifyInstance | undefined;
afterEach(() => server?.close());

const described: RouteDescription = {
  method: 'GET',
  path: '/v1/{environment}/things',
  tag: 'Things',
  summary: 'All things.',
  answers: { 200: { description: 'The things.' } },
};

function serverOf(routes: readonly (readonly [method: string, url: string])[]): FastifyInstance {
  server = fastify();
  noteRoutes(server);
  server.setErrorHandler(answerProblem(createLogger('test', 'silent')));
  server.setNotFoundHandler(() => {
    throw new NotFoundException();
  });
  servePages(server, {
    home: {
      ...{ title: 'Things', lead: 'Things.' },
      sections: [{ heading: 'Read', code: `curl ${PAGE_ORIGIN}/v1/production/things` }],
    },
    api: { title: 'Things', description: 'Things.', routes: [described], internal: ['/internal/'] },
  });
  for (const [method, url] of routes) server.route({ method, url, handler: () => ({}) });
  return server;
}

test('a server with a route that is not described does not start, and names it', async () => {
  const undescribed = serverOf([
    ['GET', '/v1/:environment/things'],
    ['POST', '/v1/:environment/things'],
    ['GET', '/v2/things'],
    ['POST', '/internal/things'],
  ]);
  await expect(async () => undescribed.ready()).rejects.toThrow(
    'these routes have no description: POST /v1/:environment/things, GET /v2/things',
  );
});

test('an address that takes other methods says which; an unknown one is not found', async () => {
  const things = serverOf([['GET', '/v1/:environment/things']]);
  await things.ready();
  const wrongMethod = await things.inject({ method: 'PUT', url: '/v1/production/things?a=b' });
  expect([wrongMethod.statusCode, wrongMethod.headers.allow]).toEqual([405, 'GET, HEAD']);
  expect(wrongMethod.json()).toMatchObject({
    code: 'METHOD_NOT_ALLOWED',
    detail: 'PUT is not allowed here; expected GET, HEAD',
  });
  for (const url of ['/v1/things', '/v1/production/things/more']) {
    const unknown = await things.inject({ method: 'GET', url });
    expect([url, unknown.statusCode, unknown.json()]).toMatchObject([url, 404, { code: 'NOT_FOUND' }]);
  }
});

test.each([
  ['things.example.com:8443', 'curl http://things.example.com:8443/v1/production/things'],
  ['localhost;reboot', 'curl http://THIS-HOST/v1/production/things'],
])('the page that a visitor opened at %s shows %s', async (host, example) => {
  const things = serverOf([['GET', '/v1/:environment/things']]);
  await things.ready();
  const { statusCode, body } = await things.inject({ url: '/', headers: { host, accept: 'text/html' } });
  expect(statusCode).toBe(200);
  expect(body).toContain(`<pre>${example}</pre>`);
});
