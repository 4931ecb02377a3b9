import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AddressPolicy, OutboundClient, OutboundError, type OutboundRequest, type Resolve } from './index.js';

const LOOPBACK = new AddressPolicy({ allowed: ['127.0.0.0/8'] });
const SECRET = { 'x-api-key': 'hunter2' };

let server: Server;
let port: number;
let connections: number;
let asked: { url: string; headers: IncomingMessage['headers']; method: string | undefined }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let clients: OutboundClient[];

beforeEach(async () => {
  [connections, asked, clients] = [0, [], []];
  answer = (_, response) => response.end('ok');
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers, method: request.method });
    answer(request, response);
  });
  server.on('connection', () => (connections += 1));
  port = await listening(server);
});
afterEach(() => {
  for (const client of clients) client.close();
  server.closeAllConnections();
  server.close();
});

async function listening(one: Server | TcpServer): Promise<number> {
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  const address = one.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function clientOf(policy: AddressPolicy, resolve?: Resolve, maxPerHost?: number): OutboundClient {
  const client = new OutboundClient({
    policy,
    ...(resolve ? { resolve } : {}),
    ...(maxPerHost === undefined ? {} : { maxPerHost }),
  });
  clients.push(client);
  return client;
}

const at = (path = '/', host = '127.0.0.1'): URL => new URL(`http://${host}:${port}${path}`);
const answers =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

async function failure(
  client: OutboundClient,
  url: URL,
  request: OutboundRequest = {},
  maxBytes = 1_000,
): Promise<OutboundError> {
  try {
    await (await client.send(url, request)).read(maxBytes);
  } catch (error) {
    if (error instanceof OutboundError) return error;
    throw error;
  }
  throw new Error('it was answered');
}

const codeOf = async (...args: Parameters<typeof failure>): Promise<string> => (await failure(...args)).code;

describe('no connection is made', () => {
  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '127.1',
    '[::ffff:7f00:1]',
    'localhost',
    'localhost.',
    '１２７.0.0.1',
  ])('to %s where the operator does not name it', async (host) => {
    for (const scheme of ['http', 'https'])
      expect(await codeOf(clientOf(new AddressPolicy()), new URL(`${scheme}://${host}:${port}/`))).toBe(
        'URL_NOT_ALLOWED',
      );
    expect(connections).toBe(0);
  });

  test('to a name that resolves to this machine, also with one of its addresses', async () => {
    for (const found of [
      ['127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['8.8.8.8', '169.254.169.254'],
      ['64:ff9b::7f00:1'],
    ]) {
      const error = await failure(
        clientOf(new AddressPolicy(), answers(...found)),
        new URL(`https://feed.example.com:${port}/`),
      );
      expect(error.code).toBe('URL_NOT_ALLOWED');
      // The answers of an internal resolver must not leak.
      for (const address of found) expect(error.message).not.toContain(address);
    }
    expect(connections).toBe(0);
  });

  test('to a second answer of a name: it is resolved once for each connection, and judged each time', async () => {
    const found = [['127.0.0.1'], ['127.0.0.1'], ['10.0.0.1']];
    let asks = 0;
    const rebinding: Resolve = (name) => answers(...(found[asks++] ?? []))(name);
    const client = clientOf(LOOPBACK, rebinding);
    await (await client.send(at('/first', 'feed.example.com'))).read(100);
    expect([asks, connections, asked[0]?.headers.host]).toEqual([1, 1, `feed.example.com:${port}`]);
    const busy = clientOf(LOOPBACK, rebinding);
    await (await busy.send(at('/second', 'feed.example.com'))).read(100);
    expect(await codeOf(clientOf(LOOPBACK, rebinding), at('/third', 'feed.example.com'))).toBe('URL_NOT_ALLOWED');
    expect([asks, connections]).toEqual([3, 2]);
  });

  test('in clear text to a public address', async () => {
    expect(await codeOf(clientOf(LOOPBACK, answers('8.8.8.8')), new URL('http://feed.example.com/'))).toBe(
      'URL_NOT_ALLOWED',
    );
  });

  test('for other protocols, and for a user and password in the address', async () => {
    for (const url of ['ftp://127.0.0.1/', 'file:///etc/passwd', `http://u:p@127.0.0.1:${port}/`])
      expect(await codeOf(clientOf(LOOPBACK), new URL(url))).toBe('URL_NOT_ALLOWED');
    expect(connections).toBe(0);
  });

  test.each([
    { Host: 'internal' },
    { 'Transfer-Encoding': 'chunked' },
    { 'content-length': '5' },
    { connection: 'upgrade' },
    { 'proxy-authorization': 'x' },
    { 'x-a': 'a\r\nX-Evil: 1' },
    { 'x a': 'b' },
  ])('with the header %j', async (headers) => {
    expect(await codeOf(clientOf(LOOPBACK), at(), { headers })).toBe('HEADER_NOT_ALLOWED');
    expect(connections).toBe(0);
  });
});

