import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import type { GraphqlResult } from '../testing/graphql-client.js';
import { testWorld, type World } from '../testing/world.js';

/** A body, its invalid field, and the expected message. */
type BadBody = [what: string, body: object, path: string, says: RegExp];

const promo = (body: object): object => ({ promo: { title: 'Bad', ...body } });
const slots = (items: object[]): object => ({ layout: { page: 'bad', slots: [{ name: 'main', items }] } });
const inLondon = (schedule: object): object => promo({ schedule: { timeZone: 'Europe/London', ...schedule } });

const BAD_BODIES: BadBody[] = [
  [
    'a schedule that ends before it starts',
    inLondon({ from: '2026-07-02T00:00', to: '2026-07-01T00:00' }),
    'body.promo.schedule.to',
    /after/,
  ],
  [
    'a time that the clocks skip',
    inLondon({ from: '2026-03-29T01:30' }),
    'body.promo.schedule.from',
    /02:00|gap|skip/i,
  ],
  [
    'a time zone that does not exist',
    promo({ schedule: { from: '2026-07-01T00:00', timeZone: 'Mars/Olympus' } }),
    'body.promo.schedule.timeZone',
    /Mars\/Olympus/,
  ],
  ['an impossible percentage', promo({ audience: { percentage: 101 } }), 'body.promo.audience.percentage', /100/],
  ['a javascript: link', promo({ cta: { label: 'Go', href: 'javascript:alert(1)' } }), 'body.promo.cta.href', /https/],
  ['a data: image', promo({ image: { url: 'data:image/png;base64,AAAA', alt: '' } }), 'body.promo.image.url', /https/],
  ['a javascript: link in the text', promo({ text: '[x](javascript:alert(1))' }), 'body.promo.text', /https/],
  ['raw HTML in the text', promo({ text: 'hello <script>alert(1)</script>' }), 'body.promo.text', /HTML/],
  ['a megabyte of title', promo({ title: 'x'.repeat(1_000_000) }), 'body.promo.title', /200/],
  ['a NUL', promo({ subtitle: 'a\u0000b' }), 'body.promo.subtitle', /0000|NUL|control/i],
  ['a lone surrogate', promo({ badge: 'a\ud800' }), 'body.promo.badge', /surrogate/],
  ['a tag with upper case', promo({ tags: ['Football'] }), 'body.promo.tags[0]', /lower/],
  ['an item that is two things', slots([{ promo: 'a', component: 'b' }]), 'body.layout.slots[0].items[0]', /one of/],
  [
    'a limit of no promos',
    slots([{ promos: { tags: ['a'], limit: 0 } }]),
    'body.layout.slots[0].items[0].promos.limit',
    /1/,
  ],
  [
    'a schema that is no schema',
    { component: { name: 'X', propsSchema: { type: 'nonsense' } } },
    'body.component.propsSchema',
    /./,
  ],
];

