import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';

const properties = {
  id: { type: 'string' },
  at: { type: 'string', format: 'date-time' },
  stake: { type: 'number' },
  sport: { type: 'string' },
};
const version = (number: string, more: object = {}): object => ({
  version: number,
  schema: { type: 'object', required: ['id', 'at'], properties: { ...properties, ...more } },
});
const bet = (...versions: object[]): object => ({
  eventSchema: { event: 'bet', fields: { id: 'id', time: 'at' }, versions },
});
const metric = (body: object): object => ({ metric: { title: 'A metric', ...body } });
const exploration = (body: object): object => ({
  exploration: { title: 'A week', grain: 'DAY', range: { last: '7d' }, ...body },
});

const BY_SPORT = {
  measure: { event: 'bet', agg: 'SUM', expr: 'stake' },
  dimensions: ['sport'],
  filter: { gt: { field: 'stake', value: 1 } },
  compareTo: 'PREVIOUS_WEEK',
  limit: 5,
  visualisation: 'BAR',
};

describe('explorations as config', () => {
  let world: World;
  let editor: Editor;
  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
    await editor.land([
      await save('bet', bet(version('1.0.0'))),
      await save('bets', metric({ simple: { event: 'bet', agg: 'COUNT', dimensions: [{ name: 'sport' }] } })),
      await save('half', metric({ derived: { expr: 'bets / 2', inputs: [{ metric: 'bets' }] } })),
      await save('half-by-sport', exploration({ metric: 'half', dimensions: ['sport'] })),
      await save('stake-by-sport', exploration(BY_SPORT)),
    ]);
  });
  afterAll(() => world.close());

  async function save(key: string, body: object): Promise<string> {
    const kind = 'metric' in body ? 'METRIC' : 'exploration' in body ? 'EXPLORATION' : 'EVENT_SCHEMA';
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

  async function plan(
    documents: string[],
    remove: string[] = [],
  ): Promise<Record<string, { [member: string]: unknown }[]>> {
    const release = expectOk(await editor.createRelease(documents, { remove }), 'Release');
    const query =
      'query ($id: ID!) { release(id: $id) { plan { gates { code path message } metrics { metric usedBy exploredBy } eventSchemas { event usedBy exploredBy } explorations { exploration metrics events } } } }';
    const { data, errors } = await editor.client.send(query, { id: release.id });
    expect(errors).toEqual([]);
    return (data?.release as { plan: Record<string, { [member: string]: unknown }[]> }).plan;
  }

  it('come back as they were saved', async () => {
    const id = await save('round-trip', exploration(BY_SPORT));
    const { data } = await editor.client.send(
      'query ($id: ID!) { document(id: $id) { draft { body { ... on Exploration { title metric measure { event agg expr } dimensions filter { gt { field value } } grain range { last complete } compareTo limit visualisation } } } } }',
      { id },
    );
    expect(data?.document).toEqual({
      draft: {
        body: { title: 'A week', metric: null, ...BY_SPORT, grain: 'DAY', range: { last: '7d', complete: null } },
      },
    });
  });

  it('are refused with every mistake, and kept for all sites only', async () => {
    const refused = expectProblem(
      await editor.saveDraft({
        key: 'wrong',
        body: exploration({ ...BY_SPORT, metric: 'bets', range: { last: 'long' }, timeZone: 'Mars/Base' }),
      }),
      'VALIDATION',
    );
    expect(refused.fields).toMatchObject([
      { path: 'body.exploration.range.last', code: 'INVALID_DURATION' },
      { path: 'body.exploration', code: 'EXACTLY_ONE' },
      { path: 'body.exploration.timeZone', code: 'UNKNOWN_TIME_ZONE' },
    ]);
    expect(
      expectProblem(
        await editor.saveDraft({ key: 'local', site: 'acme-uk', body: exploration(BY_SPORT) }),
        'VALIDATION',
      ).fields,
    ).toMatchObject([{ path: 'site', code: 'NOT_ALLOWED' }]);
  });

  it.each([
    ['a metric that is not live', { metric: 'nothing' }, 'BROKEN_REFERENCE', 'metric', /metric "nothing"/],
    [
      'an event without a schema',
      { measure: { event: 'nothing', agg: 'COUNT' } },
      'BROKEN_REFERENCE',
      'measure.event',
      /event-schema "nothing"/,
    ],
    [
      'a field that the event has not',
      { measure: { event: 'bet', agg: 'SUM', expr: 'price' } },
      'INVALID_BODY',
      'measure.expr',
      /no field "price"/,
    ],
    [
      'a dimension that an indirect metric lacks',
      { metric: 'half', dimensions: ['country'] },
      'INVALID_BODY',
      'dimensions[0]',
      /it has sport/,
    ],
    [
      'a filter of the wrong type',
      { metric: 'bets', filter: { eq: { field: 'stake', value: '1 OR 1=1' } } },
      'INVALID_BODY',
      'filter.eq.field',
      /NUMBER/,
    ],
  ])('block a release with %s', async (_, body, code, path, says) => {
    const { gates } = await plan([await save('wrong', exploration(body))]);
    expect(gates).toMatchObject([{ code, path, message: expect.stringMatching(says) }]);
  });

  it('block the removal of their metrics and dimensions, and are named', async () => {
    const bets = await save('bets', metric({ simple: { event: 'bet', agg: 'COUNT' } }));
    const lost = await plan([bets]);
    expect(lost['gates']).toMatchObject([
      { code: 'INVALID_BODY', message: expect.stringContaining('exploration/*/half-by-sport dimensions[0]') },
    ]);
    await save('bets', metric({ simple: { event: 'bet', agg: 'COUNT', dimensions: [{ name: 'sport' }] } }));
    const half = await save('half', metric({ derived: { expr: 'bets / 2', inputs: [{ metric: 'bets' }] } }));
    expect((await plan([], [half]))['gates']).toMatchObject([
      { code: 'BROKEN_REFERENCE', message: expect.stringContaining('exploration/*/half-by-sport') },
    ]);
  });

  it('block a rollback to a schema without the version whose field they use', async () => {
    const release = await editor.land([
      await save('bet', bet(version('1.0.0'), version('1.1.0', { channel: { type: 'string' } }))),
    ]);
    await editor.land([
      await save(
        'by-channel',
        exploration({ measure: { event: 'bet', agg: 'COUNT', contract: '>=1.1' }, dimensions: ['channel'] }),
      ),
    ]);
    const { gates } = expectProblem(await editor.rollback(release.id), 'BLOCKED');
    expect(gates).toMatchObject([
      { code: 'INVALID_BODY', message: expect.stringContaining('exploration/*/by-channel measure.contract') },
      { code: 'INVALID_BODY', message: expect.stringContaining('bet has no field "channel"') },
    ]);
  });

  it('appear in a plan: the source of their answers, and the explorations that a change affects', async () => {
    const { metrics, explorations } = await plan([
      await save('half', metric({ derived: { expr: 'bets / 3', inputs: [{ metric: 'bets' }] } })),
      await save('half-by-sport', exploration({ metric: 'half' })),
    ]);
    expect(metrics).toEqual([{ metric: 'half', usedBy: [], exploredBy: ['half-by-sport'] }]);
    expect(explorations).toEqual([{ exploration: 'half-by-sport', metrics: ['bets', 'half'], events: ['bet'] }]);
    const { eventSchemas } = await plan([
      await save(
        'bet',
        bet(
          version('1.0.0'),
          version('1.1.0', { channel: { type: 'string' } }),
          version('1.2.0', { channel: { type: 'string' }, page: { type: 'string' } }),
        ),
      ),
    ]);
    expect(eventSchemas).toMatchObject([
      { event: 'bet', usedBy: ['bets', 'half'], exploredBy: ['by-channel', 'half-by-sport', 'stake-by-sport'] },
    ]);
  });
});
