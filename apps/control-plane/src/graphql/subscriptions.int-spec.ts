import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Cors, defaultHttpSettings, HttpPort } from '@paddock/http-server';
import { createLogger } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { Authenticator } from '../access/authenticator.js';
import { CurrentCallers } from '../access/current-callers.js';
import { Identification } from '../access/identification.js';
import { testWorld, type World } from '../testing/world.js';
import { Subscriptions } from './subscriptions.js';

const LIMITS = {
  operationsPort: 0,
  connections: 1_000,
  connectionsPerAddress: 1_000,
  streamsPerAddress: 1_000,
  requestsPerSecond: 0,
  requestsPerSecondPerKey: 0,
};
const NO_CORS = new Cors({ origins: [], methods: '', requestHeaders: '', exposedHeaders: '', credentials: false });

/** Ticks for ever; `state.open` counts the sources that are open. */
function tickingSchema(state: { open: number }): GraphQLSchema {
  const schema = buildSchema('type Query { q: Int } type Subscription { ticks(from: Int): Int broken: Int }');
  async function* ticks() {
    state.open += 1;
    try {
      for (let n = 1; ; n += 1) {
        yield { ticks: n, broken: n };
        await delay(20);
      }
    } finally {
      state.open -= 1;
    }
  }
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  Object.assign(fields.ticks ?? {}, { subscribe: ticks });
  Object.assign(fields.broken ?? {}, {
    subscribe: ticks,
    resolve: () => {
      throw new Error('SELECT secret FROM vault');
    },
  });
  return schema;
}

