import { readFile } from 'node:fs/promises';
import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Validator } from '@seriousme/openapi-schema-validator';
import { cacheExchange, Client, fetchExchange } from '@urql/core';
import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { request as graphqlRequest } from 'graphql-request';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { DescribedAnswers, type OpenApi } from './api-checks.js';
import type { Installation } from './installation.js';
import { startInstallation } from './start-installation.js';

const START_MS = 300_000;
const PAGE_ORIGIN = 'http://localhost:5173';
/** Frameworks may add the character set. */
const PROBLEM = /^application\/problem\+json\b/;
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

const GRAPHQL = ['controlPlane', 'edge', 'analytics'] as const;
const ALL = [...GRAPHQL, 'odds'] as const;
type Name = (typeof ALL)[number];

/** A query of each API that anyone may send. */
const QUERIES: Readonly<Record<(typeof GRAPHQL)[number], string>> = {
  controlPlane: '{ me { id } }',
  edge: '{ layout(site: "acme-uk", page: "home") { page } }',
  analytics: '{ explorations { key } }',
};

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation({
    edges: 1,
    dataPlanes: true,
    env: { NODE_ENV: 'development', ALLOWED_ORIGINS: PAGE_ORIGIN },
  });
}, START_MS);
afterAll(() => installation.dispose());

function urlOf(name: Name): string {
  const { controlPlane, edges, analytics, odds } = installation.parts;
  const app = { controlPlane, edge: edges[0], analytics, odds }[name];
  if (!app) throw new Error(`there is no ${name}`);
  return app.url;
}

/** The credentials with all rights at an app. */
function headersOf(name: Name): Record<string, string> {
  if (name === 'controlPlane') return { authorization: `Bearer ${installation.token}` };
  return { 'paddock-client-key': installation.parts.credentials.clientKey };
}

