import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '@paddock/testing';
import { EventReader } from './event-reader.js';
import { DE, MarketWorld, UK } from './market-world.js';

let world: MarketWorld;

beforeAll(async () => {
  world = await MarketWorld.start();
});
afterEach(() => world.hangUp());
afterAll(() => world.close());

type Headers = Readonly<Record<string, string>>;

/** What a reader wants, in the words of `odds/1`. */
interface SubscribeOptions {
  readonly filter?: Readonly<Record<string, readonly string[]>>;
  readonly conflateMs?: number;
  readonly hbMs?: number;
  readonly clk?: string;
}

/** Who asks, where they may say so. */
interface Caller {
  readonly headers?: Headers;
  readonly site?: string;
  readonly environment?: string;
}

/** What a refusal says, wherever it is said. */
interface Refusal {
  readonly code: string;
  readonly fields: readonly string[];
  /** All that was sent. */
  readonly bytes: string;
}

interface ProblemBody {
  readonly code: string;
  readonly errors?: readonly { readonly field: string }[];
}

const refusal = ({ code, errors = [] }: ProblemBody, bytes: string): Refusal => ({
  code,
  fields: errors.map(({ field }) => field),
  bytes,
});

async function overHttp(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
  { headers = UK, site, environment }: Caller,
): Promise<Refusal> {
  const parameters = new URLSearchParams(
    Object.entries({ ...query, site, environment }).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
  const response = await world.edge.get(`${path}?${parameters.toString()}`, headers);
  const text = await response.text();
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem: ProblemBody & { status: number } = JSON.parse(text);
  expect(problem.status).toBe(response.status);
  return refusal(problem, text);
}

const lists = ({ filter = {} }: SubscribeOptions) =>
  Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, values.join(',')]));

const GRAPHQL_TYPES = {
  filter: 'MarketFilterInput',
  conflateMs: 'Int',
  hbMs: 'Int',
  sinceClk: 'ID',
  site: 'String',
  environment: 'String',
};
type Variables = Partial<Record<keyof typeof GRAPHQL_TYPES, unknown>>;

/** The operation that takes exactly these variables. */
function operation(kind: 'query' | 'subscription', field: string, selection: string, variables: Variables): string {
  const given = Object.entries(GRAPHQL_TYPES).filter(([name]) => name in variables);
  if (given.length === 0) return `${kind} { ${field} { ${selection} } }`;
  return `${kind} (${given.map(([name, type]) => `$${name}: ${type}`).join(' ')}) { ${field}(${given.map(([name]) => `${name}: $${name}`).join(' ')}) { ${selection} } }`;
}

async function overGraphql({ filter }: SubscribeOptions, { headers = UK, ...caller }: Caller): Promise<Refusal> {
  const variables: Variables = { ...(filter ? { filter } : {}), ...caller };
  const response = await fetch(`${world.edge.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: operation('query', 'markets', 'clk edges { cursor }', variables), variables }),
  });
  const text = await response.text();
  const { errors = [] }: { errors?: { extensions: ProblemBody }[] } = JSON.parse(text);
  return refusal(errors[0]?.extensions ?? { code: 'NONE' }, text);
}

/** The first message of a subscription, or its refusal. */
async function subscribed(variables: Variables, headers: Headers): Promise<{ data?: unknown; errors?: unknown }> {
  const client = createClient({
    url: `${world.edge.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: headers,
    retryAttempts: 0,
  });
  try {
    const selection = '__typename ... on MarketsImage { clk reason markets { id } } ... on MarketsDelta { clk }';
    return await new Promise((resolve, reject) => {
      client.subscribe(
        { query: operation('subscription', 'marketChanges', selection, variables), variables },
        {
          next: ({ data, errors }) => resolve(errors ? { errors } : { data }),
          error: (errors) => resolve({ errors }),
          complete: () => reject(new Error('it ended without a word')),
        },
      );
    });
  } finally {
    await client.dispose();
  }
}

