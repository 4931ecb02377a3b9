import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditEntryRow } from '../audit/audit.entity.js';
import { Editor } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

const ANSWER =
  '__typename ... on Document { id key site draft { lockVersion body { ... on Promo { title subtitle } } } } ... on Problem { code message } ... on ValidationProblem { fields { path code } }';

describe('drafts made from existing bodies', () => {
  let world: World;
  let editor: Editor;
  let client: SignedInClient;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').site('acme-ie').environment('production');
    client = await world.signedIn('PUBLISHER');
    editor = new Editor(client);
  });
  afterAll(() => world.close());

  const discard = (input: object, by = client) =>
    by.send(`mutation ($input: DiscardDraftInput!) { discardDraft(input: $input) { ${ANSWER} } }`, { input });
  const duplicate = (input: object, by = client) =>
    by.send(`mutation ($input: DuplicateDocumentInput!) { duplicateDocument(input: $input) { ${ANSWER} } }`, { input });
  const actions = async (targetId: string) =>
    (await world.db.manager.find(AuditEntryRow, { where: { targetId }, order: { number: 'ASC' } })).map(
      ({ action }) => action,
    );

  it('the live body becomes the draft again, once, and is logged', async () => {
    const id = await editor.promo('back', { subtitle: 'published' });
    await editor.land([id]);
    await editor.promo('back', { subtitle: 'spoiled' });
    const input = { id, environment: 'production' };
    const discarded = expectOk(await discard(input), 'Document');
    expect(discarded).toMatchObject({ draft: { lockVersion: 3, body: { subtitle: 'published' } } });
    expect(expectOk(await discard(input), 'Document')).toEqual(discarded);
    expect(await actions(id)).toEqual(['draft.saved', 'draft.saved', 'draft.discarded']);
  });

  it('a draft that was saved since it was seen is stale', async () => {
    const id = await editor.promo('seen', { subtitle: 'published' });
    await editor.land([id]);
    await editor.promo('seen', { subtitle: 'newer' });
    expectProblem(await discard({ id, environment: 'production', lockVersion: 1 }), 'STALE');
  });

  it('a body that was never live cannot be restored, nor one of an unknown environment', async () => {
    const id = await editor.promo('never');
    const refusals = await Promise.all(['production', 'nowhere'].map((environment) => discard({ id, environment })));
    for (const refusal of refusals) {
      expect(expectProblem(refusal, 'VALIDATION')).toMatchObject({
        fields: [{ path: 'environment', code: 'NOT_LIVE' }],
      });
    }
  });

  it('a viewer discards and duplicates nothing', async () => {
    const id = await editor.promo('guarded');
    const viewer = await world.signedIn('VIEWER');
    expectProblem(await discard({ id, environment: 'production' }, viewer), 'FORBIDDEN');
    expectProblem(await duplicate({ id, key: 'copy-of-guarded' }, viewer), 'FORBIDDEN');
  });

  it('a copy has the draft of its original, on its site or another', async () => {
    const id = await editor.promo('original', { subtitle: 'copied' });
    const copy = expectOk(await duplicate({ id, key: 'copy' }), 'Document');
    expect(copy).toMatchObject({
      key: 'copy',
      site: 'acme-uk',
      draft: { lockVersion: 1, body: { subtitle: 'copied' } },
    });
    expect(expectOk(await duplicate({ id, key: 'copy', site: 'acme-ie' }), 'Document')).toMatchObject({
      site: 'acme-ie',
    });
    expectProblem(await duplicate({ id, key: 'copy' }), 'STALE');
    expectProblem(await duplicate({ id, key: 'Not A Key' }), 'VALIDATION');
    expect(await actions(String(copy.id))).toEqual(['document.duplicated']);
  });
});

describe('validate', () => {
  let world: World;
  let editor: Editor;
  let client: SignedInClient;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    client = await world.signedIn('EDITOR');
    editor = new Editor(client);
  });
  afterAll(() => world.close());

  const validate = async (input: object, by = client) =>
    expectOk(
      await by.send(
        `query ($input: ValidateInput!) { validate(input: $input) { ok problems { path code } gates { code path documentId } } }`,
        { input },
      ),
    );
  const tables = async () =>
    Promise.all(
      ['document', 'draft', 'revision', '`release`', 'release_item', 'audit_entry', 'document_state'].map(
        async (table) => (await world.db.manager.query(`SELECT COUNT(*) AS n FROM ${table}`))[0].n,
      ),
    );

  it('reports all problems of a save, and stores nothing', async () => {
    const before = await tables();
    const body = { promo: { title: ' ', cta: { label: 'x', href: 'javascript:1' } } };
    expect(await validate({ key: 'Bad Key', site: 'acme-uk', body })).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([
        expect.objectContaining({ path: 'key', code: 'INVALID_KEY' }),
        expect.objectContaining({ path: 'body.promo.title' }),
        expect.objectContaining({ path: 'body.promo.cta.href' }),
      ]),
      gates: [],
    });
    expect(
      await validate({ key: 'x', site: 'nowhere', lockVersion: 3, body: { promo: { title: 't' } } }),
    ).toMatchObject({
      problems: [
        { path: 'site', code: 'UNKNOWN_SITE' },
        { path: 'lockVersion', code: 'NO_SUCH_DOCUMENT' },
      ],
    });
    expect(await tables()).toEqual(before);
  });

  it('reports all gates of a publish, and stores nothing', async () => {
    const id = await editor.promo('known');
    const before = await tables();
    const body = { promo: { title: 't', component: 'missing', props: {} } };
    const broken = { ok: false, problems: [], gates: [{ code: 'BROKEN_REFERENCE', path: 'component' }] };
    const fresh = await validate({ key: 'fresh', site: 'acme-uk', body, environment: 'production' });
    expect(fresh).toMatchObject({ ...broken, gates: [{ ...broken.gates[0], documentId: null }] });
    const next = await validate({ key: 'known', site: 'acme-uk', lockVersion: 1, body, environment: 'production' });
    expect(next).toMatchObject({ ...broken, gates: [{ ...broken.gates[0], documentId: id }] });
    expect(await validate({ key: 'known', site: 'acme-uk', body })).toMatchObject({ problems: [{ code: 'STALE' }] });
    const right = { key: 'fresh', site: 'acme-uk', body: { promo: { title: 't' } }, environment: 'production' };
    expect(await validate(right)).toEqual({ ok: true, problems: [], gates: [] });
    expect(await tables()).toEqual(before);
  });

  it('is for those who may write', async () => {
    const viewer = await world.signedIn('VIEWER');
    const { errors } = await viewer.send('query ($input: ValidateInput!) { validate(input: $input) { ok } }', {
      input: { key: 'x', site: 'acme-uk', body: { promo: { title: 't' } } },
    });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
