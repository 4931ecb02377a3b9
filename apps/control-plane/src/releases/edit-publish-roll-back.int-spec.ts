import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import { testWorld, type World } from '../testing/world.js';

describe('edit, publish, take back', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world
      .seed()
      .site('acme-uk')
      .site('acme-ie', { jurisdiction: 'IE' })
      .environment('staging')
      .environment('production');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  it('walks from a draft to a live page and back, with a plan that shows everything first', async () => {
    const promo = await editor.promo('walk', { tags: ['walking'] });
    const layout = await editor.layout('walk-page', {
      page: 'walk',
      slots: [{ name: 'hero', items: [{ promo: 'walk' }] }],
    });
    const first = await editor.land([promo, layout], { title: 'Walk' });
    expect(first).toMatchObject({ state: 'LANDED', type: 'FORWARD', plan: null });
    expect(await editor.live()).toMatchObject({ 'promo/acme-uk/walk': 'walk', 'layout/acme-uk/walk-page': 'walk' });

    await editor.promo('walk', { title: 'Run', tags: ['walking'] });
    const created = expectOk(await editor.createRelease([promo]), 'Release') as unknown as Release;
    expect(created.plan).toMatchObject({
      gates: [],
      diff: [
        {
          document: 'promo/acme-uk/walk',
          op: 'PUT',
          revision: 2,
          previousRevision: 1,
          changes: [{ path: 'title', op: 'CHANGE' }],
        },
      ],
      impact: {
        sites: ['acme-uk'],
        jurisdictions: ['GB'],
        pages: [{ site: 'acme-uk', page: 'walk', slots: ['hero'] }],
      },
    });
    const second = expectOk(await editor.publish(created.id, created.plan?.planHash ?? '')) as unknown as Release;
    expect(second.seq).toBe(first.seq + 1);
    expect((await editor.live())['promo/acme-uk/walk']).toBe('Run');

    const back = expectOk(await editor.rollback(second.id)) as unknown as Release;
    expect(back).toMatchObject({
      type: 'ROLLBACK',
      seq: second.seq + 1,
      stateHash: first.stateHash,
      reverts: { seq: second.seq },
    });
    expect((await editor.live())['promo/acme-uk/walk']).toBe('walk');
    expect((await editor.live('production', second.seq))['promo/acme-uk/walk']).toBe('Run');

    const again = expectOk(await editor.rollback(back.id)) as unknown as Release;
    expect(again.stateHash).toBe(second.stateHash);
  });

  it('pins revisions: a later edit of the draft does not touch the release', async () => {
    const promo = await editor.promo('pinned', { title: 'as reviewed' });
    const created = expectOk(await editor.createRelease([promo])) as unknown as Release;
    await editor.promo('pinned', { title: 'edited since' });
    expectOk(await editor.publish(created.id, created.plan?.planHash ?? ''));
    expect((await editor.live())['promo/acme-uk/pinned']).toBe('as reviewed');
  });

  it('makes no new revision of a draft that did not change', async () => {
    const promo = await editor.promo('same');
    const landed = await editor.land([promo]);
    const again = expectOk(await editor.createRelease([promo]), 'Release') as unknown as Release;
    expect([landed, again].map((release) => release.items[0]?.revision)).toEqual([1, 1]);
    expect(again.plan?.gates).toMatchObject([{ code: 'EMPTY_RELEASE' }]);
  });

  it('removes a document by a release, refuses while a live layout needs it, and restores it by a rollback', async () => {
    const promo = await editor.promo('short-lived');
    const layout = await editor.layout('needs-it', {
      page: 'needs-it',
      slots: [{ name: 'a', items: [{ promo: 'short-lived' }] }],
    });
    await editor.land([promo, layout]);
    const refused = expectOk(await editor.createRelease([], { remove: [promo] })) as unknown as Release;
    const blocked = expectProblem(await editor.publish(refused.id, refused.plan?.planHash ?? ''), 'BLOCKED');
    expect(blocked.gates).toMatchObject([
      { code: 'BROKEN_REFERENCE', documentId: layout, path: 'slots[0].items[0].promo' },
    ]);

    const removed = await editor.land([], { remove: [promo, layout] });
    expect(removed.items.map((item) => item.op)).toEqual(['REMOVE', 'REMOVE']);
    expect(await editor.live()).not.toHaveProperty('promo/acme-uk/short-lived');
    expectOk(await editor.rollback(removed.id));
    expect(await editor.live()).toMatchObject({
      'promo/acme-uk/short-lived': 'short-lived',
      'layout/acme-uk/needs-it': 'needs-it',
    });
  });

  it('takes one document back to a revision that was live, and to no other', async () => {
    const promo = await editor.promo('single', { title: 'one' });
    await editor.land([promo]);
    await editor.promo('single', { title: 'two' });
    await editor.land([promo]);
    await editor.promo('single', { title: 'never live' });
    expectOk(await editor.createRelease([promo]));
    const never = expectProblem(await editor.rollbackDocument(promo, 3), 'VALIDATION');
    expect(never.fields).toMatchObject([{ path: 'toRevision', code: 'NEVER_LIVE' }]);
    expectOk(await editor.rollbackDocument(promo, 1), 'Release');
    expect((await editor.live())['promo/acme-uk/single']).toBe('one');
    expectProblem(await editor.rollbackDocument(promo, 1), 'BLOCKED');
  });

  it('shows what later releases built upon before it rolls back, and lets the operator keep it', async () => {
    const [a, b] = [await editor.promo('over-a', { title: 'a1' }), await editor.promo('over-b', { title: 'b1' })];
    await editor.land([a, b]);
    await editor.promo('over-a', { title: 'a2' });
    await editor.promo('over-b', { title: 'b2' });
    const middle = await editor.land([a, b], { title: 'Middle' });
    await editor.promo('over-a', { title: 'a3' });
    await editor.land([a], { title: 'On top' });

    const shown = expectProblem(await editor.rollback(middle.id), 'BLOCKED');
    expect(shown.gates).toMatchObject([{ code: 'OVERLAP', documentId: a, message: expect.stringContaining('On top') }]);
    expectOk(await editor.rollback(middle.id, { keep: [a] }), 'Release');
    expect(await editor.live()).toMatchObject({ 'promo/acme-uk/over-a': 'a3', 'promo/acme-uk/over-b': 'b1' });
    expectOk(await editor.rollback(middle.id, { keep: [] }), 'Release');
    expect(await editor.live()).toMatchObject({ 'promo/acme-uk/over-a': 'a1', 'promo/acme-uk/over-b': 'b1' });
    const foreign = expectProblem(await editor.rollback(middle.id, { keep: ['elsewhere'] }), 'VALIDATION');
    expect(foreign.fields).toMatchObject([{ path: 'keep[0]', code: 'NOT_IN_RELEASE' }]);
  });

  it('carries the same revisions from staging to production', async () => {
    const promo = await editor.promo('promoted', { title: 'tested' });
    const staged = await editor.land([promo], { environment: 'staging' });
    await editor.promo('promoted', { title: 'not tested' });
    const promoted = expectOk(
      await editor.client.send(
        'mutation ($input: PromoteReleaseInput!) { promoteRelease(input: $input) { ... on Release { id } ... on Problem { code message } } }',
        {
          input: { id: staged.id, to: 'production' },
        },
      ),
    );
    const release = await editor.release(String(promoted.id));
    expect(release).toMatchObject({ environment: 'production', state: 'DRAFT', items: [{ revision: 1 }] });
    expectOk(await editor.publish(release.id, release.plan?.planHash ?? ''));
    expect((await editor.live())['promo/acme-uk/promoted']).toBe('tested');
  });

  it('promotes nothing for a publisher of staging alone, and says nothing of its state', async () => {
    const promo = await editor.promo('promoted-by-none');
    const landed = await editor.land([promo], { environment: 'staging' });
    await editor.promo('promoted-by-none', { title: 'again' });
    const pending = expectOk(
      await editor.createRelease([promo], { environment: 'staging' }),
      'Release',
    ) as unknown as Release;
    const local = await world.signedIn('PUBLISHER', { environment: 'staging' });
    const promote = (id: string) =>
      local.send(
        'mutation ($input: PromoteReleaseInput!) { promoteRelease(input: $input) { __typename ... on Problem { code message } } }',
        {
          input: { id, to: 'production' },
        },
      );
    const [ofLanded, ofPending] = [
      expectProblem(await promote(landed.id), 'FORBIDDEN'),
      expectProblem(await promote(pending.id), 'FORBIDDEN'),
    ];
    expect(ofPending).toEqual(ofLanded);
  });
});
