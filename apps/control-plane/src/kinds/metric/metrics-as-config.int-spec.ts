import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import type { GraphqlResult } from '../../testing/graphql-client.js';
import { testWorld, type World } from '../../testing/world.js';

type Schema = Record<string, unknown>;

const FIELDS = { id: { type: 'string' }, at: { type: 'string', format: 'date-time' } };
const schema = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  required: ['id', 'at'],
  properties: { ...FIELDS, ...properties },
  ...more,
});
const version = (number: string, properties: Schema, more: Schema = {}): object => ({
  version: number,
  schema: schema(properties, more),
});
const contract = (event: string, versions: object[], more: object = {}): object => ({
  eventSchema: { event, fields: { id: 'id', time: 'at' }, versions, ...more },
});

const STAKE = { stake: { type: 'number' }, sport: { type: 'string' }, live: { type: 'boolean' } };
const simple = (more: object): object => ({
  metric: { title: 'A metric', simple: { event: 'bet', agg: 'COUNT', ...more } },
});

/** A body, the field that is wrong with it, and what the message must say. */
type BadBody = [what: string, body: object, path: string, says: RegExp];

const BAD_BODIES: BadBody[] = [
  ['an invalid name', contract('bet placed', [version('1.0.0', STAKE)]), 'body.eventSchema.event', /letters/],
  [
    'a name that makes no key',
    contract('bet__placed', [version('1.0.0', STAKE)]),
    'body.eventSchema.event',
    /underscores/,
  ],
  ['no version at all', contract('bad', []), 'body.eventSchema.versions', /1 to 100/],
  ['an invalid version', contract('bad', [version('1.0', STAKE)]), 'body.eventSchema.versions[0].version', /1\.2\.0/],
  [
    'versions out of order',
    contract('bad', [version('1.1.0', STAKE), version('1.0.0', STAKE)]),
    'body.eventSchema.versions[1].version',
    /newer than 1\.1\.0/,
  ],
  [
    'an invalid schema',
    contract('bad', [{ version: '1.0.0', schema: { type: 'object', properties: 5 } }]),
    'body.eventSchema.versions[0].schema',
    /./,
  ],
  [
    'a schema of no object',
    contract('bad', [{ version: '1.0.0', schema: { type: 'string' } }]),
    'body.eventSchema.versions[0].schema',
    /object/,
  ],
  [
    'a pattern that could run for years',
    contract('bad', [version('1.0.0', { code: { type: 'string', pattern: '(?=a)b' } })]),
    'body.eventSchema.versions[0].schema.properties.code.pattern',
    /RE2/,
  ],
  [
    'a reference to elsewhere',
    contract('bad', [version('1.0.0', { code: { $ref: 'https://example.com/schema.json' } })]),
    'body.eventSchema.versions[0].schema',
    /./,
  ],
  [
    'an id that no version declares',
    contract('bad', [version('1.0.0', STAKE)], { fields: { id: 'uuid', time: 'at' } }),
    'body.eventSchema.fields.id',
    /uuid/,
  ],
  [
    'a time that is a number with a fraction',
    contract('bad', [version('1.0.0', STAKE)], { fields: { id: 'id', time: 'stake' } }),
    'body.eventSchema.fields.time',
    /date-time/,
  ],
  [
    'a version that breaks its predecessor',
    contract('bad', [version('1.0.0', STAKE), version('1.1.0', { ...STAKE, stake: { type: 'string' } })]),
    'body.eventSchema.versions[1].schema.stake',
    /1\.1\.0 cannot read events of 1\.0\.0/,
  ],
  [
    'an end that is no date',
    contract('bad', [{ ...version('1.0.0', STAKE), deprecated: { endsOn: '2027-02-30' } }]),
    'body.eventSchema.versions[0].deprecated.endsOn',
    /date/,
  ],
  [
    'a lateness of zero',
    contract('bad', [version('1.0.0', STAKE)], { time: { allowedLateness: '0h' } }),
    'body.eventSchema.time.allowedLateness',
    /above zero/,
  ],
  ['no definition', { metric: { title: 'Nothing' } }, 'body.metric', /exactly one of simple/],
  [
    'two definitions',
    {
      metric: {
        title: 'Both',
        simple: { event: 'bet', agg: 'COUNT' },
        derived: { expr: 'a', inputs: [{ metric: 'a' }] },
      },
    },
    'body.metric',
    /simple and derived/,
  ],
  ['SQL for a field of a filter', simple({ filter: { eq: { field: { sql: '1' }, value: 1 } } }), '', /String/],
  [
    'a filter of two members',
    simple({ filter: { eq: { field: 'sport', value: 'x' }, ne: { field: 'sport', value: 'y' } } }),
    'body.metric.simple.filter',
    /exactly one/,
  ],
  [
    'a filter on an object',
    simple({ filter: { eq: { field: 'sport', value: { $gt: '' } } } }),
    'body.metric.simple.filter.eq.value',
    /text/,
  ],
  ['a sum of nothing', simple({ agg: 'SUM' }), 'body.metric.simple.expr', /required/],
  [
    'an expression with a statement in it',
    simple({ agg: 'SUM', expr: 'stake); DROP TABLE raw_bet; --' }),
    'body.metric.simple.expr',
    /./,
  ],
  [
    'a percentile beyond 1',
    simple({ agg: 'PERCENTILE', expr: 'stake', percentile: 95 }),
    'body.metric.simple.percentile',
    /0 to 1/,
  ],
  [
    'too many dimensions',
    simple({ dimensions: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name })) }),
    'body.metric.simple.dimensions',
    /0 to 5/,
  ],
  [
    'a dimension of a million values',
    simple({ dimensions: [{ name: 'sport', maxCardinality: 1_000_000 }] }),
    'body.metric.simple.dimensions[0].maxCardinality',
    /10000/,
  ],
  [
    'a window of zero',
    {
      metric: {
        title: 'F',
        funnel: {
          order: 'ORDERED',
          window: '0d',
          steps: [
            { name: 'a', event: 'bet' },
            { name: 'b', event: 'bet' },
          ],
        },
      },
    },
    'body.metric.funnel.window',
    /above zero/,
  ],
  [
    'a time zone that does not exist',
    { metric: { title: 'Z', simple: { event: 'bet', agg: 'COUNT' }, serving: { timeZone: 'Mars/Olympus' } } },
    'body.metric.serving.timeZone',
    /Mars\/Olympus/,
  ],
  [
    'a metric that is computed from itself',
    { metric: { title: 'Self', derived: { expr: 'other', inputs: [{ metric: 'a' }] } } },
    'body.metric.derived.expr',
    /other/,
  ],
];

