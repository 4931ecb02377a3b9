import type { IncomingMessage } from 'node:http';
import { get, request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from 'graphql-ws';
import { until } from '@paddock/testing';
import WebSocket from 'ws';
import type { Installation } from './installation.js';
import { readPage } from './read-page.js';
import { startInstallation } from './start-installation.js';
import { TlsProxy } from './tls-proxy.js';

const CASE_MS = 300_000;

let installation: Installation;
let proxy: TlsProxy;

/** As docs/guides/platform-engineers.md says: TLS ends at the proxy, which removes the prefix of each service. */
beforeAll(async () => {
  installation = await startInstallation({ edges: 1, env: { TRUSTED_PROXIES: '1', NODE_ENV: 'production' } });
  const { controlPlane } = installation.parts;
  proxy = await TlsProxy.start({ '/config': controlPlane.url, '/edge': installation.edge().url });
}, CASE_MS);

afterAll(async () => {
  await proxy.close();
  await installation.dispose();
}, CASE_MS);

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(path: string, { headers = {}, body }: { headers?: Record<string, string>; body?: object } = {}) {
  const options = { ca: proxy.certificate, agent: false, headers: { 'content-type': 'application/json', ...headers } };
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(`${proxy.url}${path}`, { ...options, method: body ? 'POST' : 'GET' }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

test('pages below a prefix are those of the edge, with HSTS, ETag and 304', async () => {
  const path = '/v1/production/sites/acme-uk/layouts/home';
  const direct = await readPage(installation.edge().url + path);
  const answer = await ask(`/edge${path}`);
  expect(answer).toMatchObject({
    status: 200,
    body: direct.bytes.toString(),
    headers: { etag: direct.etag, 'strict-transport-security': expect.stringContaining('max-age') },
  });
  const again = await ask(`/edge${path}`, { headers: { 'if-none-match': String(answer.headers.etag) } });
  expect(again).toMatchObject({ status: 304, body: '' });
  expect((await ask('/edge/edge/v1')).status).toBe(404);
});

test('the session cookie is set for the whole host and opens GraphQL below a prefix', async () => {
  const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { expiresAt } } }';
  const { signIn } = installation.parts.credentials;
  const headers = { origin: proxy.url };
  const signedIn = await ask('/config/graphql', { headers, body: { query, variables: { input: signIn } } });
  const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^__Host-[^;]+; .*Path=\/;.*Secure/);
  const [pair = ''] = cookie.split(';');
  const me = await ask('/config/graphql', {
    headers: { ...headers, cookie: pair },
    body: { query: '{ me { email } }' },
  });
  expect(JSON.parse(me.body)).toEqual({ data: { me: { email: signIn.email } } });
});

test('server-sent events come through as they happen', async () => {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(`${proxy.url}/edge/v1/production/changes`, { ca: proxy.certificate, agent: false }, resolve).on(
      'error',
      reject,
    ),
  );
  let heard = '';
  response.on('data', (chunk) => (heard += String(chunk)));
  const { editor } = installation;
  const { seq } = await editor.land([await editor.promo('through-the-proxy')]);
  await until(() => heard.includes(`"seq":${seq},`), { what: 'the event of the release' });
  response.destroy();
});

test('subscriptions over WebSocket come through', async () => {
  const { editor, token } = installation;
  class TrustingSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { ca: proxy.certificate });
    }
  }
  const client = createClient({
    url: `${proxy.url.replace('https', 'wss')}/config/graphql`,
    webSocketImpl: TrustingSocket,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const connected = new Promise((opened) => client.on('connected', opened));
  const landings = client.iterate({ query: 'subscription { releaseLanded(environment: "production") { seq } }' });
  const first = landings.next();
  await connected;
  // A subscription says nothing when it begins, so releases land until one is heard of.
  let heard: unknown;
  void first.then(({ value }) => (heard = value));
  await until(
    async () => {
      await editor.land([await editor.promo('over-a-socket', { title: String(performance.now()) })]);
      return heard;
    },
    { everyMs: 300, timeoutMs: 60_000, what: 'a landing heard over the socket' },
  );
  expect(heard).toEqual({ data: { releaseLanded: { seq: expect.any(Number) } } });
  await client.dispose();
});

test('paths in Link headers have no prefix: the proxy or the client adds it', async () => {
  const headers = { 'paddock-client-key': installation.parts.credentials.clientKey };
  const answer = await ask('/edge/v1/odds/events/sim%3Ae1/markets?site=acme-uk', { headers });
  expect(answer.headers.link).toMatch(/^<\/v2\/events\/sim%3Ae1\/markets/);
});