describe.each(GRAPHQL)('GraphQL of %s', (name) => {
  const endpoint = (): string => `${urlOf(name)}/graphql`;

  test.each([
    ['by POST', 'POST'],
    ['by GET', 'GET'],
  ])('answers the standard introspection query %s, and it is the schema in the repository', async (_, method) => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true });
    const answer =
      method === 'POST'
        ? await fetch(endpoint(), {
            method,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query }),
          })
        : await fetch(`${endpoint()}?${new URLSearchParams({ query }).toString()}`);
    const { data, errors } = (await answer.json()) as { data: IntrospectionQuery; errors?: unknown };
    expect(errors).toBeUndefined();
    const folder = name === 'controlPlane' ? 'control-plane' : name;
    const committed = await readFile(`apps/${folder}/schema.graphql`, 'utf8');
    expect(`${printSchema(lexicographicSortSchema(buildClientSchema(data)))}\n`).toBe(committed);
    const served = await fetch(`${urlOf(name)}/schema.graphql`);
    expect([served.headers.get('content-type'), await served.text()]).toEqual(['text/plain; charset=utf-8', committed]);
  });

  test('urql works with its defaults, which ask by GET', async () => {
    const methods: string[] = [];
    const client = new Client({
      url: endpoint(),
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { headers: headersOf(name) },
      fetch: (input, init) => {
        methods.push(init?.method ?? 'GET');
        return fetch(input, init);
      },
    });
    const { data, error } = await client.query(QUERIES[name], {}).toPromise();
    expect(error).toBeUndefined();
    expect(data).toEqual(expect.any(Object));
    expect(methods).toEqual(['GET']);
  });

  test('Apollo Client works with its defaults', async () => {
    const link = new HttpLink({ uri: endpoint(), headers: headersOf(name) });
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const { data, error } = await client.query({ query: apolloGql(QUERIES[name]) });
    expect(error).toBeUndefined();
    expect(data).toEqual(expect.any(Object));
  });

  test('graphql-request works with its defaults', async () => {
    expect(await graphqlRequest(endpoint(), QUERIES[name], {}, headersOf(name))).toEqual(expect.any(Object));
  });

  test('a page of a listed origin may preflight and ask, with the answer readable', async () => {
    const preflight = await fetch(endpoint(), {
      method: 'OPTIONS',
      headers: {
        origin: PAGE_ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization'.slice(0, name === 'edge' ? 12 : undefined),
      },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': PAGE_ORIGIN,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringMatching(/content-type/i),
    });
    const answer = await fetch(endpoint(), {
      method: 'POST',
      headers: { origin: PAGE_ORIGIN, 'content-type': 'application/json', ...headersOf(name) },
      body: JSON.stringify({ query: QUERIES[name] }),
    });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, PAGE_ORIGIN]);
    expect(answer.headers.get('access-control-allow-credentials')).toBe(name === 'edge' ? null : 'true');
  });

  test('opened in a browser it is an explorer that loads nothing from elsewhere', async () => {
    const page = await fetch(endpoint(), { headers: { accept: BROWSER } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*connect-src 'self'/);
    const html = await page.text();
    expect(html).toContain('GraphiQL');
    const markup = html.replace(/<script>[^]*<\/script>/, '');
    expect(markup.match(/<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?\/\//g)).toBeNull();
  });
});

test('graphql-ws follows a subscription', async () => {
  const client = createSocketClient({
    url: `${urlOf('edge').replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: headersOf('edge'),
  });
  const received = await new Promise((resolve, reject) => {
    client.subscribe(
      { query: 'subscription { marketChanges(site: "acme-uk", filter: {}) { __typename } }' },
      { next: resolve, error: reject, complete: () => undefined },
    );
  });
  await client.dispose();
  expect(received).toEqual({ data: { marketChanges: { __typename: expect.any(String) } } });
});

describe.each(ALL)('the address of %s', (name) => {
  test('opened in a browser shows a page, and every link on it leads somewhere', async () => {
    const page = await fetch(urlOf(name), { headers: { accept: BROWSER } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'/);
    expect(page.headers.get('link')).toContain('/openapi.json');
    const links = [...(await page.text()).matchAll(/href="(\/[^"]*)"/g)].map(([, href]) => href ?? '');
    expect(links).toEqual(expect.arrayContaining(['/openapi.json', '/problems', '/readyz']));
    for (const href of links) {
      const { status } = await fetch(urlOf(name) + href, { headers: { accept: BROWSER } });
      expect([href, status]).toEqual([href, 200]);
    }
  });

  test('asked by a program is the problem that every unknown address is', async () => {
    for (const headers of [{}, { accept: 'application/json' }]) {
      const answer = await fetch(urlOf(name), { headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, expect.stringMatching(PROBLEM)]);
      expect(await answer.json()).toMatchObject({ type: '/problems#NOT_FOUND', code: 'NOT_FOUND' });
    }
  });

  test('a preflight that fails says why', async () => {
    const preflight = (origin: string, header: string) =>
      fetch(`${urlOf(name)}/readyz`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': header },
      });
    const stranger = await preflight('https://stranger.example', 'x-request-id');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    expect(await stranger.json()).toMatchObject({
      status: 403,
      code: 'ORIGIN_NOT_ALLOWED',
      detail: expect.stringMatching(/"https:\/\/stranger\.example".*ALLOWED_ORIGINS/),
    });
    const header = await preflight(PAGE_ORIGIN, 'x-request-id,x-unheard');
    expect(await header.json()).toMatchObject({
      status: 403,
      code: 'HEADERS_NOT_ALLOWED',
      detail: expect.stringMatching(/the headers "x-unheard";/),
    });
  });
});

describe.each(ALL)('the OpenAPI description of %s', (name) => {
  let answers: DescribedAnswers;
  beforeAll(async () => {
    const api = (await (await fetch(`${urlOf(name)}/openapi.json`)).json()) as OpenApi;
    answers = new DescribedAnswers(api);
  });

  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone({ ...answers.api }));
    expect(errors).toBeUndefined();
    expect([valid, answers.api.openapi]).toEqual([true, '3.1.0']);
  });

  test('every route refuses other methods, naming those that it takes', async () => {
    for (const [path, operations] of Object.entries(answers.api.paths)) {
      // GraphQL has refusals of its own.
      if (path === '/graphql') continue;
      const url = urlOf(name) + path.replace(/\{\w+\}/g, 'x');
      const refused = await fetch(url, { method: 'DELETE' });
      expect([path, refused.status]).toEqual([path, 405]);
      const allowed = refused.headers.get('allow')?.split(', ');
      for (const method of Object.keys(operations)) expect(allowed).toContain(method.toUpperCase());
      expect(await refused.json()).toMatchObject({
        type: '/problems#METHOD_NOT_ALLOWED',
        title: expect.stringMatching(/^[A-Z].*\.$/),
        status: 405,
        code: 'METHOD_NOT_ALLOWED',
        detail: expect.any(String),
        requestId: expect.any(String),
      });
    }
  });

  test('every route that needs a key says so: 401 with a challenge, as it is described', async () => {
    const problems: string[] = [];
    for (const [path, operations] of Object.entries(answers.api.paths))
      for (const [method, { security, parameters = [] }] of Object.entries(operations)) {
        if (security.some((one) => Object.keys(one).length === 0)) continue;
        const query = new URLSearchParams(
          parameters
            .filter(({ in: place, required }) => place === 'query' && required)
            .map(({ name: one }) => [one, 'x']),
        );
        const url = `${urlOf(name)}${path.replace('{environment}', 'production').replace(/\{\w+\}/g, 'x')}?${query.toString()}`;
        const body = method === 'post' ? { body: '{"environment":"production"}' } : {};
        const refused = await fetch(url, {
          method,
          headers: method === 'post' ? { 'content-type': 'application/json' } : {},
          ...body,
        });
        // Events and readers need no key in this installation, and a clk is looked at before the key.
        if (
          [
            '/v1/events',
            '/sourceConfig',
            '/sourceConfig/*',
            '/v2/changes',
            '/v1/metrics/{metric}/batch-results',
          ].includes(path)
        ) {
          await refused.body?.cancel();
          continue;
        }
        expect([path, refused.status, refused.headers.get('www-authenticate')]).toEqual([
          path,
          401,
          expect.stringMatching(/^(?:Bearer|ClientKey) realm="Paddock"/),
        ]);
        problems.push(...(await answers.problemsOf(method, path, refused)));
      }
    expect(problems).toEqual([]);
  });

  test('broken JSON, wrong media types and broken escapes are problems, too', async () => {
    const bodies = Object.entries(answers.api.paths).filter(
      ([path, { post }]) => post && path !== '/graphql' && path !== '/v1/traffic/logs',
    );
    for (const [path] of bodies) {
      const url = urlOf(name) + path.replace(/\{\w+\}/g, 'x');
      const refused = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(name) },
        body: '{"a":',
      });
      expect([path, refused.status >= 400]).toEqual([path, true]);
      expect(refused.headers.get('content-type')).toMatch(PROBLEM);
      await refused.body?.cancel();
    }
    const escape = await fetch(`${urlOf(name)}/%zz`);
    expect([escape.status, escape.headers.get('content-type')]).toEqual([400, expect.stringMatching(PROBLEM)]);
    expect(await escape.json()).toMatchObject({ status: 400, code: expect.any(String), requestId: expect.any(String) });
  });
});

test('answers of every route are as they are described', async () => {
  const apis = new Map<Name, DescribedAnswers>();
  for (const name of ALL) {
    const response = await fetch(`${urlOf(name)}/openapi.json`);
    apis.set(name, new DescribedAnswers((await response.json()) as OpenApi));
  }
  const problems: string[] = [];
  const ask = async (name: Name, method: string, path: string, url = path, init: RequestInit = {}): Promise<void> => {
    const headers = new Headers({ ...headersOf(name), ...Object.fromEntries(new Headers(init.headers)) });
    const answer = await fetch(urlOf(name) + url, { ...init, method, headers });
    problems.push(...((await apis.get(name)?.problemsOf(method, path, answer)) ?? []));
  };
  const json = (body: unknown): RequestInit => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  for (const name of ALL)
    for (const path of ['/healthz', '/readyz', '/.well-known/security.txt', '/openapi.json', '/problems', '/'])
      await ask(name, 'GET', path);
  for (const name of GRAPHQL) {
    await ask(name, 'GET', '/schema.graphql');
    await ask(name, 'POST', '/graphql', '/graphql', json({ query: QUERIES[name] }));
    await ask(name, 'POST', '/graphql', '/graphql', json({ query: '{ nonsense }' }));
    await ask(name, 'GET', '/graphql', `/graphql?${new URLSearchParams({ query: QUERIES[name] }).toString()}`);
  }
  const layout = '/v1/{environment}/sites/{site}/layouts/{page}';
  const at = (page: string, query = '') => `/v1/production/sites/acme-uk/layouts/${page}${query}`;
  await ask('edge', 'GET', layout, at('home'));
  await ask('edge', 'GET', layout, at('nowhere'));
  await ask('edge', 'GET', layout, at('home', '?device=toaster&locale=!'));
  const manifest = await fetch(`${urlOf('edge')}/v1/production/manifest`, { headers: headersOf('edge') });
  const { documents = [], seq = 0 } = (await manifest.json()) as { documents?: { sha256: string }[]; seq?: number };
  await ask('edge', 'GET', '/v1/{environment}/manifest', '/v1/production/manifest');
  await ask('edge', 'GET', '/v1/{environment}/changes', `/v1/production/changes?since=${seq}`);
  await ask('edge', 'GET', '/v1/{environment}/changes', '/v1/production/changes?since=0');
  await ask('edge', 'GET', '/v1/{environment}/changes', '/v1/production/changes?until=1');
  await ask(
    'edge',
    'GET',
    '/v1/{environment}/blobs/{sha256}',
    `/v1/production/blobs/${documents[0]?.sha256 ?? '1'.repeat(64)}`,
  );
  await ask('edge', 'GET', '/v1/{environment}/blobs/{sha256}', `/v1/production/blobs/${'0'.repeat(64)}`);
  const receipt = { environment: 'production', seq, instance: 'tools-1', state: 'APPLIED' };
  await ask('edge', 'POST', '/v1/receipts', '/v1/receipts', json(receipt));
  await ask('edge', 'POST', '/v1/receipts', '/v1/receipts', json({ ...receipt, seqs: 1 }));
  for (const path of ['/v2/markets', '/v2/changes'])
    await ask('edge', 'GET', path, `${path}?site=acme-uk${path === '/v2/changes' ? '&since=nonsense' : ''}`);
  await ask('edge', 'GET', '/v2/events/{event}/markets', '/v2/events/sim:1/markets?site=acme-uk');
  await ask('edge', 'GET', '/v1/odds/events/{event}/markets', '/v1/odds/events/sim:1/markets?site=acme-uk');
  await ask('edge', 'GET', '/v1/odds');
  await ask('analytics', 'POST', '/v1/events', '/v1/events', json([{ event: 'unheard_of' }]));
  await ask('analytics', 'POST', '/v1/events', '/v1/events', json([]));
  await ask('analytics', 'POST', '/v1/batch', '/v1/batch', json({ batch: [] }));
  await ask('analytics', 'GET', '/v1/usage');
  await ask('analytics', 'GET', '/v1/metrics/{name}', '/v1/metrics/unheard_of.csv');
  const traffic = '/v1/traffic/logs';
  await ask('odds', 'POST', traffic, traffic, { headers: { 'content-type': 'text/plain' }, body: 'no log\n' });
  await ask('odds', 'POST', traffic, `${traffic}?price=cheap`, {
    headers: { 'content-type': 'text/plain' },
    body: 'x',
  });
  await ask('odds', 'GET', '/v1/traffic/counts');
  await ask('odds', 'GET', '/v1/traffic/counts', '/v1/traffic/counts?days=1000');
  await ask('odds', 'GET', '/v1/traffic/migration');
  await ask('odds', 'GET', '/v1/proxy/{upstream}/{path}', '/v1/proxy/unheard-of/path');
  expect(problems).toEqual([]);
});

describe('a query by GET at the control plane', () => {
  const url = (): string => `${urlOf('controlPlane')}/graphql?query=${encodeURIComponent('{ me { id } }')}`;
  const cookie = { cookie: '__Host-paddock-session=pds_x' };

  test('with the cookie of a visitor is refused, because a page of another site could cause it', async () => {
    const answer = await fetch(url(), { headers: { ...cookie, 'sec-fetch-site': 'cross-site' } });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      {
        errors: [
          {
            message: expect.stringMatching(/POST.*Content-Type: application\/json.*Apollo-Require-Preflight/),
            extensions: { code: 'CSRF_SUSPECTED', requestId: expect.any(String) },
          },
        ],
      },
    ]);
  });

  test.each([
    ['from a page of our own', { 'sec-fetch-site': 'same-origin' }],
    ['after a preflight', { 'apollo-require-preflight': 'true' }],
  ])('with the cookie is run %s', async (_, headers: Record<string, string>) => {
    const { errors } = (await (await fetch(url(), { headers: { ...cookie, ...headers } })).json()) as {
      errors: { extensions: { code: string } }[];
    };
    expect(errors[0]?.extensions.code).toBe('TOKEN_INVALID');
  });
});