describe('refused input', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('staging').environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  /** Rows of everything that a refused edit or release could leave behind. */
  const stored = async () =>
    Promise.all(
      ['document', 'draft', 'revision', 'release', 'release_item', 'outbox', 'audit_entry', 'idempotency_key'].map(
        async (table) => {
          const rows: { n: string }[] = await world.db.manager.query(`SELECT COUNT(*) AS n FROM \`${table}\``);
          return `${table}: ${rows[0]?.n}`;
        },
      ),
    );

  async function leavesNothing(request: () => Promise<GraphqlResult>): Promise<GraphqlResult> {
    const before = await stored();
    const result = await request();
    expect(await stored()).toEqual(before);
    return result;
  }

  const fieldsOf = (result: GraphqlResult) =>
    expectProblem(result, 'VALIDATION').fields as { path: string; message: string }[];

  it.each(BAD_BODIES)('names %s', async (_, body, path, says) => {
    const result = await leavesNothing(() => editor.saveDraft({ key: 'bad', site: 'acme-uk', body }));
    const found = fieldsOf(result).filter((field) => field.path === path || field.path.startsWith(`${path}.`));
    expect({ fields: fieldsOf(result).map((field) => field.path), found: found.length > 0 }).toMatchObject({
      found: true,
    });
    expect(found.map((field) => field.message).join()).toMatch(says);
  });

  it('tells all mistakes of a body at once', async () => {
    const body = promo({ cta: { label: '', href: 'data:x' }, tags: ['A'], audience: { percentage: -1 } });
    const paths = fieldsOf(await leavesNothing(() => editor.saveDraft({ key: 'bad', site: 'acme-uk', body }))).map(
      (field) => field.path,
    );
    expect(paths).toEqual(
      expect.arrayContaining([
        'body.promo.cta.label',
        'body.promo.cta.href',
        'body.promo.tags[0]',
        'body.promo.audience.percentage',
      ]),
    );
  });

  it.each(['Upper', 'with/slash', '', 'a b', '-a', 'x'.repeat(101), '../etc'])('refuses the key %j', async (key) => {
    expect(
      fieldsOf(await leavesNothing(() => editor.saveDraft({ key, site: 'acme-uk', body: promo({}) }))),
    ).toMatchObject([{ path: 'key' }]);
  });

  it('refuses a site that there is not', async () => {
    const result = await leavesNothing(() => editor.saveDraft({ key: 'bad', site: 'acme-fr', body: promo({}) }));
    expect(fieldsOf(result)).toMatchObject([{ path: 'site', message: expect.stringContaining('acme-fr') }]);
  });

  it('refuses fields that a body does not have', async () => {
    const result = await leavesNothing(() =>
      editor.saveDraft({ key: 'bad', site: 'acme-uk', body: promo({ colour: 'red' }) }),
    );
    expect(result.status).toBe(400);
    expect(result.errors[0]?.message).toContain('colour');
  });

  it('refuses a stale draft and shows the present one', async () => {
    await editor.promo('stale', { title: 'first' });
    await editor.promo('stale', { title: 'second' });
    const draft = { key: 'stale', site: 'acme-uk', lockVersion: 1, body: promo({ title: 'mine' }) };
    const problem = expectProblem(await leavesNothing(() => editor.saveDraft(draft)), 'STALE');
    expect(problem.current).toMatchObject({ lockVersion: 2, body: { title: 'second' } });
    const unseen = expectProblem(
      await leavesNothing(() => editor.saveDraft({ key: 'stale', site: 'acme-uk', body: promo({}) })),
      'STALE',
    );
    expect(unseen.current).toMatchObject({ lockVersion: 2 });
  });

  it('lets one of two creators of a document win', async () => {
    const draft = { key: 'both', site: 'acme-uk', body: promo({}) };
    const results = await Promise.all([editor.saveDraft(draft), editor.saveDraft(draft)]);
    const names = results.map((result) => (result.data?.saveDraft as { __typename: string }).__typename);
    expect(names.sort()).toEqual(['Document', 'StaleProblem']);
  });

  it('refuses a release without documents, with unknown or repeated documents, or without an environment', async () => {
    const id = await editor.promo('listed');
    expect(fieldsOf(await leavesNothing(() => editor.createRelease([])))).toMatchObject([{ path: 'documents' }]);
    expect(fieldsOf(await leavesNothing(() => editor.createRelease([id, 'nobody'])))).toMatchObject([
      { path: 'documents[1]' },
    ]);
    expect(fieldsOf(await leavesNothing(() => editor.createRelease([id, id])))).toMatchObject([
      { path: 'documents', message: expect.stringContaining('twice') },
    ]);
    expect(fieldsOf(await leavesNothing(() => editor.createRelease([id], { remove: [id] })))).toMatchObject([
      { path: 'remove' },
    ]);
    const unknown = fieldsOf(await leavesNothing(() => editor.createRelease([id], { environment: 'nowhere' })));
    expect(unknown).toMatchObject([{ path: 'environment', message: expect.stringContaining('production, staging') }]);
  });

  it('refuses a layout that names a missing promo, and props that do not fit, by gates of the plan', async () => {
    const component = expectOk(
      await editor.saveDraft({
        key: 'strict',
        body: {
          component: {
            name: 'Strict',
            propsSchema: { type: 'object', required: ['theme'], properties: { theme: { type: 'string' } } },
          },
        },
      }),
    );
    const promoId = await editor.promo('unfit', { component: 'strict', props: { theme: 7 } });
    const layoutId = await editor.layout('missing', {
      page: 'missing',
      slots: [{ name: 'a', items: [{ promo: 'nobody' }] }],
    });
    const created = expectOk(
      await editor.createRelease([String(component.id), promoId, layoutId]),
    ) as unknown as Release;
    const result = await leavesNothing(() => editor.publish(created.id, created.plan?.planHash ?? ''));
    expect(expectProblem(result, 'BLOCKED').gates).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ code: 'BROKEN_REFERENCE', documentId: layoutId, path: 'slots[0].items[0].promo' }),
        expect.objectContaining({ code: 'INVALID_BODY', documentId: promoId, path: expect.stringContaining('props') }),
      ]),
    );
  });

  it('refuses a stale planHash, an unknown release, and an empty key', async () => {
    const created = expectOk(await editor.createRelease([await editor.promo('hashed')])) as unknown as Release;
    const stale = expectProblem(await leavesNothing(() => editor.publish(created.id, '0'.repeat(64))), 'STALE');
    expect(stale.planHash).toBe(created.plan?.planHash);
    expectProblem(await leavesNothing(() => editor.publish('nobody', '0')), 'NOT_FOUND');
    const unkeyed = await leavesNothing(() => editor.publish(created.id, created.plan?.planHash ?? '', ''));
    expect(fieldsOf(unkeyed)).toMatchObject([{ path: 'idempotencyKey' }]);
  });

  it('refuses who lacks the grant, for this environment, kind or site, and names it to who may read', async () => {
    const created = expectOk(await editor.createRelease([await editor.promo('guarded')])) as unknown as Release;
    const [viewer, stager, elsewhere] = [
      new Editor(await world.signedIn('VIEWER')),
      new Editor(await world.signedIn('PUBLISHER', { environment: 'staging' })),
      new Editor(await world.signedIn('PUBLISHER', { site: 'acme-ie' })),
    ];
    const publishing = await leavesNothing(() => viewer.publish(created.id, created.plan?.planHash ?? ''));
    expect(expectProblem(publishing, 'FORBIDDEN').message).toContain('release:publish');
    // Who may not read the release is answered as if there were none.
    for (const who of [stager, elsewhere]) {
      const result = await leavesNothing(() => who.publish(created.id, created.plan?.planHash ?? ''));
      expect(expectProblem(result, 'NOT_FOUND').message).toBe(`id: there is no release ${created.id}`);
    }
    expectProblem(
      await leavesNothing(() => viewer.saveDraft({ key: 'x', site: 'acme-uk', body: promo({}) })),
      'FORBIDDEN',
    );
    expectProblem(
      await leavesNothing(() => elsewhere.saveDraft({ key: 'x', site: 'acme-uk', body: promo({}) })),
      'FORBIDDEN',
    );
  });
});
