import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor } from '../testing/editor.js';
import { expectError, expectOk } from '../testing/expect-result.js';
import type { GraphqlClient } from '../testing/graphql-client.js';
import { testWorld, type World } from '../testing/world.js';

interface Found {
  path: string;
  code: string;
  message: string;
  severity: 'ERROR' | 'WARNING';
}

describe('problems of a draft', () => {
  let world: World;
  let client: GraphqlClient;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world
      .seed()
      .site('acme-uk')
      .site('acme-ie', { jurisdiction: 'IE' })
      .environment('staging')
      .environment('production');
    client = await world.signedIn('PUBLISHER');
    editor = new Editor(client);
  });
  afterAll(() => world.close());

  const save = async (key: string, body: object, site?: string): Promise<string> =>
    String(expectOk(await editor.saveDraft({ key, body, ...(site ? { site } : {}) }), 'Document').id);
  const ask = (id: string, environment?: string, as: GraphqlClient = client) =>
    as.send(
      `query ($id: ID!, $environment: String) { document(id: $id) { draft { problems(environment: $environment) { path code message severity } } } }`,
      { id, environment: environment ?? null },
    );
  const problems = async (id: string, environment?: string, as?: GraphqlClient): Promise<Found[]> => {
    const { draft } = expectOk(await ask(id, environment, as)) as { draft: { problems: Found[] } };
    return draft.problems;
  };
  const brief = async (id: string, environment?: string) =>
    (await problems(id, environment)).map(({ severity, code, path }) => `${severity} ${code} ${path}`);
  const gatesOf = async (id: string) => {
    const { plan } = expectOk(await editor.createRelease([id]), 'Release') as {
      plan: { gates: { code: string; path: string | null }[] };
    };
    return plan.gates;
  };

  it('are those that its plan has as gates: props that do not fit their component', async () => {
    const schema = { type: 'object', properties: { theme: { enum: ['dark', 'light'] } }, required: ['size'] };
    const component = await save('hero-banner', { component: { name: 'Hero', description: 'h', propsSchema: schema } });
    const promo = await editor.promo('themed', { component: 'hero-banner', props: { theme: 'blue' } });
    const found = await problems(promo);
    expect(found.map(({ path, severity }) => `${severity} ${path}`).sort()).toEqual([
      'ERROR props.size',
      'ERROR props.theme',
    ]);

    // In an environment, beside what is live there: the component is not.
    expect(await brief(promo, 'production')).toEqual(['ERROR UNKNOWN_REFERENCE component']);
    await editor.land([component]);
    expect((await problems(promo, 'production')).map(({ path }) => path)).toEqual(found.map(({ path }) => path));
    expect(await brief(promo, 'staging')).toEqual(['ERROR UNKNOWN_REFERENCE component']);
    const gates = await gatesOf(promo);
    expect(gates.map(({ code, path }) => `${code} ${path}`).sort()).toEqual([
      'INVALID_BODY props.size',
      'INVALID_BODY props.theme',
    ]);
  });

  it('name fields that no event schema has', async () => {
    await save('bet_settled', {
      eventSchema: {
        event: 'bet_settled',
        fields: { id: 'id', time: 'at' },
        versions: [
          {
            version: '1.0.0',
            schema: {
              type: 'object',
              required: ['id', 'at'],
              properties: {
                id: { type: 'string' },
                at: { type: 'string', format: 'date-time' },
                stake: { type: 'number' },
              },
            },
          },
        ],
      },
    });
    const metric = await save('stakes', {
      metric: { title: 'Stakes', simple: { event: 'bet_settled', agg: 'SUM', expr: 'stak' } },
    });
    const [problem, ...others] = await problems(metric);
    expect(problem).toMatchObject({ severity: 'ERROR', path: expect.stringContaining('simple') });
    expect(problem?.message).toContain('stak');
    expect(others).toEqual([]);
  });

  it('say that no visitor will see a part, as the notes and gates of its plan do', async () => {
    const promo = await editor.promo('nowhere', {
      audience: { sites: ['acme-ukk'], jurisdictions: ['FR'], percentage: 0 },
      schedule: { to: '2020-01-01T00:00', timeZone: 'UTC' },
    });
    const expected = [
      'ERROR UNKNOWN_SITE audience.sites[0]',
      'WARNING JURISDICTION_WITHOUT_VISITORS audience.jurisdictions[0]',
      'WARNING PERCENTAGE_ZERO audience.percentage',
      'WARNING SCHEDULE_ENDED schedule.to',
    ];
    expect(await brief(promo)).toEqual(expected);
    expect(await brief(promo, 'production')).toEqual(expected);
    const created = expectOk(await editor.createRelease([promo]), 'Release');
    const { data } = await client.send(
      `{ release(id: "${String(created.id)}") { plan { gates { code severity } notes { code severity path documentId } } } }`,
    );
    expect(data?.release).toEqual({
      plan: {
        gates: [{ code: 'UNKNOWN_SITE', severity: 'ERROR' }],
        notes: [
          ['JURISDICTION_WITHOUT_VISITORS', 'audience.jurisdictions[0]'],
          ['PERCENTAGE_ZERO', 'audience.percentage'],
          ['SCHEDULE_ENDED', 'schedule.to'],
        ].map(([code, path]) => ({ code, path, severity: 'WARNING', documentId: promo })),
      },
    });
  });

  it('refuse a site for which the document is not, and a jurisdiction of another site is pointed out', async () => {
    expect(await brief(await editor.promo('elsewhere', { audience: { sites: ['acme-ie'] } }))).toEqual([
      'ERROR SITE_OUT_OF_SCOPE audience.sites[0]',
    ]);
    expect(await brief(await editor.promo('abroad', { audience: { jurisdictions: ['IE'] } }))).toEqual([
      'WARNING NO_VISITOR audience',
    ]);
    const layout = await editor.layout('parts', {
      page: 'parts',
      slots: [{ name: 'hero', items: [{ promo: 'abroad' }, { promo: 'abroad', audience: { percentage: 0 } }] }],
    });
    expect(await brief(layout)).toEqual(['WARNING PERCENTAGE_ZERO slots[0].items[1].audience.percentage']);
  });

  it('say that a market rule protects no one', async () => {
    const rule = await save('hide-all', {
      marketRule: {
        match: { everything: true },
        audience: { jurisdictions: ['FR'] },
        effect: 'HIDE',
        reason: 'no licence',
      },
    });
    expect(await brief(rule, 'production')).toEqual([
      'WARNING JURISDICTION_WITHOUT_VISITORS audience.jurisdictions[0]',
    ]);
    const admin = await world.signedIn('ADMIN');
    expectOk(
      await admin.send(
        `mutation { createClientKey(input: { environment: "production", consumer: "web", jurisdiction: "FR", scopes: [READ] }) {
          ... on ClientKeyCreated { key } ... on Problem { code message } } }`,
      ),
    );
    expect(await brief(rule, 'production')).toEqual([]);
    expect(await brief(rule, 'staging')).toEqual(['WARNING JURISDICTION_WITHOUT_VISITORS audience.jurisdictions[0]']);
  });

  it('name another draft that claims the same page', async () => {
    const body = { page: 'claimed', slots: [] };
    const first = await editor.layout('claim-a', body);
    await editor.land([first]);
    const second = await editor.layout('claim-b', body);
    expect(await brief(second)).toEqual(['ERROR DUPLICATE_CLAIM ']);
    expect(await brief(second, 'production')).toEqual(['ERROR DUPLICATE_CLAIM ']);
    expect(await brief(second, 'staging')).toEqual([]);
  });

  it('exclude problems of the moment: a draft that equals its live body has none', async () => {
    const promo = await editor.promo('live');
    await editor.land([promo]);
    expect(await brief(promo, 'production')).toEqual([]);
  });

  it('are refused for an environment that there is not, or that the caller may not read', async () => {
    const promo = await editor.promo('environment');
    expectError(await ask(promo, 'nowhere'), 'BAD_USER_INPUT');
    const staging = await world.signedIn('EDITOR', { environment: 'staging' });
    expectError(await ask(promo, 'production', staging), 'FORBIDDEN');
    expect(await problems(promo, 'staging', staging)).toEqual([]);
  });
});