describe('subscriptions', () => {
  const state = { open: 0 };
  const sockets: WebSocket[] = [];
  let world: World;
  let server: Server;
  let stop: () => Promise<void>;
  let url: string;

  beforeAll(async () => {
    world = await testWorld();
  });
  afterAll(() => world.close());

  beforeEach(async () => {
    const logger = createLogger('test', 'silent');
    const find = { strict: false } as const;
    const subscriptions = new Subscriptions(
      Object.assign({ schema: tickingSchema(state) }),
      world.app.get(Identification, find),
      world.app.get(Authenticator, find),
      world.app.get(CurrentCallers, find),
      logger,
    );
    const port = new HttpPort(defaultHttpSettings(LIMITS), {
      cors: NO_CORS,
      resources: 'same-origin',
    });
    server = port.createServer((_request, response) => response.end());
    stop = subscriptions.serve(port, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await stop();
    server.close();
  });

  /** A bare socket, to say what a well-behaved client would not. */
  function bareSocket({
    protocol = 'graphql-transport-ws',
    headers = {},
  }: { protocol?: string; headers?: Record<string, string> } = {}) {
    const socket = new WebSocket(url, protocol, { headers });
    sockets.push(socket);
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    const messages: { id?: string; type: string; payload?: unknown }[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }));
    const opened = new Promise((resolve) => socket.once('open', resolve));
    return {
      messages,
      closed: closed.promise,
      send: async (message: object) => {
        await opened;
        socket.send(JSON.stringify(message));
      },
      heard: (type: string) => until(() => messages.find((message) => message.type === type), { what: type }),
    };
  }

  async function admitted(token: string) {
    const socket = bareSocket();
    await socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await socket.heard('connection_ack');
    return socket;
  }

  const subscription = (id: string, query = 'subscription { ticks }') => ({
    id,
    type: 'subscribe',
    payload: { query },
  });

  it('serves a real client, and closes the source when it has enough', async () => {
    const { token } = await world.signedIn('VIEWER');
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const seen: unknown[] = [];
    for await (const result of client.iterate({ query: 'subscription { ticks }' })) {
      seen.push(result.data);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([{ ticks: 1 }, { ticks: 2 }, { ticks: 3 }]);
    await until(() => state.open === 0, { what: 'the source closed' });
    await client.dispose();
  });

  it('takes the credential as token, and from the cookie of our own page', async () => {
    const { token } = await world.signedIn('VIEWER');
    const byToken = bareSocket();
    await byToken.send({ type: 'connection_init', payload: { token } });
    await byToken.heard('connection_ack');
    const cookie = `__Host-paddock-session=${token}`;
    const byCookie = bareSocket({ headers: { cookie, origin: url.replace('ws:', 'http:').replace('/graphql', '') } });
    await byCookie.send({ type: 'connection_init' });
    await byCookie.heard('connection_ack');
  });

  it('refuses the cookie on a socket that another page opened', async () => {
    const { token } = await world.signedIn('VIEWER');
    const socket = bareSocket({
      headers: { cookie: `__Host-paddock-session=${token}`, origin: 'https://evil.example.com' },
    });
    await socket.send({ type: 'connection_init' });
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });

  it('closes 4401 without a credential and 4403 with one that does not hold', async () => {
    const nobody = bareSocket();
    await nobody.send({ type: 'connection_init' });
    expect(await nobody.closed).toMatchObject({ code: 4401 });
    const stranger = bareSocket();
    await stranger.send({ type: 'connection_init', payload: { authorization: `Bearer pds_${'x'.repeat(43)}` } });
    expect(await stranger.closed).toMatchObject({ code: 4403, reason: 'the session has ended; sign in again' });
  });

  it('closes 4401 when somebody subscribes before they are let in', async () => {
    const socket = bareSocket();
    await socket.send(subscription('1'));
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect(state.open).toBe(0);
  });

  it('closes 4408 when nobody introduces themselves', async () => {
    expect(await bareSocket().closed).toMatchObject({ code: 4408 });
  });

  it('does not speak the legacy protocol', async () => {
    const socket = bareSocket({ protocol: 'graphql-ws' });
    await Promise.race([socket.closed, until(() => sockets.at(-1)?.readyState === WebSocket.CLOSED)]);
    expect(socket.messages).toEqual([]);
  });

  it('closes an open socket within five seconds of its session’s end', async () => {
    const { token, actor } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    await socket.send(subscription('1'));
    await socket.heard('next');
    await world.db.manager.query('DELETE FROM session WHERE user_id = ?', [actor.id]);
    const revoked = performance.now();
    expect(await socket.closed).toMatchObject({ code: 4403, reason: 'the session or token has ended' });
    expect(performance.now() - revoked).toBeLessThan(5_000);
    await until(() => state.open === 0, { what: 'the source closed' });
  });

  it('closes it when its user is deactivated', async () => {
    const { token, actor } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    await world.db.manager.query('UPDATE user SET active = 0 WHERE id = ?', [actor.id]);
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });

  it('carries twenty subscriptions and refuses the next', async () => {
    const { token } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    for (let n = 1; n <= 21; n += 1) await socket.send(subscription(String(n)));
    const refused = await socket.heard('error');
    expect(refused).toMatchObject({
      id: '21',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 20 } }],
    });
    await until(() => new Set(socket.messages.filter(({ type }) => type === 'next').map(({ id }) => id)).size === 20);
  });

  it.each([
    { what: 'a query', query: 'query { q }', code: 'BAD_REQUEST' },
    { what: 'broken GraphQL', query: 'subscription { ticks', code: 'GRAPHQL_PARSE_FAILED' },
    { what: 'an unknown field', query: 'subscription { tocks }', code: 'GRAPHQL_VALIDATION_FAILED' },
    {
      what: 'a variable of another type',
      query: 'subscription ($from: Int!) { ticks(from: $from) }',
      variables: { from: 'here' },
      code: 'BAD_USER_INPUT',
    },
    {
      what: 'a root field that a variable includes',
      query: 'subscription ($on: Boolean!) { ticks @include(if: $on) }',
      code: 'GRAPHQL_VALIDATION_FAILED',
    },
    {
      what: 'forty aliases',
      query: `subscription { ${Array.from({ length: 40 }, (_, n) => `a${n}: ticks`).join(' ')} }`,
      code: 'QUERY_TOO_COMPLEX',
    },
    { what: '2,500 tokens', query: `subscription { ${'ticks '.repeat(2_497)} }`, code: 'QUERY_TOO_COMPLEX' },
  ])('answers $what with $code', async ({ query, variables, code }) => {
    const { token } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    await socket.send({ id: '1', type: 'subscribe', payload: { query, ...(variables ? { variables } : {}) } });
    const { payload } = await socket.heard('error');
    const errors = Array.isArray(payload) ? payload : [];
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set([code]));
    for (const { extensions } of errors) expect(extensions.requestId).toEqual(expect.any(String));
  });

  it('tells nothing internal of an event that fails', async () => {
    const { token } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    await socket.send(subscription('1', 'subscription { broken }'));
    const { payload } = await socket.heard('next');
    expect(payload).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL', requestId: expect.any(String) } }] });
    expect(JSON.stringify(payload)).not.toContain('secret');
  });

  it('closes 1009 on a message that is far too long', async () => {
    const { token } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    await socket.send(subscription('1', `subscription { ticks } # ${'x'.repeat(200_000)}`));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });

  it('tells its clients 1001 when it stops', async () => {
    const { token } = await world.signedIn('VIEWER');
    const socket = await admitted(token);
    await stop();
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });
});
