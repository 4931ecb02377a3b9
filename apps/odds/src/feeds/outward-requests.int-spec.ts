import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AddressPolicy, OutboundClient } from '@paddock/outbound';
import { betfairSession } from './betfair/login.js';
import { RecoveryRejected, recoveryRequests } from './uof/recovery-requests.js';

const outbound = new OutboundClient({ policy: AddressPolicy.forOperators() });
let server: Server;
let url: URL;
let answer: { status: number; body: unknown };
const asked: { method: string | undefined; url: string | undefined; headers: Record<string, unknown>; body: string }[] =
  [];

beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = new URL(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a Betfair session', () => {
  const login = (): ReturnType<typeof betfairSession> =>
    betfairSession(outbound, { loginUrl: url, appKey: 'app', username: 'u', password: 's&cret' });

  test('is kept until it is refused', async () => {
    answer = { status: 200, body: { token: 't', status: 'SUCCESS' } };
    const session = login();
    expect([await session(false), await session(false), await session(true)]).toEqual(['t', 't', 't']);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({
      method: 'POST',
      headers: { 'x-application': 'app' },
      body: 'username=u&password=s%26cret',
    });
  });

  test('that is refused says why, and nothing of what was sent', async () => {
    answer = { status: 200, body: { token: '', status: 'FAIL', error: 'INVALID_USERNAME_OR_PASSWORD' } };
    await expect(login()(false)).rejects.toThrow(/^Betfair login: INVALID_USERNAME_OR_PASSWORD$/);
  });
});

describe('a recovery request', () => {
  test('names producer, request and the time after which everything is wanted', async () => {
    answer = { status: 202, body: {} };
    await recoveryRequests(outbound, url.href, 'token')(1, 7, 123);
    await recoveryRequests(outbound, url.href, undefined)(3, 8, undefined);
    expect(asked.map(({ method, url: path }) => [method, path])).toEqual([
      ['POST', '/v1/liveodds/recovery/initiate_request?request_id=7&after=123'],
      ['POST', '/v1/pre/recovery/initiate_request?request_id=8'],
    ]);
    expect(asked[0]?.headers['x-access-token']).toBe('token');
  });

  test('that is not accepted rejects', async () => {
    answer = { status: 403, body: {} };
    await expect(recoveryRequests(outbound, url.href, 'token')(1, 7, 123)).rejects.toThrow('403');
  });

  test.each([
    [400, true],
    [403, true],
    [429, false],
    [401, false],
    [503, false],
  ])('that is answered %i: is its time to blame? %p', async (status, blamed) => {
    answer = { status, body: {} };
    const error: unknown = await recoveryRequests(outbound, url.href, 'token')(1, 7, 123).catch(
      (reason: unknown) => reason,
    );
    expect(error instanceof RecoveryRejected).toBe(blamed);
  });
});