async function overSubscription(
  { clk, ...wishes }: SubscribeOptions,
  { headers = UK, ...caller }: Caller,
): Promise<Refusal> {
  const { errors } = await subscribed(
    { ...wishes, ...(clk === undefined ? {} : { sinceClk: clk }), ...caller },
    headers,
  );
  const bytes = JSON.stringify(errors);
  const [first]: { extensions: ProblemBody }[] = JSON.parse(bytes);
  return refusal(first?.extensions ?? { code: 'NONE' }, bytes);
}

/** The answer to a WebSocket handshake. */
function overHandshake({ headers = UK, site, environment }: Caller): Promise<Refusal> {
  const url = new URL(world.edge.url);
  const query = new URLSearchParams({ ...(site ? { site } : {}), ...(environment ? { environment } : {}) });
  return new Promise((resolve, reject) => {
    const lines = Object.entries({
      Host: url.host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    });
    const stream = connect(Number(url.port), url.hostname, () =>
      stream.write(
        `GET /v2/markets/stream?${query.toString()} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      ),
    );
    let answer = '';
    stream.on('data', (piece) => (answer += piece.toString('utf8')));
    stream.on('close', () => resolve(refusal(JSON.parse(answer.split('\r\n\r\n')[1] ?? '{}'), answer)));
    stream.on('error', reject);
  });
}

async function overSocket({ ...wishes }: SubscribeOptions): Promise<Refusal> {
  const one = await world.socket();
  one.send({ op: 'sub', id: 1, ...wishes });
  const frame = await until(() => one.frames[0]);
  return refusal(
    { code: frame.code ?? frame.ct ?? frame.op, ...(frame.errors ? { errors: frame.errors } : {}) },
    one.bytes,
  );
}

const overEvents = ({ conflateMs, hbMs, clk, ...wishes }: SubscribeOptions, caller: Caller): Promise<Refusal> =>
  overHttp('/v2/markets/stream', { ...lists(wishes), conflateMs, hbMs, clk }, caller);
const overRest = ({ conflateMs, hbMs, clk, ...wishes }: SubscribeOptions, caller: Caller): Promise<Refusal> =>
  overHttp('/v2/markets', { ...lists(wishes), conflateMs, hbMs, clk }, caller);
const overPoll = ({ clk = 'A'.repeat(40), ...wishes }: SubscribeOptions, caller: Caller): Promise<Refusal> =>
  overHttp('/v2/changes', { ...lists(wishes), since: clk }, caller);

describe('a caller without permission', () => {
  const strangers: readonly (readonly [string, Caller, string])[] = [
    ['no key', { headers: {} }, 'CLIENT_KEY_REQUIRED'],
    ['an unknown key', { headers: { 'Paddock-Client-Key': 'guess' } }, 'UNKNOWN_CLIENT_KEY'],
    ['a key that is endless', { headers: { 'Paddock-Client-Key': 'k'.repeat(2_000) } }, 'UNKNOWN_CLIENT_KEY'],
    ['a key without the scope', { headers: { 'Paddock-Client-Key': 'receipts-key' } }, 'SCOPE_MISSING'],
    ['the key of another site', { headers: DE, site: 'acme-uk' }, 'OTHER_SITE'],
    ['a key for all sites and none named', { headers: { 'Paddock-Client-Key': 'any-key' } }, 'INVALID_PARAMETERS'],
    ['a site that is not there', { headers: { 'Paddock-Client-Key': 'any-key' }, site: 'acme-fr' }, 'UNKNOWN_SITE'],
    ['an environment that is not there', { environment: 'elsewhere' }, 'UNKNOWN_ENVIRONMENT'],
  ];
  const ways: readonly (readonly [string, (caller: Caller) => Promise<Refusal>])[] = [
    ['a socket', overHandshake],
    ['server-sent events', (caller) => overEvents({}, caller)],
    ['a list', (caller) => overRest({}, caller)],
    ['an event', (caller) => overHttp('/v2/events/sim:e1/markets', {}, caller)],
    ['a poll', (caller) => overPoll({}, caller)],
    ['the first version', (caller) => overHttp('/v1/odds/events/sim:e1/markets', {}, caller)],
    ['a GraphQL query', (caller) => overGraphql({}, caller)],
    ['a GraphQL subscription', (caller) => overSubscription({}, caller)],
  ];

  test.each(
    ways.flatMap(([way, ask]) => strangers.map(([who, caller, code]) => [way, who, ask, caller, code] as const)),
  )('is refused over %s: %s', async (_, __, ask, caller, code) => {
    const refused = await ask(caller);
    expect(refused.code).toBe(code);
    // Not a word of what there is.
    expect(refused.bytes).not.toMatch(/sim:\d|MATCH_ODDS|tennis/);
  });
});

describe('a wish that cannot be granted', () => {
  const many = Array.from({ length: 201 }, (_, number) => `e${number}`);
  const asked: readonly (readonly [string, SubscribeOptions, string])[] = [
    ['201 events', { filter: { events: many } }, 'filter.events'],
    ['an id that is endless', { filter: { markets: ['m'.repeat(201)] } }, 'filter.markets[0]'],
    ['an empty text', { filter: { sports: ['football', ''] } }, 'filter.sports[1]'],
    ['a window below zero', { conflateMs: -1 }, 'conflateMs'],
    ['a window that is too long', { conflateMs: 120_001 }, 'conflateMs'],
    ['a heartbeat that is too short', { hbMs: 499 }, 'hbMs'],
    ['a heartbeat that is too long', { hbMs: 5_001 }, 'hbMs'],
    ['a clk of other characters', { clk: '../../etc/passwd' }, 'clk'],
    ['a clk that is endless', { clk: 'A'.repeat(2_001) }, 'clk'],
  ];
  const ways: readonly (readonly [string, (wishes: SubscribeOptions) => Promise<Refusal>])[] = [
    ['a socket', overSocket],
    ['server-sent events', (wishes) => overEvents(wishes, {})],
    ['a list', (wishes) => overRest(wishes, {})],
    ['a GraphQL subscription', (wishes) => overSubscription(wishes, {})],
  ];

  test.each(
    ways.flatMap(([way, ask]) => asked.map(([what, wishes, field]) => [way, what, ask, wishes, field] as const)),
  )('is named by its field over %s: %s', async (way, _, ask, wishes, field) => {
    const { code, fields } = await ask(wishes);
    if (way !== 'a socket') expect(code).toBe('INVALID_PARAMETERS');
    else expect(code).toBe(field === 'clk' ? 'INVALID_CLK' : 'INVALID_FRAME');
    expect(fields).toEqual([way === 'a GraphQL subscription' && field === 'clk' ? 'sinceClk' : field]);
  });

  test.each(asked.filter(([, { filter }]) => filter))(
    'is named by its field in a GraphQL query: %s',
    async (_, wishes, field) => {
      expect(await overGraphql(wishes, {})).toMatchObject({ code: 'INVALID_PARAMETERS', fields: [field] });
    },
  );

  test.each(asked.filter(([, { clk }]) => clk))('is named by its field in a poll: %s', async (_, wishes) => {
    expect(await overPoll(wishes, {})).toMatchObject({ code: 'INVALID_PARAMETERS', fields: ['since'] });
  });

  test.each([
    ['an unknown parameter', 'jurisdiction=DE', 'jurisdiction'],
    ['a parameter twice', 'types=A&types=B', 'types'],
    ['no number', 'hbMs=soon', 'hbMs'],
    ['no number at all', 'conflateMs=', 'conflateMs'],
  ])('is named by its field in a URL: %s', async (_, query, field) => {
    for (const path of ['/v2/markets', '/v2/markets/stream']) {
      const response = await world.edge.get(`${path}?${query}`, UK);
      expect([response.status, JSON.parse(await response.text())]).toEqual([
        400,
        expect.objectContaining({ code: 'INVALID_PARAMETERS', errors: [expect.objectContaining({ field })] }),
      ]);
    }
  });

  test.each([
    ['an unknown filter member', { filter: { colour: ['red'] } }, 'colour'],
    ['no list', { filter: { events: { not: 'a list' } } }, 'events'],
    ['text for a number', { conflateMs: 'soon' }, 'conflateMs'],
  ])('is named over GraphQL, by its schema: %s', async (_, variables, named) => {
    const { errors } = await subscribed(variables, UK);
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(named),
        extensions: { code: 'BAD_USER_INPUT', requestId: expect.any(String) },
      }),
    ]);
  });
});

describe('a clk that was not given to its bearer', () => {
  /** Of the other site, with another place under the signature, with another signature, made up, of another filter. */
  async function forgeries(): Promise<readonly (readonly [clk: string, reason: string])[]> {
    const [de, uk, tennis] = await Promise.all([
      world.marketsAt('sim:e3', DE),
      world.marketsAt('sim:e3', UK),
      overList('?sports=tennis'),
    ]);
    const bytes = Buffer.from(uk.clk, 'base64url');
    const moved = Buffer.from(bytes);
    moved.writeUInt8(moved.readUInt8(moved.length >> 1) ^ 1, moved.length >> 1);
    const signed = Buffer.from(bytes);
    signed.writeUInt8(signed.readUInt8(0) ^ 1, 0);
    return [
      [de.clk, 'VIEW'],
      [tennis, 'FILTER'],
      ...[moved, signed, Buffer.alloc(200, 7), bytes.subarray(0, 40)].map(
        (forged) => [forged.toString('base64url'), 'UNKNOWN'] as const,
      ),
    ];
  }

  async function overList(query: string): Promise<string> {
    const { clk }: { clk: string } = JSON.parse(await (await world.edge.get(`/v2/markets${query}`, UK)).text());
    return clk;
  }

  const filter = { events: ['sim:e3'] };

  test('is answered by an image over a socket', async () => {
    const one = await world.socket();
    for (const [index, [clk, reason]] of (await forgeries()).entries()) {
      expect(await one.subscribe({ filter, clk }, index + 1)).toMatchObject({ ct: 'IMG', recovered: false, reason });
    }
  });

  test.each(['Last-Event-ID', 'clk'])('is answered by an image over server-sent events, in %s', async (place) => {
    for (const [clk, reason] of await forgeries()) {
      const inQuery = place === 'clk' ? `&clk=${clk}` : '';
      const reader = world.keep(
        await EventReader.open(`${world.edge.url}/v2/markets/stream?events=sim:e3${inQuery}`, {
          ...UK,
          ...(inQuery === '' ? { 'Last-Event-ID': clk } : {}),
        }),
      );
      const first = await until(() => reader.blocks.find(({ data }) => data !== undefined)?.data);
      expect(JSON.parse(first)).toMatchObject({ ct: 'IMG', recovered: false, reason });
    }
  });

  test('is answered by an image where a browser sends back what no edge has sent', async () => {
    const reader = world.keep(
      await EventReader.open(`${world.edge.url}/v2/markets/stream?events=sim:e3`, {
        ...UK,
        'Last-Event-ID': '17, please',
      }),
    );
    const first = await until(() => reader.blocks.find(({ data }) => data !== undefined)?.data);
    expect(JSON.parse(first)).toMatchObject({ ct: 'IMG', recovered: false, reason: 'UNKNOWN' });
  });

  test('is sent to the snapshot over REST', async () => {
    for (const [clk, reason] of await forgeries()) {
      const response = await world.edge.get(`/v2/changes?since=${clk}&events=sim:e3`, UK);
      expect([response.status, response.headers.get('link')]).toEqual([
        410,
        '</v2/events/sim%3Ae3/markets>; rel="alternate"',
      ]);
      expect(JSON.parse(await response.text())).toMatchObject({ code: 'CLK_EXPIRED', reason });
    }
  });

  test('is answered by an image over GraphQL', async () => {
    for (const [sinceClk, reason] of await forgeries()) {
      expect(await subscribed({ filter, sinceClk }, UK)).toEqual({
        data: {
          marketChanges: { __typename: 'MarketsImage', clk: expect.any(String), reason, markets: [{ id: 'sim:3' }] },
        },
      });
    }
  });
});
