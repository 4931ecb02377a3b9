import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../../../testing/editor.js';
import { expectOk } from '../../../testing/expect-result.js';
import { testWorld, type World } from '../../../testing/world.js';

const PREVIEW = {
  from: 1_760_000_000_000,
  to: 1_760_086_400_000,
  sql: ['SELECT 1'],
  rowsRead: 5,
  rowsStored: 9,
  readMs: 1.5,
  backfillMs: 3,
  dimensions: [{ name: 'sport', values: 3, limit: 2 }],
  rows: [{ label: 'one', value: 1.5, live: null }],
};

describe('the plan of a metric', () => {
  let world: World;
  let editor: Editor;
  let analytics: Server;
  /** What analytics answers, and what it was asked. */
  let answer: { status: number; body: string };
  let asked: {
    authorization: string | undefined;
    body: { metric: string; definitions: { events: { event: string }[]; metrics: object } };
  }[];

  beforeAll(async () => {
    asked = [];
    analytics = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => analytics.listen(0, '127.0.0.1', resolve));
    const { port } = analytics.address() as AddressInfo;
    world = await testWorld({ ANALYTICS_URL: `http://127.0.0.1:${port}`, ANALYTICS_TOKEN: 'shared' });
    await world.seed().site('acme-uk').environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
    const schema = {
      type: 'object',
      required: ['id', 'at'],
      properties: {
        id: { type: 'string' },
        at: { type: 'string', format: 'date-time' },
        stake: { type: 'number' },
        sport: { type: 'string' },
      },
    };
    const bet = await save('bet', {
      eventSchema: { event: 'bet', fields: { id: 'id', time: 'at' }, versions: [{ version: '1.0.0', schema }] },
    });
    const documents = [
      bet,
      await save('bets', { metric: { title: 'Bets', simple: { event: 'bet', agg: 'COUNT' } } }),
      await save('turnover', { metric: { title: 'Turnover', simple: { event: 'bet', agg: 'SUM', expr: 'stake' } } }),
      await save('stake', {
        metric: { title: 'Stake', ratio: { numerator: { metric: 'turnover' }, denominator: { metric: 'bets' } } },
      }),
      await save('change', { metric: { title: 'Change', derived: { expr: 'stake', inputs: [{ metric: 'stake' }] } } }),
    ];
    await editor.land(documents);
  });
  afterAll(async () => {
    await world.close();
    await new Promise((resolve) => analytics.close(resolve));
  });

  async function save(key: string, body: object): Promise<string> {
    const kind = 'metric' in body ? 'METRIC' : 'EVENT_SCHEMA';
    const { data } = await editor.client.send(
      'query ($kind: Kind!, $key: String!) { documentByKey(kind: $kind, key: $key) { draft { lockVersion } } }',
      { kind, key },
    );
    const seen = data?.documentByKey as { draft: { lockVersion: number } } | null;
    return String(
      expectOk(
        await editor.saveDraft({ key, body, ...(seen ? { lockVersion: seen.draft.lockVersion } : {}) }),
        'Document',
      ).id,
    );
  }

  async function plan(documents: string[]): Promise<Record<string, unknown>> {
    const release = expectOk(await editor.createRelease(documents), 'Release') as unknown as Release;
    const fields =
      'metric usedBy statements { metric sql } preview { unavailable from to sql rowsRead rowsStored readMs backfillMs dimensions { name values limit } rows { label value live } }';
    const { data, errors } = await editor.client.send(
      `query ($id: ID!) { release(id: $id) { plan { gates { code } metrics { ${fields} } eventSchemas { event usedBy } } } }`,
      { id: release.id },
    );
    expect(errors).toEqual([]);
    return (data?.release as { plan: Record<string, unknown> }).plan;
  }

  const filtered = {
    metric: {
      title: 'Turnover',
      simple: {
        event: 'bet',
        agg: 'SUM',
        expr: 'stake',
        filter: { eq: { field: 'sport', value: "x' OR 1=1" } },
        dimensions: [{ name: 'sport' }],
      },
    },
  };

  it('shows the SQL, who depends on it, and what it would answer on recent events', async () => {
    answer = { status: 200, body: JSON.stringify({ preview: PREVIEW }) };
    asked = [];
    const { metrics, gates } = await plan([await save('turnover', filtered)]);
    expect(gates).toEqual([]);
    expect(metrics).toEqual([
      {
        metric: 'turnover',
        usedBy: ['change', 'stake'],
        statements: [{ metric: 'turnover', sql: expect.stringContaining("`sport` = 'x\\' OR 1=1'") }],
        preview: { ...PREVIEW, unavailable: null, from: '2025-10-09T08:53:20.000Z', to: '2025-10-10T08:53:20.000Z' },
      },
    ]);
    const turnover = { ...filtered.metric, simple: { ...filtered.metric.simple, agg: 'sum' } };
    expect(asked).toMatchObject([
      {
        authorization: 'Bearer shared',
        body: { metric: 'turnover', definitions: { events: [{ event: 'bet' }], metrics: { turnover } } },
      },
    ]);
  });

  it('asks with every metric that it is computed from', async () => {
    asked = [];
    const { metrics } = await plan([
      await save('change', {
        metric: { title: 'Change', derived: { expr: 'stake * 2', inputs: [{ metric: 'stake' }] } },
      }),
    ]);
    expect(Object.keys(asked[0]?.body.definitions.metrics ?? {}).sort()).toEqual([
      'bets',
      'change',
      'stake',
      'turnover',
    ]);
    expect(metrics).toMatchObject([
      { metric: 'change', usedBy: [], statements: [{ metric: 'turnover' }, { metric: 'bets' }] },
    ]);
  });

  it('names the metrics behind an event schema', async () => {
    const schema = {
      type: 'object',
      required: ['id', 'at'],
      properties: {
        id: { type: 'string' },
        at: { type: 'string', format: 'date-time' },
        stake: { type: 'number' },
        sport: { type: 'string' },
      },
    };
    const bet = {
      event: 'bet',
      description: 'A bet',
      fields: { id: 'id', time: 'at' },
      versions: [{ version: '1.0.0', schema }],
    };
    expect(await plan([await save('bet', { eventSchema: bet })])).toMatchObject({
      eventSchemas: [{ event: 'bet', usedBy: ['bets', 'change', 'stake', 'turnover'] }],
      metrics: [],
    });
  });

  it.each([
    ['refuses', { status: 401, body: '{}' }, /status 401/],
    ['has nothing to show', { status: 200, body: '{"unavailable":"there are no events bet yet"}' }, /no events bet/],
    ['speaks another language', { status: 200, body: '{"preview":{"rows":5}}' }, /does not understand/],
    ['speaks none', { status: 200, body: '<html>' }, /cannot be reached/],
  ])('holds nothing up where analytics %s', async (_, given, says) => {
    answer = given;
    const { gates, metrics } = await plan([await save('turnover', filtered)]);
    expect(gates).toEqual([]);
    expect(metrics).toMatchObject([{ preview: { unavailable: expect.stringMatching(says), rows: [], sql: [] } }]);
  });
});
