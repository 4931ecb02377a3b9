import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import type { GraphqlClient, GraphqlResult } from '../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';
import { AuditEntryRow } from '../audit/audit.entity.js';

const RELEASE = `... on Release { id state title reason scheduledAt scheduledBy { id name } plan { planHash gates { code } }
  items { op revision document { key } } } ... on Problem { code message } ... on ValidationProblem { fields { path code message } }`;

describe('releases that have not landed', () => {
  let world: World;
  let publisher: SignedInClient;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').site('acme-ie').environment('production');
    publisher = await world.signedIn('PUBLISHER');
    editor = new Editor(publisher);
  });
  afterAll(() => world.close());

  const create = async (documents: string[], more = {}) =>
    expectOk(await editor.createRelease(documents, more), 'Release') as unknown as Release;
  const update = (input: object, client: GraphqlClient = publisher): Promise<GraphqlResult> =>
    client.send(`mutation ($input: UpdateReleaseInput!) { updateRelease(input: $input) { __typename ${RELEASE} } }`, {
      input,
    });
  const drop = (id: string, client: GraphqlClient = publisher): Promise<GraphqlResult> =>
    client.send(`mutation ($input: DropReleaseInput!) { dropRelease(input: $input) { __typename ${RELEASE} } }`, {
      input: { id, reason: 'not needed' },
    });
  const codes = (result: GraphqlResult) =>
    (expectProblem(result, 'VALIDATION').fields as { path: string; code: string }[]).map(
      ({ path, code }) => `${path} ${code}`,
    );
  const audited = (targetId: string, action: string) => world.db.manager.countBy(AuditEntryRow, { targetId, action });

  it('are edited: title, reason, documents to publish, to remove and to leave out', async () => {
    const [one, two, three] = [await editor.promo('one'), await editor.promo('two'), await editor.promo('three')];
    await editor.land([three]);
    const release = await create([one]);
    await editor.promo('one', { title: 'One again' });
    const edited = expectOk(
      await update({ id: release.id, title: 'Better', reason: 'asked for', documents: [one, two], remove: [three] }),
      'Release',
    );
    expect(edited).toMatchObject({ state: 'DRAFT', title: 'Better', reason: 'asked for', plan: { gates: [] } });
    const items = (edited.items as { op: string; revision: number | null; document: { key: string } }[]).map(
      ({ op, revision, document }) => `${op} ${document.key} ${revision}`,
    );
    expect(items.sort()).toEqual(['PUT one 2', 'PUT two 1', 'REMOVE three null']);

    const without = expectOk(await update({ id: release.id, leaveOut: [two, three] }), 'Release');
    expect(without).toMatchObject({
      title: 'Better',
      reason: 'asked for',
      items: [{ op: 'PUT', document: { key: 'one' } }],
    });
    expect(await audited(release.id, 'release.updated')).toBe(2);
    const hash = (without.plan as { planHash: string }).planHash;
    expect(hash).not.toBe(release.plan?.planHash);
    expectProblem(await editor.publish(release.id, release.plan?.planHash ?? ''), 'STALE');
    expectOk(await editor.publish(release.id, hash), 'Release');
    expect(codes(await update({ id: release.id, title: 'Too late' }))).toEqual(['id WRONG_STATE']);
  });

  it('are refused edits that contradict themselves, all of them at once', async () => {
    const [one, two] = [await editor.promo('c-one'), await editor.promo('c-two')];
    const { id } = await create([one]);
    expect(codes(await update({ id, documents: [one, one, 'nope'], leaveOut: [one, two] }))).toEqual([
      'documents DUPLICATE',
      'leaveOut[0] CONTRADICTION',
      'documents[2] UNKNOWN_DOCUMENT',
    ]);
    expect(codes(await update({ id, leaveOut: [one] }))).toEqual(['leaveOut EMPTY']);
    expect(codes(await update({ id, leaveOut: [two] }))).toEqual(['leaveOut[0] NOT_IN_RELEASE']);
    expect((await editor.release(id)).items).toHaveLength(1);
  });

  it('are not edited by those who may not write all of them', async () => {
    const { id } = await create([await editor.promo('mine')]);
    const irish = await editor.promo('theirs', {}, 'acme-ie');
    const british = await world.signedIn('EDITOR', { site: 'acme-uk' });
    expect(codes(await update({ id, documents: [irish] }, british))).toEqual(['documents[0] UNKNOWN_DOCUMENT']);
    expectOk(await update({ id, documents: [irish] }), 'Release');
    expectProblem(await update({ id, title: 'Mine' }, british), 'FORBIDDEN');
    expectProblem(await drop(id, british), 'FORBIDDEN');
    expectProblem(await drop(id, await world.signedIn('EDITOR', { site: 'acme-de' })), 'NOT_FOUND');
  });

  it('are dropped once, also when asked twice, and stay in the history', async () => {
    const { id, plan } = await create([await editor.promo('dropped')]);
    expect(expectOk(await drop(id), 'Release')).toMatchObject({ state: 'DROPPED', plan: null });
    const [again, atOnce] = await Promise.all([drop(id), drop(id)]);
    for (const result of [again, atOnce]) expect(expectOk(result, 'Release')).toMatchObject({ state: 'DROPPED' });
    expect(await audited(id, 'release.dropped')).toBe(1);
    const { data } = await publisher.send(
      '{ releases(environment: "production", state: DROPPED, first: 10) { nodes { id } } }',
    );
    expect(data?.releases).toEqual({ nodes: [{ id }] });
    for (const refused of [
      await editor.publish(id, plan?.planHash ?? ''),
      await editor.schedule(id, new Date(Date.now() + 60_000)),
      await update({ id, title: 'Again' }),
    ])
      expect(codes(refused)).toEqual(['id WRONG_STATE']);
  });

  it('say who scheduled them, and are dropped with their schedule by those who may publish', async () => {
    const { id } = await create([await editor.promo('scheduled')]);
    expectOk(await editor.schedule(id, new Date(Date.now() + 3_600_000)), 'Release');
    const { data } = await publisher.send(`{ release(id: "${id}") { scheduledBy { id name } landedBy { id } } }`);
    expect(data?.release).toMatchObject({ scheduledBy: { id: publisher.actor.id }, landedBy: null });
    expectProblem(await drop(id, await world.signedIn('EDITOR')), 'FORBIDDEN');
    expect(expectOk(await drop(id), 'Release')).toMatchObject({ state: 'DROPPED' });
  });

  it('that have landed are not dropped', async () => {
    const { id } = await editor.land([await editor.promo('landed')]);
    expect(codes(await drop(id))).toEqual(['id WRONG_STATE']);
  });

  it('do not land when they change nothing, and a rollback that changes nothing reports that', async () => {
    const promo = await editor.promo('same');
    const first = await editor.land([promo]);
    const repeated = await create([promo]);
    expect(repeated.plan?.gates).toMatchObject([{ code: 'EMPTY_RELEASE' }]);
    expectProblem(await editor.publish(repeated.id, repeated.plan?.planHash ?? ''), 'BLOCKED');

    await editor.promo('same', { title: 'other' });
    const second = await editor.land([promo]);
    await editor.promo('same');
    const third = await editor.land([promo]);
    expect(third.seq).toBe(second.seq + 1);
    // Revision 3 is live, with the content of revision 1.
    const blocked = expectProblem(await editor.rollback(second.id), 'BLOCKED');
    expect(blocked.gates).toMatchObject([{ code: 'NOTHING_TO_ROLL_BACK' }]);
    expect(expectProblem(await editor.rollbackDocument(promo, 1), 'BLOCKED').gates).toMatchObject([
      { code: 'NOTHING_TO_ROLL_BACK', message: expect.stringContaining('with the content of revision 1') },
    ]);
    expect(first.seq).toBeGreaterThan(0);
  });
});
