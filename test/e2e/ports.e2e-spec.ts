import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppProcess } from '@paddock/processes';
import { until } from '@paddock/testing';
import type { Installation } from './installation.js';
import { startInstallation } from './start-installation.js';

const PORTS = ['controlPlane', 'worker', 'edge', 'analytics', 'odds'] as const;
type PortName = (typeof PORTS)[number];

/** Where each port reads a body, if it does. */
const BODIES: Readonly<Record<PortName, string>> = {
  controlPlane: '/graphql',
  worker: '/nothing',
  edge: '/graphql',
  analytics: '/v1/events',
  odds: '/v1/traffic/logs',
};
const LIMITS = {
  HTTP_HEADERS_TIMEOUT_MS: '1000',
  HTTP_REQUEST_TIMEOUT_MS: '2000',
  HTTP_CONNECTIONS_PER_ADDRESS: '80',
  HTTP_REQUESTS_PER_SECOND: '100',
  HTTP_REQUESTS_PER_SECOND_PER_KEY: '100',
  EDGE_READS_PER_SECOND: '100',
};
/** The deadline of 2 s, looked at every second, on a machine that is busy. */
const ENDED_WITHIN_MS = 8_000;

let installation: Installation;
const sockets: Socket[] = [];

beforeAll(async () => {
  installation = await startInstallation({ edges: 1, dataPlanes: true, env: LIMITS });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await installation.dispose();
});

function app(name: PortName): AppProcess {
  const { controlPlane, worker, edges, analytics, odds } = installation.parts;
  const found = { controlPlane, worker, edge: edges[0], analytics, odds }[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

interface Heard {
  readonly socket: Socket;
  text: string;
  closed: boolean;
}

function open(url: string, head = '', drip = ''): Heard {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  const heard: Heard = { socket, text: '', closed: false };
  const dripping = setInterval(() => drip !== '' && socket.writable && socket.write(drip), 100);
  socket.on('data', (data) => (heard.text += String(data)));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(dripping);
    heard.closed = true;
  });
  socket.write(head);
  return heard;
}

/** Waits until a new connection is answered: those of the test before have ended, and its bucket is not empty. */
async function rested(name: PortName): Promise<void> {
  await until(
    async () =>
      (await answered(app(name).url, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).startsWith(
        'HTTP/1.1 200',
      ),
    { what: 'an answer' },
  );
}

/** All that comes back on a connection of its own, until it ends. */
async function answered(url: string, sent: string): Promise<string> {
  const heard = open(url, sent);
  await until(() => heard.closed, { what: 'the end of an answer' });
  return heard.text;
}

/** Answers to requests that were all sent at once, on one connection. */
async function answersTo(url: string, path: string, count: number): Promise<string[]> {
  const last = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
  const text = await answered(url, last.replace('close', 'keep-alive').repeat(count - 1) + last);
  return text.split(/(?=HTTP\/1\.1 \d{3} )/);
}

function expectShape(status: number, code: string, type: string | null, body: unknown): void {
  expect(type).toContain('application/problem+json');
  expect(body).toMatchObject({
    type: `/problems#${code}`,
    title: expect.stringMatching(/^[A-Z].*\.$/),
    status,
    code,
    detail: expect.any(String),
  });
}

test('slowloris: on every port, whatever is slow has ended within its deadline', async () => {
  const slow = PORTS.flatMap((name) => {
    const { url } = app(name);
    const post = `POST ${BODIES[name]} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`;
    return [
      open(url),
      open(url, 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 'x'),
      open(url, `${post}Content-Length: 100000\r\n\r\n`, 'x'),
      open(url, `${post}Content-Length: 100000\r\n\r\n`),
      open(url, `${post}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
    ].map((heard, way) => ({ name, way, heard }));
  });
  await until(() => slow.every(({ heard }) => heard.closed), {
    timeoutMs: ENDED_WITHIN_MS,
    what: 'the end of every slow request',
  });
  // 408, unless what the header said was refused before the body had come.
  for (const { name, way, heard } of slow)
    expect([name, way, heard.text.slice(0, 12)]).toEqual([
      name,
      way,
      expect.stringMatching(/^HTTP\/1\.1 4(?:01|04|08|15)$/),
    ]);
  expect(slow.filter(({ heard }) => heard.text.includes(' 408 ')).length).toBeGreaterThan(15);
});

describe.each(PORTS)('%s', (name) => {
  test('connections: one address gets so many, the others 503, and it serves on', async () => {
    const { url } = app(name);
    const all = Array.from({ length: 95 }, () => open(url));
    await until(() => all.filter(({ closed }) => closed).length >= 15, { what: 'refused connections' });
    const refused = all.filter(({ text }) => text !== '');
    expect(refused.length).toBeGreaterThanOrEqual(15);
    for (const { text } of refused)
      expect(text).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: \d+[^]*TOO_MANY_CONNECTIONS/i);
    for (const { socket } of all) socket.destroy();
    await rested(name);
  });

  test('requests: one address gets so many a second, then 429 that says when to come again', async () => {
    await rested(name);
    const answers = await answersTo(app(name).url, '/healthz', 600);
    const refused = answers.filter((answer) => answer.startsWith('HTTP/1.1 429 '));
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 ')).length).toBeGreaterThanOrEqual(190);
    expect(refused.length).toBeGreaterThan(0);
    const [head = '', body = ''] = refused[0]?.split('\r\n\r\n') ?? [];
    expect(head).toMatch(/^retry-after: [1-9]\d*$/im);
    expectShape(429, 'RATE_LIMITED', /^content-type: (.*)$/im.exec(head)?.[1] ?? null, JSON.parse(body));
    await rested(name);
  });

  test('what there is not, and what is no request, get one shape with the headers that browsers need', async () => {
    await rested(name);
    const response = await fetch(`${app(name).url}/there/is/nothing`, { headers: { origin: 'https://evil.example' } });
    expect(response.status).toBe(404);
    expectShape(404, 'NOT_FOUND', response.headers.get('content-type'), await response.json());
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-resource-policy': expect.any(String),
    });
    expect(response.headers.get('access-control-allow-origin')).toBe(name === 'edge' ? '*' : null);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    const [head = '', body = ''] = (await answered(app(name).url, 'BROKEN\r\n\r\n')).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expectShape(400, 'BAD_REQUEST', /content-type: (.*)/i.exec(head)?.[1] ?? null, JSON.parse(body));
  });

  test('the public port says only whether it is ready; the operations port shows the details, but not to web pages', async () => {
    await rested(name);
    const { url, operationsUrl } = app(name);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true });
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    const details = await fetch(`${operationsUrl}/readyz`, { headers: { origin: 'https://evil.example' } });
    expect([details.status, details.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    expect(await details.json()).toMatchObject({ ready: true, checks: {} });
    expect(await (await fetch(`${operationsUrl}/metrics`)).text()).toContain('process_cpu_seconds_total');
  });
});

test('layouts are limited by a number of their own, and pages of any origin may read why', async () => {
  const answers = await answersTo(app('edge').url, '/v1/production/sites/acme-uk/layouts/home', 600);
  const refused = answers.filter((answer) => answer.startsWith('HTTP/1.1 429 '));
  expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 ')).length).toBeGreaterThanOrEqual(190);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatch(/access-control-allow-origin: \*/i);
  expect(refused[0]).toMatch(/content-type: application\/problem\+json/i);
});
