import { request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { until } from '@paddock/testing';
import { clientAddressOf } from './client.js';
import { Cors } from './cors.js';
import { HttpPort } from './http-port.js';
import { defaultHttpSettings, type HttpSettings } from './http-settings.js';
import { NetworkList } from './addresses.js';
import { Problem } from './problem.js';
import { parseTrustedProxies } from './trusted-proxies.js';

const DEFAULTS = {
  operationsPort: 0,
  connections: 100,
  connectionsPerAddress: 50,
  streamsPerAddress: 2,
  requestsPerSecond: 0,
  requestsPerSecondPerKey: 0,
};
const CORS = new Cors({
  origins: ['https://console.example.com'],
  methods: 'GET',
  requestHeaders: 'Authorization',
  exposedHeaders: 'ETag',
  credentials: true,
});

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

type Change = Partial<Omit<HttpSettings, 'limits'>> & { limits?: Partial<HttpSettings['limits']> };

/** A port that reads bodies and answers with the client's address. */
async function port({ limits, ...change }: Change = {}): Promise<{ number: number; port: HttpPort; server: Server }> {
  const standard = defaultHttpSettings(DEFAULTS);
  const settings = { ...standard, ...change, limits: { ...standard.limits, ...limits } };
  const made = new HttpPort(settings, { cors: CORS, resources: 'same-origin' }, () => 1_000);
  const server = made.createServer((request, response) => {
    request.resume().once('end', () => response.end(clientAddressOf(request)));
  });
  server.on('clientError', (error, socket) => made.refuseUnreadable(error, socket as Socket));
  made.serveUpgrades(server, {
    '/open': (_request, socket) =>
      void socket
        .on('end', () => socket.end())
        .resume()
        .write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    '/key': () => {
      throw new Problem(401, 'UNKNOWN_CLIENT_KEY', 'the client key is not known');
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return { number: (server.address() as AddressInfo).port, port: made, server };
}

interface Heard {
  readonly socket: Socket;
  text: string;
  closedAfterMs: number | undefined;
}

function open(number: number): Heard {
  const began = performance.now();
  const socket = connect(number, '127.0.0.1');
  endings.push(() => socket.destroy());
  const heard: Heard = { socket, text: '', closedAfterMs: undefined };
  socket.on('data', (data) => (heard.text += String(data)));
  socket.on('error', () => undefined);
  socket.on('close', () => (heard.closedAfterMs = performance.now() - began));
  return heard;
}

function ask(
  number: number,
  headers: IncomingHttpHeaders = {},
  method = 'GET',
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port: number, host: '127.0.0.1', method, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (data) => (body += String(data)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('slow requests', () => {
  test('slowloris: whatever is slow has ended within its deadline, with 408 where nothing was answered', async () => {
    const deadlines = { headersMs: 400, requestMs: 800 };
    const { number } = await port({ deadlines });
    const drip = (heard: Heard, head: string, byte: string): void => {
      heard.socket.write(head);
      const dripping = setInterval(() => heard.socket.writable && heard.socket.write(byte), 50);
      heard.socket.once('close', () => clearInterval(dripping));
    };
    const silent = open(number);
    const endlessHeader = open(number);
    drip(endlessHeader, 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 'x');
    const endlessBody = open(number);
    drip(endlessBody, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n', 'x');
    const endlessChunks = open(number);
    drip(endlessChunks, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n');
    const missingBody = open(number);
    missingBody.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');
    const all = [silent, endlessHeader, endlessBody, endlessChunks, missingBody];
    await until(() => all.every(({ closedAfterMs }) => closedAfterMs !== undefined), {
      timeoutMs: 5_000,
      what: 'the end of every slow connection',
    });
    for (const { text } of all)
      expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*application\/problem\+json[^]*"code":"TIMEOUT"/);
    // Looked at every 400 ms here.
    for (const { closedAfterMs } of all) expect(closedAfterMs).toBeLessThan(3_000);
  });

  it.each([
    ['nonsense\r\n\r\n', 400, 'BAD_REQUEST'],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400, 'BAD_REQUEST'],
  ])('what is no request is answered with a problem', async (sent, status, code) => {
    const { number } = await port();
    const heard = open(number);
    heard.socket.write(sent);
    await until(() => heard.closedAfterMs !== undefined, { what: 'an answer' });
    const [head = '', body = ''] = heard.text.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('X-Content-Type-Options: nosniff');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});

describe('limits per client', () => {
  test('connections: one address gets 503 and its end, and comes in again when it has closed one', async () => {
    const { number } = await port({ limits: { connectionsPerAddress: 3 } });
    const kept = [open(number), open(number), open(number)];
    await until(() => kept.every(({ socket }) => socket.readyState === 'open'), { what: 'three connections' });
    const refused = open(number);
    refused.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => refused.closedAfterMs !== undefined, { what: 'the end of the fourth' });
    expect(refused.text).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 1[^]*"code":"TOO_MANY_CONNECTIONS"/);
    // Its request was not read.
    expect(refused.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    kept[0]?.socket.destroy();
    await until(async () => (await ask(number).catch(() => undefined))?.status === 200, { what: 'a connection again' });
  });

  test('connections: all together are bounded as well', async () => {
    const { number } = await port({ limits: { connections: 2, unlimited: NetworkList.parse('127.0.0.0/8') } });
    const all = Array.from({ length: 6 }, () => open(number));
    await until(() => all.filter(({ closedAfterMs }) => closedAfterMs !== undefined).length === 4, {
      what: 'the end of four of six',
    });
  });

  test('requests: 429 with Retry-After, and other clients behind the same proxy are not affected', async () => {
    const trustedProxies = parseTrustedProxies('1');
    if (!trustedProxies) throw new Error('refused');
    const { number } = await port({ trustedProxies, limits: { requestsPerSecond: 2 } });
    const from = (address: string) => ask(number, { 'x-forwarded-for': `6.6.6.6, ${address}` });
    const answers = await Promise.all(Array.from({ length: 6 }, () => from('203.0.113.7')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers).toMatchObject({
      'retry-after': '1',
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
    });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(await from('203.0.113.8')).toMatchObject({ status: 200, body: '203.0.113.8' });
  });

  test('requests: addresses of one IPv6 /64 share a rate', async () => {
    const trustedProxies = parseTrustedProxies('1');
    if (!trustedProxies) throw new Error('refused');
    const { number } = await port({ trustedProxies, limits: { requestsPerSecond: 1 } });
    const statuses = await Promise.all(
      [1, 2, 3].map(async (host) => (await ask(number, { 'x-forwarded-for': `2001:db8::${host}` })).status),
    );
    expect(statuses.sort()).toEqual([200, 200, 429]);
  });

  test('requests: one key is limited from wherever it is used', async () => {
    const trustedProxies = parseTrustedProxies('1');
    if (!trustedProxies) throw new Error('refused');
    const { number } = await port({ trustedProxies, limits: { requestsPerSecondPerKey: 1 } });
    const ofKey = (key: string, address: string) =>
      ask(number, { 'paddock-client-key': key, 'x-forwarded-for': address });
    expect((await ofKey('a', '192.0.2.1')).status).toBe(200);
    expect((await ofKey('a', '192.0.2.2')).status).toBe(200);
    expect((await ofKey('a', '192.0.2.3')).status).toBe(429);
    expect((await ofKey('b', '192.0.2.3')).status).toBe(200);
  });

  test('loopback is no exception unless a setting says so', async () => {
    const limits = { requestsPerSecond: 1 };
    const { number } = await port({ limits });
    const free = await port({ limits: { ...limits, unlimited: NetworkList.parse('127.0.0.0/8') } });
    const statuses = async (to: number) =>
      (await Promise.all(Array.from({ length: 4 }, () => ask(to)))).map(({ status }) => status).sort();
    expect(await statuses(number)).toEqual([200, 200, 429, 429]);
    expect(await statuses(free.number)).toEqual([200, 200, 200, 200]);
  });

  test('wrong keys: 429 after a hundred, to those who show one', async () => {
    const { number } = await port({ limits: { streamsPerAddress: 1_000 } });
    const statuses: string[] = [];
    for (let n = 0; n < 103; n += 1) {
      const heard = open(number);
      heard.socket.write(
        `GET /key HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nPaddock-Client-Key: wrong-${n}\r\n\r\n`,
      );
      await until(() => heard.closedAfterMs !== undefined, { what: 'a refusal' });
      statuses.push(heard.text.slice(9, 12));
    }
    expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => '401'));
    expect(statuses.slice(100)).toEqual(['429', '429', '429']);
  });

  test('WebSockets: one address gets 429 beyond its number, and a place back when one closes', async () => {
    const { number } = await port();
    const upgrade = (): Heard => {
      const heard = open(number);
      heard.socket.write('GET /open HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
      return heard;
    };
    const first = upgrade();
    const second = upgrade();
    await until(() => first.text.includes('101') && second.text.includes('101'), { what: 'two sockets' });
    const third = upgrade();
    await until(() => third.closedAfterMs !== undefined, { what: 'a refusal' });
    expect(third.text).toMatch(/^HTTP\/1\.1 429 [^]*"code":"TOO_MANY_STREAMS"/);
    first.socket.destroy();
    await until(async () => {
      const again = upgrade();
      await until(() => again.text !== '', { what: 'an answer' });
      return again.text.includes('101');
    });
  });
});

describe('headers of every answer', () => {
  it('say what browsers need, and name no origin that is not allowed', async () => {
    const { number } = await port();
    const { headers } = await ask(number, { origin: 'https://evil.example' });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      vary: 'Origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect((await ask(number, { origin: 'https://console.example.com' })).headers['access-control-allow-origin']).toBe(
      'https://console.example.com',
    );
  });

  it('require TLS of browsers that came over TLS, on the word of a trusted proxy only', async () => {
    const trustedProxies = parseTrustedProxies('127.0.0.1');
    if (!trustedProxies) throw new Error('refused');
    const { number } = await port({ trustedProxies });
    const direct = await port();
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };
    expect((await ask(number, headers)).headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    expect((await ask(number, { forwarded: 'for=203.0.113.7;proto=https' })).headers).toHaveProperty(
      'strict-transport-security',
    );
    expect((await ask(direct.number, headers)).headers).not.toHaveProperty('strict-transport-security');
  });
});
