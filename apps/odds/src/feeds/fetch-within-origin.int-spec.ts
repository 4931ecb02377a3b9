import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fetchWithinOrigin, RedirectedAway } from './fetch-within-origin.js';

const SECRET = { 'x-api-key': 'hunter2' };

let servers: Server[];
let asked: { to: string; path: string | undefined; method: string | undefined; key: unknown }[];
let origins: string[];

/** Two servers: what either redirects to is said in the query. */
beforeEach(async () => {
  asked = [];
  servers = ['first', 'second'].map((name) =>
    createServer((request: IncomingMessage, response) => {
      asked.push({ to: name, path: request.url, method: request.method, key: request.headers['x-api-key'] });
      const query = new URL(request.url ?? '/', 'http://unused').searchParams;
      const location = query.get('to');
      response
        .writeHead(location === null ? 200 : Number(query.get('status') ?? 302), location === null ? {} : { location })
        .end('done');
    }),
  );
  origins = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = server.address();
      return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    }),
  );
});
afterEach(() => servers.forEach((server) => server.close()));

const get = (path: string, init: RequestInit = {}) =>
  fetchWithinOrigin(new URL(path, origins[0]), { headers: SECRET, ...init });

test('a redirect within the origin is followed, with what is sent along', async () => {
  expect(await (await get('/a?to=/b')).text()).toBe('done');
  expect(asked.map(({ path, key }) => [path, key])).toEqual([
    ['/a?to=/b', 'hunter2'],
    ['/b', 'hunter2'],
  ]);
});

test.each([301, 302, 303, 307, 308])('a redirect %i to another origin gets nothing', async (status) => {
  const away = get(`/a?status=${status}&to=${encodeURIComponent(`${origins[1]}/stolen`)}`);
  await expect(away).rejects.toThrow(RedirectedAway);
  await expect(away).rejects.not.toThrow(/hunter2/);
  expect(asked.filter(({ to }) => to === 'second')).toEqual([]);
});

test('another port, another scheme and another spelling of the host are other origins', async () => {
  for (const target of [
    `${origins[0]}`.replace('http:', 'https:'),
    `${origins[0]}`.replace('127.0.0.1', 'localhost'),
    '//example.invalid/',
  ]) {
    await expect(get(`/a?to=${encodeURIComponent(target)}`)).rejects.toThrow(RedirectedAway);
  }
  expect(asked).toHaveLength(3);
});

test('a login that is redirected takes its password to no second address', async () => {
  await get('/login?to=/other', { method: 'POST', body: 'password=hunter2' });
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('redirects come to an end', async () => {
  await expect(get(`/loop?to=${encodeURIComponent('/loop?to=/loop%3Fto=/loop')}`)).resolves.toMatchObject({
    status: 200,
  });
  const endless = createServer((request, response) =>
    response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end(),
  );
  await once(endless.listen(0, '127.0.0.1'), 'listening');
  servers.push(endless);
  const address = endless.address();
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/1`);
  await expect(fetchWithinOrigin(url, {})).rejects.toThrow('redirects more than 5 times');
});
