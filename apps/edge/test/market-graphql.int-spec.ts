import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '@paddock/testing';
import { MarketWorld, rule, noRule, UK } from './market-world.js';

let world: MarketWorld;

beforeAll(async () => {
  world = await MarketWorld.start();
});
afterEach(() => world.hangUp());
afterAll(() => world.close());

interface Node {
  readonly id: string;
  readonly v: number;
  readonly image: boolean;
  readonly status: string | null;
  readonly featured: boolean | null;
  readonly runners: readonly {
    readonly id: string;
    readonly price: number | null;
    readonly changed: readonly string[];
  }[];
}

interface Listed {
  readonly data?: {
    readonly markets: {
      readonly clk: string;
      readonly hasNextPage: boolean;
      readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
    };
  };
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

interface MarketMessage {
  readonly __typename: 'MarketsImage' | 'MarketsDelta' | 'MarketsHeartbeat';
  readonly clk: string;
  readonly reason?: string | null;
  readonly removed?: readonly string[];
  readonly markets?: readonly Node[];
}

const NODE = 'id v image status featured runners { id price changed }';
const LIST = `query ($filter: MarketFilterInput, $first: Int = 50, $after: String) { markets(filter: $filter, first: $first, after: $after) { clk hasNextPage edges { cursor node { ${NODE} } } } }`;
const CHANGES = `subscription ($filter: MarketFilterInput, $sinceClk: ID, $conflateMs: Int, $hbMs: Int) {
  marketChanges(filter: $filter, sinceClk: $sinceClk, conflateMs: $conflateMs, hbMs: $hbMs) {
    __typename
    ... on MarketsImage { clk reason markets { ${NODE} } }
    ... on MarketsDelta { clk removed markets { ${NODE} } }
    ... on MarketsHeartbeat { beat: clk }
  }
}`;

async function list(variables: object = {}, headers: Record<string, string> = UK): Promise<Listed> {
  const response = await fetch(`${world.edge.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: LIST, variables }),
  });
  return JSON.parse(await response.text());
}

/** The messages of a subscription, and how it ended. */
function listen(variables: Record<string, unknown>, connectionParams: Record<string, unknown> = UK) {
  const client: Client = createClient({
    url: `${world.edge.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
  const messages: MarketMessage[] = [];
  const failures: unknown[] = [];
  const stop = client.subscribe<{ marketChanges: MarketMessage }>(
    { query: CHANGES, variables },
    {
      next: ({ data, errors }) => {
        if (data) messages.push(data.marketChanges);
        else failures.push(errors);
      },
      error: (error) => void failures.push(error),
      complete: () => undefined,
    },
  );
  return world.keep({ messages, failures, close: () => (stop(), client.dispose()) });
}

describe('the query for markets', () => {
  test('lists them by start, page by page, with a clk to continue from', async () => {
    const { data } = await list({ first: 2 });
    expect(data?.markets.edges.map(({ node }) => node.id)).toEqual(['sim:3', 'sim:2']);
    expect(data?.markets.hasNextPage).toBe(true);
    const rest = await list({ first: 2, after: data?.markets.edges[1]?.cursor });
    expect(rest.data?.markets).toMatchObject({
      hasNextPage: false,
      edges: [
        {
          node: {
            id: 'sim:1',
            status: 'OPEN',
            image: true,
            runners: [
              { id: '1', price: 2_000, changed: ['status', 'price'] },
              { id: '2', price: 1_900 },
            ],
          },
        },
      ],
    });
  });

  test('puts featured ones first, and leaves out what is hidden, its count too', async () => {
    await world.publisher.publish([
      rule('feature', { market: 'sim:1' }, 'FEATURE'),
      rule('hide', { market: 'sim:3' }, 'HIDE'),
    ]);
    const listed = await until(async () => {
      const { data } = await list();
      return data?.markets.edges.length === 2 && data.markets;
    });
    expect(listed.edges.map(({ node }) => [node.id, node.featured])).toEqual([
      ['sim:1', true],
      ['sim:2', false],
    ]);
    expect(JSON.stringify(await list({ filter: { markets: ['sim:3'] } }))).not.toContain('sim:3');
    await world.publisher.publish([noRule('feature'), noRule('hide')]);
    await until(async () => (await list()).data?.markets.edges.length === 3);
  });

  test.each([
    ['no key', {}, {}, 'CLIENT_KEY_REQUIRED', undefined],
    ['a page that is too long', { first: 201 }, UK, 'INVALID_PARAMETERS', 'first'],
    ['an unknown cursor', { after: 'sim:none' }, UK, 'INVALID_PARAMETERS', 'after'],
    ['an empty list', { filter: { events: [] } }, UK, 'INVALID_PARAMETERS', 'filter.events'],
  ])('refuses %s', async (_, variables, headers, code, field) => {
    const { errors } = await list(variables, headers);
    expect(errors?.[0]?.extensions).toMatchObject({ code, ...(field ? { errors: [{ field }] } : {}) });
  });
});

describe('the subscription to markets', () => {
  test('sends an image, changes, and the missed changes to a client that resumes with a clk', async () => {
    const first = listen({ filter: { events: ['sim:e1'] }, conflateMs: 0 });
    await until(() => first.messages[0]?.__typename === 'MarketsImage');
    await world.writer.price('sim:1', 'sim:e1', [[1, 2_140]]);
    const delta = await until(() => first.messages.find(({ __typename }) => __typename === 'MarketsDelta'));
    expect(delta.markets).toEqual([
      {
        id: 'sim:1',
        v: expect.any(Number),
        image: false,
        status: null,
        featured: null,
        runners: [{ id: '1', price: 2_140, changed: ['price'] }],
      },
    ]);
    await first.close();
    await world.writer.price('sim:1', 'sim:e1', [[2, 1_990]]);
    const again = listen({ filter: { events: ['sim:e1'] }, sinceClk: delta.clk, conflateMs: 0 });
    await until(() =>
      again.messages.some(({ markets }) => markets?.some(({ runners }) => runners[0]?.price === 1_990)),
    );
    expect(again.messages[0]?.__typename).toBe('MarketsDelta');
    await world.writer.status('sim:1', 'sim:e1', 'SUSPENDED');
    await until(() => again.messages.some(({ markets }) => markets?.some(({ status }) => status === 'SUSPENDED')));
    await world.writer.open(
      'sim:1',
      'sim:e1',
      [
        [1, 2_000],
        [2, 1_900],
      ],
      { startTime: '2026-06-01T12:00:00Z' },
    );
  });

  test('beats while nothing happens', async () => {
    const one = listen({ filter: { events: ['sim:nothing'] }, hbMs: 500 });
    await until(() => one.messages.some(({ __typename }) => __typename === 'MarketsHeartbeat'));
  });

  test.each([
    ['no key', {}, {}, 'CLIENT_KEY_REQUIRED'],
    ['a window that is too long', { conflateMs: 120_001 }, UK, 'INVALID_PARAMETERS'],
    ['a malformed clk', { sinceClk: '?' }, UK, 'INVALID_PARAMETERS'],
  ])('refuses %s', async (_, variables, params, code) => {
    const one = listen(variables, params);
    await until(() => one.failures.length > 0);
    expect(JSON.stringify(one.failures)).toContain(`"code":"${code}"`);
    expect(one.messages).toEqual([]);
  });
});
