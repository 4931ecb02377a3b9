import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor } from '../testing/editor.js';
import { expectError, expectOk } from '../testing/expect-result.js';
import type { GraphqlClient } from '../testing/graphql-client.js';
import { testWorld, type World } from '../testing/world.js';
import { EnvironmentRow, ReleaseRow } from '../releases/release.entity.js';

const STATE = `query ($at: DateTime, $seq: Int, $visitor: VisitorInput, $kind: Kind, $after: String, $first: Int! = 100) {
  stateAt(environment: "production", at: $at, seq: $seq, visitor: $visitor, kind: $kind, first: $first, after: $after) {
    nodes { number seenAt { page slot } document { site key } } pageInfo { hasNextPage endCursor } } }`;

interface Entry {
  number: number;
  seenAt: { page: string; slot: string | null }[] | null;
  document: { site: string; key: string };
}

describe('what was live at a point in time', () => {
  let world: World;
  let client: GraphqlClient;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').site('acme-ie', { jurisdiction: 'IE' }).environment('production');
    // As if the installation were some months old.
    await world.db.manager.update(
      EnvironmentRow,
      { name: 'production' },
      { createdAt: new Date('2026-01-01T00:00:00Z') },
    );
    client = await world.signedIn('PUBLISHER');
    editor = new Editor(client);
    const common = String(
      expectOk(await editor.saveDraft({ key: 'common', body: { promo: { title: 'For all sites' } } }), 'Document').id,
    );
    const promos = [
      common,
      await editor.promo('common', { title: 'Of the British site' }),
      await editor.promo('gb-mobile', { audience: { jurisdictions: ['GB'], devices: ['mobile'] } }),
      await editor.promo('im', { audience: { jurisdictions: ['IM'] } }),
      await editor.promo('evening', {
        schedule: { from: '2026-03-03T18:00', to: '2026-03-03T22:00', timeZone: 'Europe/London' },
      }),
      await editor.promo('tagged', { tags: ['offers'], priority: 1 }),
      await editor.promo('tagged-more', { tags: ['offers'], priority: 2 }),
      await editor.promo('unplaced'),
    ];
    const layout = await editor.layout('home', {
      page: 'home',
      slots: [
        { name: 'hero', items: [{ promo: 'common' }, { promo: 'gb-mobile' }, { promo: 'im' }, { promo: 'evening' }] },
        { name: 'offers', items: [{ promos: { tags: ['offers'], limit: 1 } }] },
      ],
    });
    const landed = await editor.land([...promos, layout]);
    await world.db.manager.update(ReleaseRow, { id: landed.id }, { landedAt: new Date('2026-03-01T00:00:00Z') });
    const later = await editor.land([await editor.promo('common', { title: 'Later' })]);
    await world.db.manager.update(ReleaseRow, { id: later.id }, { landedAt: new Date('2026-04-01T00:00:00Z') });
  });
  afterAll(() => world.close());

  const state = async (variables: object, as = client) => {
    const { nodes } = expectOk(await as.send(STATE, { ...variables }));
    return Object.fromEntries(
      (nodes as Entry[]).map(({ number, seenAt, document: { site, key } }) => [
        `${site}/${key}@${number}`,
        seenAt === null ? null : seenAt.map(({ page, slot }) => `${page}/${slot}`),
      ]),
    );
  };

  it('for a visitor is what applied to them, and where it stood', async () => {
    const visitor = { site: 'acme-uk', device: 'mobile' };
    expect(await state({ at: '2026-03-03T19:00:00Z', visitor })).toEqual({
      'acme-uk/common@1': ['home/hero'],
      'acme-uk/gb-mobile@1': ['home/hero'],
      'acme-uk/evening@1': ['home/hero'],
      'acme-uk/tagged@1': [],
      'acme-uk/tagged-more@1': ['home/offers'],
      'acme-uk/unplaced@1': [],
      'acme-uk/home@1': ['home/null'],
    });
    // Next evening, on the Isle of Man, at a desk.
    expect(
      Object.keys(await state({ at: '2026-03-04T19:00:00Z', visitor: { site: 'acme-uk', jurisdiction: 'IM' } })),
    ).toEqual(expect.arrayContaining(['acme-uk/im@1']));
    const desk = await state({ at: '2026-03-04T19:00:00Z', visitor: { site: 'acme-uk' } });
    for (const absent of ['im', 'evening', 'gb-mobile']) expect(desk).not.toHaveProperty(`acme-uk/${absent}@1`);
  });

  it('has the revisions of that time, and the document for all sites where a site has none of its own', async () => {
    expect(await state({ at: '2026-04-02T00:00:00Z', visitor: { site: 'acme-uk' } })).toHaveProperty(
      'acme-uk/common@2',
    );
    expect(await state({ at: '2026-04-02T00:00:00Z', visitor: { site: 'acme-ie' } })).toEqual({ '*/common@1': [] });
    // After a release: schedules as they were when it landed.
    expect(await state({ seq: 1, visitor: { site: 'acme-uk' } })).not.toHaveProperty('acme-uk/evening@1');
    expect(await state({ at: '2026-03-03T19:00:00Z' })).toMatchObject({
      'acme-uk/evening@1': null,
      '*/common@1': null,
    });
  });

  it('is paged for a visitor as it is without one', async () => {
    const variables = { at: '2026-03-03T19:00:00Z', visitor: { site: 'acme-uk' } };
    const whole = Object.keys(await state(variables));
    const paged: string[] = [];
    for (let after: string | null = null; ;) {
      const page = expectOk(await client.send(STATE, { ...variables, first: 2, after }));
      const { nodes, pageInfo } = page as unknown as {
        nodes: Entry[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      paged.push(...nodes.map(({ document, number }) => `${document.site}/${document.key}@${number}`));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(paged).toEqual(whole);
    expect(Object.keys(await state({ ...variables, kind: 'LAYOUT' }))).toEqual(['acme-uk/home@1']);
  });

  it.each([
    ['the future', { at: '2999-12-24T00:00:00Z' }, 'at: 2999-12-24T00:00:00.000Z is still to come'],
    ['the time before the environment', { at: '2025-12-31T00:00:00Z' }, 'production exists since 2026-01-01'],
    ['a release that has not landed', { seq: 99 }, 'release 99 has not landed'],
    ['both', { seq: 1, at: '2026-03-03T19:00:00Z' }, 'send either seq or at'],
    ['a site that there is not', { visitor: { site: 'nowhere' } }, 'there is no site "nowhere"'],
  ])('is not known of %s', async (_, variables, message) => {
    expect(expectError(await client.send(STATE, variables), 'BAD_USER_INPUT').message).toContain(message);
  });

  it.each([{ jurisdiction: 'UK' }, { locale: 'xx-YY' }, { device: 'fridge' }])(
    'refuses the visitor %j',
    async (wrong) => {
      const { errors } = await client.send(STATE, { visitor: { site: 'acme-uk', ...wrong } });
      expect(errors[0]?.message).toContain(`visitor.${Object.keys(wrong)[0]}`);
    },
  );

  it('is what the caller may read of it', async () => {
    const irish = await world.signedIn('EDITOR', { site: 'acme-ie' });
    expectError(await irish.send(STATE, { visitor: { site: 'acme-uk' } }), 'BAD_USER_INPUT');
    const promos = await world.signedIn('VIEWER', { kind: 'promo', site: 'acme-uk' });
    expect(await state({ visitor: { site: 'acme-uk' } }, promos)).toMatchObject({ 'acme-uk/unplaced@1': [] });
    expect(await state({ visitor: { site: 'acme-uk' } }, promos)).not.toHaveProperty('*/common@1');
  });
});
