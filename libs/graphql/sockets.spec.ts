import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createLogger } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { headersOfSubscriber, SOCKET_CLOSE, type SubscriptionApi, SubscriptionSockets } from './sockets.js';

const LIMITS = { tokens: 100, depth: 3, aliases: 5, rootFields: 5, directives: 5 };

/** `ticks` never ends, `refused` never begins, `wide` sends a megabyte each time. */
function tickingSchema(): GraphQLSchema {
  const schema = buildSchema(
    'type Query { q: Int } type Subscription { ticks(from: Int): Int, refused: Int, away: Int, wide: String }',
  );
  async function* ticks() {
    for (let n = 1; ; n += 1) {
      yield { ticks: n, wide: 'x'.repeat(1 << 20) };
      await delay(5);
    }
  }
  const refuse = (error: Error) => () => {
    throw error;
  };
  const sources: Record<string, () => unknown> = {
    ticks,
    wide: ticks,
    refused: refuse(new GraphQLError('not you', { extensions: { code: 'FORBIDDEN', http: { status: 403 } } })),
    away: refuse(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:3306'), { code: 'ECONNREFUSED' })),
  };
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, subscribe] of Object.entries(sources)) Object.assign(fields[name] ?? {}, { subscribe });
  return schema;
}

describe('subscription sockets', () => {
  let server: Server;
  let stop: (() => Promise<void>) | undefined;
  const opened: WebSocket[] = [];

  beforeEach(async () => {
    server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.terminate();
    await stop?.();
    server.close();
  });

  function serve(more: Partial<SubscriptionApi> = {}): SubscriptionSockets {
    const sockets = new SubscriptionSockets({
      schema: tickingSchema(),
      limits: LIMITS,
      logger: createLogger('test', 'silent'),
      contextOf: (subscriber) => ({ request: { headers: headersOfSubscriber(subscriber) } }),
      ...more,
    });
    server.on('upgrade', sockets.upgrade);
    stop = () => sockets.close();
    return sockets;
  }

  function open(params: object = {}) {
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('not listening');
    const socket = new WebSocket(`ws://127.0.0.1:${address.port}`, 'graphql-transport-ws', {
      headers: { 'x-request-id': 'mine', 'paddock-client-key': 'of the header' },
    });
    opened.push(socket);
    const messages: { id?: string; type: string; payload?: unknown }[] = [];
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    socket.on('message', (data) => messages.push(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }));
    const send = (message: object): void => socket.send(JSON.stringify(message));
    socket.on('open', () => send({ type: 'connection_init', payload: params }));
    const heard = (type: string) => until(() => messages.find((message) => message.type === type), { what: type });
    return {
      socket,
      messages,
      heard,
      send,
      closed: closed.promise,
      /** Of an operation that does not begin: its own message, or the first result where the resolver refused. */
      async errors(): Promise<{ extensions: Record<string, unknown> }[]> {
        const isAnswer = ({ type }: { type: string }): boolean => type === 'error' || type === 'next';
        const { payload } = await until(() => messages.find(isAnswer), { what: 'an answer' });
        return Array.isArray(payload) ? payload : Object(payload).errors;
      },
      async subscribe(query: string, id = '1') {
        await heard('connection_ack');
        send({ id, type: 'subscribe', payload: { query } });
      },
    };
  }

  it.each([
    ['a query', '{ q }', ['BAD_REQUEST']],
    ['broken GraphQL', 'subscription { ticks', ['GRAPHQL_PARSE_FAILED']],
    ['101 tokens', `subscription { ${'ticks '.repeat(98)} }`, ['QUERY_TOO_COMPLEX']],
    [
      'too many aliases and root fields, and a field that does not exist',
      `subscription { nope ${Array.from({ length: 6 }, (_, n) => `a${n}: ticks`).join(' ')} }`,
      ['QUERY_TOO_COMPLEX', 'QUERY_TOO_COMPLEX'],
    ],
    [
      'two arguments that do not exist',
      'subscription { ticks(no: 1, nor: 2) }',
      ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED'],
    ],
    ['what its resolver refuses', 'subscription { refused }', ['FORBIDDEN']],
    ['what needs a server that is unreachable', 'subscription { away }', ['UNAVAILABLE']],
  ])('answers %s with every code and the request id, and nothing internal', async (_, query, codes) => {
    serve();
    const client = open();
    await client.subscribe(query);
    const errors = await client.errors();
    const extensions = errors.map((error) => error.extensions);
    expect(extensions.map(({ code }) => code)).toEqual(codes);
    for (const one of extensions) expect(one).toMatchObject({ requestId: 'mine' });
    expect(JSON.stringify(errors)).not.toMatch(/http|validationErrorCode|ECONNREFUSED/);
  });

  it('carries twenty subscriptions and refuses the next with the limit', async () => {
    serve();
    const client = open();
    for (let n = 1; n <= 21; n += 1) await client.subscribe('subscription { ticks }', String(n));
    expect(await client.heard('error')).toMatchObject({
      id: '21',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 20, requestId: 'mine' } }],
    });
  });

  it('reads messages of 128 KiB, and closes 1009 on a longer one', async () => {
    serve();
    const client = open();
    await client.subscribe(`subscription { ticks } # ${'x'.repeat(127 * 1024)}`);
    await client.heard('next');
    await client.subscribe(`subscription { ticks } # ${'x'.repeat(128 * 1024)}`, '2');
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('closes the socket of a client that does not read', async () => {
    let served: WebSocket | undefined;
    serve({ admit: ({ socket }) => void (served = socket) });
    const client = open();
    for (let n = 1; n <= 20; n += 1) await client.subscribe('subscription { wide }', String(n));
    await client.heard('next');
    client.socket.pause();
    await until(() => served?.readyState === WebSocket.CLOSING, { what: 'the server gives the socket up' });
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: SOCKET_CLOSE.tryLater, reason: 'reads too slowly' });
  });

  it('closes with the code and reason of a refusal, cut where a close frame has no more room', async () => {
    serve({ admit: () => ({ code: SOCKET_CLOSE.forbidden, reason: 'é'.repeat(200) }) });
    expect(await open().closed).toEqual({ code: 4403, reason: `${'é'.repeat(60)}…` });
  });

  it('knows the headers of the request, and what connection_init has instead', async () => {
    const seen: unknown[] = [];
    const admit: SubscriptionApi['admit'] = (subscriber) => {
      const { authorization, 'paddock-client-key': key } = headersOfSubscriber(subscriber);
      seen.push([authorization, key]);
      return undefined;
    };
    serve({ admit });
    await open().heard('connection_ack');
    await open({ Authorization: 'Bearer x', 'Paddock-Client-Key': 'of the payload', n: 1 }).heard('connection_ack');
    expect(seen).toEqual([
      [undefined, 'of the header'],
      ['Bearer x', 'of the payload'],
    ]);
  });

  it('says goodbye with 1001, once however often it is closed', async () => {
    const sockets = serve();
    const client = open();
    await client.heard('connection_ack');
    await Promise.all([sockets.close(), sockets.close()]);
    expect(await client.closed).toEqual({ code: 1001, reason: 'the server is stopping' });
  });
});