describe('metrics and event schemas as config', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('staging').environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  const fieldsOf = (result: GraphqlResult) =>
    expectProblem(result, 'VALIDATION').fields as { path: string; code: string; message: string }[];

  async function save(kind: 'EVENT_SCHEMA' | 'METRIC', key: string, body: object): Promise<string> {
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
  const event = (name: string, versions: object[], more: object = {}) =>
    save('EVENT_SCHEMA', name, contract(name, versions, more));
  const metric = (key: string, definition: object) => save('METRIC', key, { metric: { title: key, ...definition } });

  /** The gates of a release, which is not landed. */
  async function gates(
    documents: string[],
    remove: string[] = [],
  ): Promise<{ code: string; message: string; path: string | null }[]> {
    const release = expectOk(await editor.createRelease(documents, { remove }), 'Release') as unknown as Release;
    return (release.plan?.gates ?? []) as { code: string; message: string; path: string | null }[];
  }

  async function documents(): Promise<string> {
    const rows: { n: string }[] = await world.db.manager.query(
      'SELECT CONCAT((SELECT COUNT(*) FROM document), " ", (SELECT COUNT(*) FROM draft), " ", (SELECT COUNT(*) FROM audit_entry)) AS n',
    );
    return rows[0]?.n ?? '';
  }

  it.each(BAD_BODIES)('refuses %s, and stores nothing', async (_, body, path, says) => {
    const before = await documents();
    const result = await editor.saveDraft({ key: 'bad', body });
    expect(await documents()).toBe(before);
    if (path === '') {
      expect(result.errors[0]?.message).toMatch(says);
      return;
    }
    const found = fieldsOf(result).filter((field) => field.path === path || field.path.startsWith(`${path}.`));
    expect({ fields: fieldsOf(result).map((field) => field.path), found: found.length > 0 }).toMatchObject({
      found: true,
    });
    expect(found.map((field) => field.message).join()).toMatch(says);
  });

  it('gives a body back as it was saved', async () => {
    const definition = {
      simple: {
        event: 'bet',
        filter: {
          and: [{ eq: { field: 'live', value: true } }, { in: { field: 'sport', values: ['football', 'tennis'] } }],
        },
        agg: 'COUNT_DISTINCT',
        expr: '$user',
        accuracy: 'APPROXIMATE',
        dimensions: [{ name: 'sport', maxCardinality: 20 }],
      },
      serving: { timeZone: 'Europe/London' },
    };
    const id = await metric('round-trip', definition);
    const { data } = await editor.client.send(
      `query ($id: ID!) { document(id: $id) { draft { body { ... on Metric { title simple { event filter { and { eq { field value } in { field values } } } agg expr accuracy dimensions { name maxCardinality } } serving { timeZone } } } } } }`,
      { id },
    );
    expect(data?.document).toEqual({
      draft: {
        body: {
          title: 'round-trip',
          simple: {
            ...definition.simple,
            filter: {
              and: [
                { eq: { field: 'live', value: true }, in: null },
                { eq: null, in: { field: 'sport', values: ['football', 'tennis'] } },
              ],
            },
          },
          serving: definition.serving,
        },
      },
    });
  });

  it('keeps both for all sites, and an event schema under the name of its event', async () => {
    const body = contract('Deposit', [version('1.0.0', STAKE)]);
    expect(fieldsOf(await editor.saveDraft({ key: 'deposits', body }))).toMatchObject([
      { path: 'key', code: 'WRONG_KEY', message: expect.stringContaining('"deposit"') },
    ]);
    expect(fieldsOf(await editor.saveDraft({ key: 'deposit', site: 'acme-uk', body }))).toMatchObject([
      { path: 'site', code: 'NOT_ALLOWED' },
    ]);
    expectOk(await editor.saveDraft({ key: 'deposit', body }), 'Document');
  });

  it('keeps a live version as it is: neither changed nor removed, only ended', async () => {
    const first = version('1.0.0', STAKE);
    await editor.land([await event('kept', [first])]);
    const changed = await gates([await event('kept', [version('1.0.0', { ...STAKE, stake: { type: 'integer' } })])]);
    expect(changed).toMatchObject([
      { code: 'INCOMPATIBLE_CHANGE', path: 'versions[0].schema', message: expect.stringContaining('stake') },
    ]);
    const removed = await gates([await event('kept', [version('1.1.0', STAKE)])]);
    expect(removed).toMatchObject([
      { code: 'INCOMPATIBLE_CHANGE', path: 'versions', message: expect.stringContaining('1.0.0') },
    ]);
    const renamed = await gates([
      await event('kept', [version('1.0.0', STAKE)], {
        fields: { id: 'sport', time: 'at' },
        versions: [version('1.0.0', STAKE, { required: ['id', 'at', 'sport'] })],
      }),
    ]);
    expect(renamed.map(({ path }) => path)).toEqual(['versions[0].schema', 'fields.id']);
    const release = await editor.land([
      await event('kept', [
        { ...first, deprecated: { endsOn: '2027-01-31', reason: 'send 1.1.0' } },
        version('1.1.0', { ...STAKE, channel: { type: 'string' } }),
      ]),
    ]);
    expect(release.seq).toBeGreaterThan(0);
  });

  it('compares a schema that comes back with the versions that it had before it was removed', async () => {
    const [first, second] = [
      version('1.0.0', { amount: { type: 'number' } }),
      version('1.1.0', { amount: { type: 'number' }, place: { type: 'string' } }),
    ];
    const id = await event('again', [first, second]);
    await editor.land([id]);
    await editor.land([], { remove: [id] });
    const other = await gates([await event('again', [version('1.0.0', { amount: { type: 'string' } })])]);
    expect(other).toMatchObject([
      { code: 'INCOMPATIBLE_CHANGE', path: 'versions[0].schema', message: expect.stringContaining('1.0.0 was live') },
    ]);
    const broken = await gates([await event('again', [version('2.0.0', { place: { type: 'integer' } })])]);
    expect(broken).toMatchObject([
      {
        code: 'INCOMPATIBLE_CHANGE',
        path: 'versions[0].schema.place',
        message: expect.stringContaining('1.1.0 was live'),
      },
      { path: 'versions[0].schema.place' },
    ]);
    const renamed = await gates([
      await event('again', [version('2.0.0', { place: { type: 'string' } }, { required: ['id', 'at', 'place'] })], {
        fields: { id: 'place', time: 'at' },
        compatibility: 'NONE',
      }),
    ]);
    expect(renamed).toMatchObject([{ code: 'INCOMPATIBLE_CHANGE', path: 'fields.id' }]);
    const last = await gates([
      await event('again', [version('2.0.0', { amount: { type: 'string' } })], { compatibility: 'FULL' }),
    ]);
    // FULL compares with the last version alone, in both directions, and lets no field go.
    expect(last.map(({ path, message }) => [path, / (1\.\d\.0) was live/.exec(message)?.[1]])).toEqual([
      ['versions[0].schema.amount', '1.1.0'],
      ['versions[0].schema.amount', '1.1.0'],
      ['versions[0].schema.place', '1.1.0'],
    ]);
    const release = await editor.land([
      await event('again', [
        first,
        version('1.2.0', { amount: { type: 'number' }, place: { type: 'string' }, kind: { type: 'string' } }),
      ]),
    ]);
    expect(release.seq).toBeGreaterThan(0);
    // What a rollback took out of the list is remembered as well.
    await editor.rollback(release.id);
    expect(await gates([await event('again', [version('3.0.0', { kind: { type: 'boolean' } })])])).toMatchObject([
      { path: 'versions[0].schema.kind', message: expect.stringContaining('1.2.0') },
      { path: 'versions[0].schema.kind' },
    ]);
  });

  describe('a metric and what it speaks of', () => {
    beforeAll(async () => {
      const ids = await Promise.all([
        event('bet', [version('1.0.0', STAKE)]),
        metric('bets', { simple: { event: 'bet', agg: 'COUNT' } }),
        metric('turnover', { simple: { event: 'bet', agg: 'SUM', expr: 'stake' } }),
        metric('stake-per-bet', { ratio: { numerator: { metric: 'turnover' }, denominator: { metric: 'bets' } } }),
        metric('growth', {
          derived: {
            expr: 'now - before',
            inputs: [
              { metric: 'stake-per-bet', alias: 'now' },
              { metric: 'stake-per-bet', alias: 'before', offsetWindow: '7d' },
            ],
          },
        }),
        metric('steps', {
          funnel: {
            order: 'ORDERED',
            window: '7d',
            steps: [
              { name: 'one', event: 'bet' },
              { name: 'two', event: 'bet' },
            ],
          },
        }),
      ]);
      await editor.land(ids);
    });

    it.each([
      [
        'an event without a schema',
        { simple: { event: 'nothing', agg: 'COUNT' } },
        'BROKEN_REFERENCE',
        'simple.event',
        /event-schema "nothing"/,
      ],
      [
        'another spelling of an event',
        { simple: { event: 'Bet', agg: 'COUNT' } },
        'INVALID_BODY',
        'simple.event',
        /"Bet"/,
      ],
      [
        'a field that is missing',
        { simple: { event: 'bet', agg: 'SUM', expr: 'price' } },
        'INVALID_BODY',
        'simple.expr',
        /no field "price"/,
      ],
      [
        'a field of the wrong type',
        { simple: { event: 'bet', agg: 'SUM', expr: 'sport' } },
        'INVALID_BODY',
        'simple.expr',
        /TEXT/,
      ],
      [
        'a filter with a value of the wrong type',
        { simple: { event: 'bet', agg: 'COUNT', filter: { eq: { field: 'stake', value: '1 OR 1=1' } } } },
        'INVALID_BODY',
        'simple.filter.eq.field',
        /NUMBER/,
      ],
      [
        'a filter whose field is SQL',
        { simple: { event: 'bet', agg: 'COUNT', filter: { exists: { field: '1) OR (1' } } } },
        'INVALID_BODY',
        'simple.filter.exists.field',
        /no field/,
      ],
      [
        'a version that there is not',
        { simple: { event: 'bet', agg: 'COUNT', contract: '>=3' } },
        'INVALID_BODY',
        'simple.contract',
        />=3/,
      ],
      [
        'a metric that there is not',
        { derived: { expr: 'nothing', inputs: [{ metric: 'nothing' }] } },
        'BROKEN_REFERENCE',
        'derived.inputs[0].metric',
        /metric "nothing"/,
      ],
      [
        'a metric that is no number',
        { derived: { expr: 'steps', inputs: [{ metric: 'steps' }] } },
        'INVALID_BODY',
        'derived.inputs[0].metric',
        /no single number/,
      ],
      [
        'a running total of a ratio',
        { cumulative: { metric: 'stake-per-bet', window: '7d' } },
        'INVALID_BODY',
        'cumulative.metric',
        /simple/,
      ],
    ])('blocks %s', async (_, definition, code, path, says) => {
      const found = await gates([await metric('wrong', definition)]);
      expect(found).toMatchObject([{ code, path }]);
      expect(found[0]?.message).toMatch(says);
    });

    it('blocks a cycle, also one through indirect metrics', async () => {
      const found = await gates([
        await metric('turnover', { derived: { expr: 'growth', inputs: [{ metric: 'growth' }] } }),
      ]);
      expect(found).toMatchObject([{ code: 'INVALID_BODY', path: 'derived.inputs[0].metric' }]);
      expect(found[0]?.message).toContain('turnover → growth → stake-per-bet → turnover');
      await metric('turnover', { simple: { event: 'bet', agg: 'SUM', expr: 'stake' } });
    });

    it('blocks a change that turns a metric into what others cannot use, and names them', async () => {
      const found = await gates([
        await metric('bets', {
          funnel: {
            order: 'ORDERED',
            window: '1d',
            steps: [
              { name: 'a', event: 'bet' },
              { name: 'b', event: 'bet' },
            ],
          },
        }),
      ]);
      expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
        expect.stringMatching(/^INVALID_BODY metric\/\*\/stake-per-bet ratio.denominator.metric/),
      ]);
      await metric('bets', { simple: { event: 'bet', agg: 'COUNT' } });
    });

    it('blocks the removal of a used document, and names every user', async () => {
      const bets = await metric('bets', { simple: { event: 'bet', agg: 'COUNT' } });
      expect(await gates([], [bets])).toMatchObject([
        { code: 'BROKEN_REFERENCE', message: expect.stringContaining('metric/*/stake-per-bet') },
      ]);
      const bet = await event('bet', [version('1.0.0', STAKE)]);
      const messages = (await gates([], [bet])).map(({ message }) => message.split(' ')[0]);
      expect([...new Set(messages)].sort()).toEqual(['metric/*/bets', 'metric/*/steps', 'metric/*/turnover']);
    });

    it('blocks a rollback to a schema without a field that a metric uses', async () => {
      const before = await event('visit', [version('1.0.0', {})]);
      await editor.land([before]);
      const release = await editor.land([
        await event('visit', [version('1.0.0', {}), version('1.1.0', { page: { type: 'string' } })]),
      ]);
      await editor.land([
        await metric('visits', { simple: { event: 'visit', agg: 'COUNT', dimensions: [{ name: 'page' }] } }),
      ]);
      const blocked = expectProblem(await editor.rollback(release.id), 'BLOCKED');
      expect(blocked.gates).toMatchObject([
        { code: 'INVALID_BODY', message: expect.stringContaining('visit has no field "page"') },
      ]);
    });
  });
});
