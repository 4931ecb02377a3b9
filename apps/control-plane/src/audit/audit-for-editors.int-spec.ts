import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editor } from '../testing/editor.js';
import { expectError, expectOk } from '../testing/expect-result.js';
import type { GraphqlClient } from '../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

const AUDIT = `query ($action: String, $document: ID, $release: ID, $from: DateTime, $to: DateTime) {
  audit(first: 100, action: $action, document: $document, release: $release, from: $from, to: $to) {
    nodes { at action targetType targetId details hash author { id name email } } } }`;

interface Entry {
  at: string;
  action: string;
  targetType: string;
  targetId: string;
  details: Record<string, unknown>;
  hash: string | null;
  author: { id: string; name: string; email: string | null };
}

describe('the audit log for those who edit and publish', () => {
  let world: World;
  let publisher: SignedInClient;
  let editor: Editor;
  let ids: { uk: string; ie: string; both: string; onlyIe: string };

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').site('acme-ie', { jurisdiction: 'IE' }).environment('production');
    publisher = await world.signedIn('PUBLISHER');
    editor = new Editor(publisher);
    const uk = await editor.promo('first', { title: 'Before' });
    await editor.promo('first', { title: 'After', priority: 3 });
    const ie = await editor.promo('secret', {}, 'acme-ie');
    const both = (await editor.land([uk, ie], { title: 'Both' })).id;
    await editor.promo('secret', { title: 'changed' }, 'acme-ie');
    const onlyIe = (await editor.land([ie], { title: 'Ireland alone' })).id;
    ids = { uk, ie, both, onlyIe };
  });
  afterAll(() => world.close());

  const entries = async (client: GraphqlClient, filter: object = {}): Promise<Entry[]> => {
    const { nodes } = expectOk(await client.send(AUDIT, { ...filter }));
    return nodes as Entry[];
  };

  it('names the author of a draft, and shows the changes', async () => {
    const [saved] = await entries(await world.signedIn('EDITOR'), { document: ids.uk, action: 'draft.saved' });
    expect(saved).toMatchObject({
      targetId: ids.uk,
      author: { id: publisher.actor.id, name: expect.any(String), email: null },
      details: {
        document: 'promo/acme-uk/first',
        lockVersion: 2,
        changes: [
          { path: 'priority', op: 'ADD', after: 3 },
          { path: 'title', op: 'CHANGE', before: 'Before', after: 'After' },
        ],
      },
    });
    expect(saved?.author.name).not.toBe(publisher.actor.id);
  });

  it('shows changes in the words of the API', async () => {
    const metric = (mode: string) => ({
      key: 'comebacks',
      body: {
        metric: {
          title: 'Comebacks',
          retention: { start: { event: 'bet' }, return: { event: 'bet' }, mode, period: 'WEEK', periods: 4 },
        },
      },
    });
    expectOk(await editor.saveDraft(metric('BOUNDED')), 'Document');
    const { id } = expectOk(await editor.saveDraft({ ...metric('ROLLING'), lockVersion: 1 }), 'Document');
    const [saved, created] = await entries(publisher, { document: String(id) });
    expect(saved?.details.changes).toEqual([
      { path: 'retention.mode', op: 'CHANGE', before: 'BOUNDED', after: 'ROLLING' },
    ]);
    expect(created?.details.changes).toMatchObject([{ op: 'ADD', after: { retention: { period: 'WEEK' } } }]);
  });

  it('finds the entries of a document with its releases, and the entries of a release', async () => {
    const document = await entries(publisher, { document: ids.uk });
    expect(document.map(({ action }) => action)).toEqual([
      'release.published',
      'release.created',
      'draft.saved',
      'draft.saved',
    ]);
    const release = await entries(publisher, { release: ids.onlyIe });
    expect(release.map(({ action }) => action)).toEqual(['release.published', 'release.created']);
  });

  it('shows an editor of one site nothing of another', async () => {
    const british = await world.signedIn('EDITOR', { site: 'acme-uk' });
    const seen = await entries(british);
    expect(new Set(seen.map(({ targetId }) => targetId))).toEqual(new Set([ids.uk, ids.both]));
    expect(JSON.stringify(seen)).not.toContain('secret');
    expect(seen.find(({ action }) => action === 'release.created')?.details).toMatchObject({
      title: 'Both',
      documents: ['promo/acme-uk/first'],
    });
    expect(seen.map(({ hash }) => hash)).toEqual(seen.map(() => null));
    for (const filter of [{ document: ids.ie }, { release: ids.onlyIe }])
      expect(await entries(british, filter)).toEqual([]);
  });

  it('is narrowed by time: from inclusive, to exclusive', async () => {
    const all = await entries(publisher);
    const middle = all[2]?.at ?? '';
    const from = await entries(publisher, { from: middle });
    const to = await entries(publisher, { to: middle });
    expect(from.every(({ at }) => at >= middle)).toBe(true);
    expect(to.every(({ at }) => at < middle)).toBe(true);
    expect(from.length + to.length).toBe(all.length);
    expectError(await publisher.send(AUDIT, { from: middle, to: middle }), 'BAD_USER_INPUT');
  });

  it('shows an administrator the whole log, with its hashes', async () => {
    const seen = await entries(await world.signedIn('ADMIN'));
    expect(seen.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash ?? ''))).toBe(true);
    expect(JSON.stringify(seen)).toContain('promo/acme-ie/secret');
  });
});
