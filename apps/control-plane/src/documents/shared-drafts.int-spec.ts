import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

const PROBLEMS = '... on Problem { code message } ... on ValidationProblem { fields { path code message } }';

describe('a draft that environments share', () => {
  let world: World;
  let admin: Editor;
  let stager: Editor;
  let producer: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().environment('production').environment('staging').site('acme-uk');
    admin = new Editor(await world.signedIn('ADMIN'));
    stager = new Editor(await world.signedIn('PUBLISHER', { environment: 'staging' }));
    producer = new Editor(await world.signedIn('PUBLISHER', { environment: 'production' }));
  });
  afterAll(() => world.close());

  const save = async (editor: Editor, key: string, title: string) => {
    const seen = await editor.lockVersion('PROMO', 'acme-uk', key);
    const draft = { key, site: 'acme-uk', body: { promo: { title } } };
    return editor.saveDraft({ ...draft, ...(seen === undefined ? {} : { lockVersion: seen }) });
  };
  const saved = async (editor: Editor, key: string, title: string) =>
    String(expectOk(await save(editor, key, title), 'Document').id);

  const restore = (client: SignedInClient, documentId: string, revision: number, lockVersion: number) =>
    client.send(
      `mutation ($input: RestoreRevisionInput!) { restoreRevision(input: $input) { __typename ${PROBLEMS} } }`,
      { input: { documentId, revision, lockVersion } },
    );

  it('is not changed by who may write in one of them alone', async () => {
    const id = await saved(admin, 'shared', 'As production will have it');
    await admin.land([id]);
    const { message } = expectProblem(await save(stager, 'shared', 'From staging'), 'FORBIDDEN');
    expect(message).toContain('all environments that it may be released in');
    expect(message).not.toContain('production');
    await admin.land([await saved(admin, 'shared', 'Still as production will have it')]);
    expect(await admin.live()).toMatchObject({ 'promo/acme-uk/shared': 'Still as production will have it' });
  });

  it('is not changed before its first release either', async () => {
    await saved(producer, 'prepared', 'Prepared for production');
    expectProblem(await save(stager, 'prepared', 'From staging'), 'FORBIDDEN');
    // Who writes everywhere may take it over.
    await saved(admin, 'prepared', 'Prepared for both');
  });

  it('of staging alone is released there, and reaches production by a promotion, not by itself', async () => {
    const id = await saved(stager, 'from-staging', 'Made in staging');
    const landed = await stager.land([id], { environment: 'staging' });
    const refused = expectProblem(await admin.createRelease([id]), 'VALIDATION');
    expect(refused.fields).toEqual([
      { path: 'documents[0]', code: 'DRAFT_OF_ANOTHER_ENVIRONMENT', message: expect.stringContaining('production') },
    ]);
    const promoted = await admin.client.send(
      `mutation ($input: PromoteReleaseInput!) { promoteRelease(input: $input) { __typename ${PROBLEMS} ... on Release { id } } }`,
      { input: { id: landed.id, to: 'production' } },
    );
    const { id: releaseId } = expectOk(promoted, 'Release') as unknown as Release;
    await saved(stager, 'from-staging', 'Made in staging, later');
    const { plan } = await admin.release(releaseId);
    expectOk(await admin.publish(releaseId, plan?.planHash ?? ''), 'Release');
    expect(await admin.live()).toMatchObject({ 'promo/acme-uk/from-staging': 'Made in staging' });
  });

  it('belongs to an author with a grant for production once they have saved it', async () => {
    const id = await saved(stager, 'taken-over', 'Made in staging');
    await saved(admin, 'taken-over', 'Taken over');
    await admin.land([id]);
    expectProblem(await save(stager, 'taken-over', 'From staging'), 'FORBIDDEN');
  });

  it('is not made of a revision that only another environment has', async () => {
    const id = await saved(admin, 'restored', 'Of production');
    await admin.land([id]);
    await admin.land([await saved(admin, 'restored', 'Of staging')], { environment: 'staging' });
    const lockVersion = (await admin.lockVersion('PROMO', 'acme-uk', 'restored')) ?? 0;
    const client = await world.signedIn('PUBLISHER', { environment: 'staging' });
    const [foreign, unknown] = [await restore(client, id, 1, lockVersion), await restore(client, id, 7, lockVersion)];
    expectProblem(foreign, 'NOT_FOUND');
    expect(JSON.stringify(foreign.data).replace('revision 1', 'revision 7')).toBe(JSON.stringify(unknown.data));
  });
});