describe('redirects', () => {
  const redirecting = (to: string, status = 302): void => {
    answer = (request, response) =>
      request.url === '/' ? response.writeHead(status, { location: to }).end() : response.end('here');
  };

  test('are not followed without the option', async () => {
    redirecting('/next');
    const response = await clientOf(LOOPBACK).send(at(), { headers: SECRET });
    response.discard();
    expect([response.status, asked.length]).toEqual([302, 1]);
  });

  test('within one origin are followed, with what was meant for it', async () => {
    redirecting('/next');
    const response = await clientOf(LOOPBACK).send(at(), { headers: SECRET, followWithinOrigin: true });
    expect((await response.read(100)).toString()).toBe('here');
    expect(asked.map(({ url, headers }) => [url, headers['x-api-key']])).toEqual([
      ['/', 'hunter2'],
      ['/next', 'hunter2'],
    ]);
  });

  test('a redirected POST loses its body', async () => {
    redirecting('/next', 303);
    await (await clientOf(LOOPBACK).send(at(), { method: 'POST', body: 'secret', followWithinOrigin: true })).read(100);
    expect(asked.map(({ method, headers }) => [method, headers['content-length']])).toEqual([
      ['POST', '6'],
      ['GET', undefined],
    ]);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost/',
    'https://127.0.0.1/',
    'file:///etc/passwd',
    '//evil.example/',
    'http://[::ffff:7f00:1]/',
    'http://',
  ])('to %s end there', async (to) => {
    redirecting(to);
    expect(await codeOf(clientOf(LOOPBACK), at(), { headers: SECRET, followWithinOrigin: true })).toBe(
      'REDIRECT_NOT_ALLOWED',
    );
    expect(asked).toHaveLength(1);
  });

  test('without end do end', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/again' }).end();
    expect(await codeOf(clientOf(LOOPBACK), at(), { followWithinOrigin: true })).toBe('REDIRECT_NOT_ALLOWED');
    expect(asked).toHaveLength(6);
  });
});

describe('an answer', () => {
  test('that is packed is unpacked', async () => {
    answer = (request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(String(request.headers['accept-encoding'])));
    expect((await (await clientOf(LOOPBACK).send(at())).read(1_000)).toString()).toBe('gzip, deflate, br');
  });

  const bomb = gzipSync(Buffer.alloc(64 << 20));
  const empties = Buffer.concat(new Array<Buffer>(200).fill(gzipSync('')));
  test.each<[string, (response: ServerResponse) => unknown]>([
    ['says that it is too large', (response) => response.writeHead(200, { 'content-length': '2000' }).flushHeaders()],
    ['does not say that it is too large', (response) => response.end('x'.repeat(2_000))],
    [
      'is small and unpacks to very much',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    ],
    [
      'is much and unpacks to nothing',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(empties),
    ],
  ])('that %s is cut off', async (_, write) => {
    answer = (_request, response) => void write(response);
    const before = process.memoryUsage().arrayBuffers;
    expect(await codeOf(clientOf(LOOPBACK), at(), {}, 1_000)).toBe('RESPONSE_TOO_LARGE');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
  });

  test.each([
    ['is packed in an unknown way', 'zstd', Buffer.from('x')],
    ['is packed twice', 'gzip, gzip', gzipSync(gzipSync('x'))],
    ['is damaged', 'gzip', Buffer.from('no gzip')],
    ['names a property of objects as its packing', 'constructor', Buffer.from('x')],
  ])('that %s is refused, and nothing of it is repeated', async (_, coding, body) => {
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
    expect(await failure(clientOf(LOOPBACK), at())).toMatchObject({
      code: 'RESPONSE_UNREADABLE',
      message: expect.not.stringContaining('no gzip'),
    });
  });

  test('that breaks off is no answer', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
    };
    expect(await codeOf(clientOf(LOOPBACK), at())).toBe('UNREACHABLE');
  });
});

describe('time', () => {
  test('for the head of the answer is limited', async () => {
    answer = () => undefined;
    expect(await codeOf(clientOf(LOOPBACK), at(), { firstByteMs: 50 })).toBe('TIMED_OUT');
  });

  test('for the body is limited, however it drips', async () => {
    let drip: NodeJS.Timeout | undefined;
    answer = (_, response) => {
      response.writeHead(200);
      drip = setInterval(() => response.write('x'), 10);
    };
    expect(await codeOf(clientOf(LOOPBACK), at(), { wholeMs: 200 }, 1 << 20)).toBe('TIMED_OUT');
    clearInterval(drip);
  });

  test('for the TLS handshake is limited', async () => {
    const silent = createTcpServer(() => undefined);
    const silentPort = await listening(silent);
    expect(await codeOf(clientOf(LOOPBACK), new URL(`https://127.0.0.1:${silentPort}/`), { connectMs: 50 })).toBe(
      'TIMED_OUT',
    );
    silent.close();
  });

  test('ends with the signal of the caller, with its reason', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const pending = clientOf(LOOPBACK).send(at(), { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });

  test('is what further requests to one host wait in', async () => {
    const held: ServerResponse[] = [];
    answer = (_, response) => void held.push(response);
    const client = clientOf(LOOPBACK, undefined, 2);
    const pending = [1, 2, 3].map((each) =>
      client.send(at(`/${each}`), { wholeMs: 10_000 }).then((response) => response.read(100)),
    );
    while (held.length < 2) await once(server, 'request');
    expect(connections).toBe(2);
    for (const response of held.splice(0)) response.end();
    while (held.length < 1) await once(server, 'request');
    held[0]?.end();
    expect(await Promise.all(pending)).toHaveLength(3);
    expect(connections).toBe(2);
  });
});

test('a connection that its server closed while it was idle is reopened', async () => {
  const client = clientOf(LOOPBACK);
  await (await client.send(at('/1'))).read(100);
  server.closeIdleConnections();
  await (await client.send(at('/2'))).read(100);
  expect(asked.map(({ url }) => url)).toEqual(['/1', '/2']);
});

test('a host that is not there is unreachable, whatever the reason', async () => {
  const free = createTcpServer();
  const freePort = await listening(free);
  free.close();
  await once(free, 'close');
  expect(await failure(clientOf(LOOPBACK), new URL(`http://127.0.0.1:${freePort}/`))).toMatchObject({
    code: 'UNREACHABLE',
  });
  const unknown: Resolve = () => Promise.reject(new Error('ENOTFOUND'));
  expect(await codeOf(clientOf(LOOPBACK, unknown), at('/', 'nowhere.example.com'))).toBe('UNREACHABLE');
});
