import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { redisPrefix, startApp, type TestApp, testServers, until } from '@paddock/testing';
import { BulkDrafts } from '../documents/bulk-drafts.js';
import { Editor } from '../testing/editor.js';
import { expectOk } from '../testing/expect-result.js';
import { GraphqlClient } from '../testing/graphql-client.js';
import { untilHeard, watch, type Watcher } from '../testing/watcher.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

const DOCUMENTS = 'number action environment more actor { id } documents { id key site draft { lockVersion } }';
const RELEASE = 'number action actor { id } release { id title state seq }';
/** What the product promises. */
const GRANTS_WITHIN_MS = 5_000;

interface DocumentsEvent {
  number: number;
  action: string;
  environment: string | null;
  more: boolean;
  actor: { id: string };
  documents: { id: string; key: string; site: string; draft: { lockVersion: number } }[];
}

interface ReleaseEvent {
  number: number;
  action: string;
  actor: { id: string };
  release: { id: string; title: string; state: string; seq: number | null };
}

interface EntryEvent {
  number: number;
  action: string;
  targetId: string | null;
  hash: string;
}

describe('subscriptions to changes', () => {
  const prefix = redisPrefix();
  const watchers: Watcher<unknown>[] = [];
  let world: World;
  let other: TestApp;
  let admin: SignedInClient;
  let editor: Editor;
  /** Works in another process. */
  let elsewhere: Editor;

  beforeAll(async () => {
    world = await testWorld({ REDIS_PREFIX: prefix.prefix });
    await world.seed().environment('production').environment('staging').site('acme-uk').site('acme-ie');
    other = await startApp('controlPlane', {
      DATABASE_URL: world.databaseUrlOf('controlPlane'),
      REDIS_URL: testServers().redisUrl.href,
      REDIS_PREFIX: prefix.prefix,
    });
    admin = await world.signedIn('ADMIN');
    editor = new Editor(admin);
    elsewhere = new Editor(new GraphqlClient(other.app.url, admin.token));
  });
  afterEach(async () => {
    for (const watcher of watchers.splice(0)) await watcher.dispose();
  });
  afterAll(async () => {
    await other.dispose();
    await world.close();
    await prefix.clear();
  });

  function watching<Event>(client: SignedInClient, subscription: string): Watcher<Event> {
    const watcher = watch<Event>(world.url, client.token, subscription);
    watchers.push(watcher);
    return watcher;
  }

  let probes = 0;
  const probe = () => editor.promo(`probe-${(probes += 1)}`);

  /** A subscription to documents that certainly runs. */
  async function watchingDocuments(client: SignedInClient, args = ''): Promise<Watcher<DocumentsEvent>> {
    const watcher = watching<DocumentsEvent>(client, `documentsChanged${args} { ${DOCUMENTS} }`);
    await untilHeard([watcher], probe);
    return watcher;
  }

  async function watchingReleases(client: SignedInClient, environment: string): Promise<Watcher<ReleaseEvent>> {
    const watcher = watching<ReleaseEvent>(client, `releaseChanged(environment: "${environment}") { ${RELEASE} }`);
    await untilHeard([watcher], async () =>
      expectOk(await editor.createRelease([await probe()], { environment }), 'Release'),
    );
    return watcher;
  }

  const send = (mutation: string, type: string, input: object) =>
    admin.send(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename ... on Problem { code message } } }`,
      { input },
    );

  const documentEvents = ({ events }: Watcher<DocumentsEvent>, key: string) =>
    events.filter(({ documents }) => documents.some((document) => document.key === key));

  it.each(['this process', 'another process'])(
    'documentsChanged: a save, a landing and a discarded draft in %s arrive with what they changed',
    async (where) => {
      const viewer = await world.signedIn('VIEWER');
      const watcher = await watchingDocuments(viewer);
      const author = where === 'this process' ? editor : elsewhere;
      const key = `heard-${where.replace(' ', '-')}`;
      const heard = (action: string) =>
        until(() => documentEvents(watcher, key).find((event) => event.action === action), { what: action });

      const id = await author.promo(key, { title: 'One' });
      expect(await heard('draft.saved')).toMatchObject({
        environment: null,
        more: false,
        actor: { id: admin.actor.id },
        documents: expect.arrayContaining([{ id, key, site: 'acme-uk', draft: { lockVersion: 1 } }]),
      });

      await author.land([id], { title: `landing ${where}` });
      expect(await heard('release.published')).toMatchObject({
        environment: 'production',
        more: false,
        documents: [{ id, key }],
      });

      await author.promo(key, { title: 'Two' });
      expectOk(
        await author.client.send(
          'mutation ($input: DiscardDraftInput!) { discardDraft(input: $input) { __typename ... on Problem { code message } } }',
          { input: { id, environment: 'production' } },
        ),
        'Document',
      );
      expect(await heard('draft.discarded')).toMatchObject({ documents: [{ id, draft: { lockVersion: 3 } }] });

      const numbers = watcher.events.map(({ number }) => number);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(watcher.errors).toEqual([]);
    },
  );

  it('documentsChanged: drafts that an import makes at once are one event, of those that may be read', async () => {
    const watcher = await watchingDocuments(await world.signedIn('EDITOR', { site: 'acme-uk' }));
    const bulk = world.app.get(BulkDrafts, { strict: false });
    const draft = (key: string, site: string) => ({
      ...({ kind: 'promo', site, key, label: key, body: JSON.stringify({ title: key }) } as const),
      ...{ schemaVersion: 1, seenSha256: null },
    });
    const drafts = [draft('imported-1', 'acme-uk'), draft('imported-2', 'acme-uk'), draft('imported-3', 'acme-ie')];
    await world.db.tx((tx) => bulk.save(tx, admin.actor, drafts, { targetType: 'adoption', targetId: null }));
    const event = await until(() => documentEvents(watcher, 'imported-1')[0]);
    expect(event).toMatchObject({ action: 'drafts.saved', more: false, environment: null });
    expect(event.documents.map(({ key }) => key).sort()).toEqual(['imported-1', 'imported-2']);
  });

  it('documentsChanged: a reader of one site, kind or environment receives nothing else', async () => {
    const british = await watchingDocuments(await world.signedIn('EDITOR', { site: 'acme-uk' }));
    const narrowed = await watchingDocuments(admin, '(kinds: [PROMO], site: "acme-uk")');
    const layouts = watching<DocumentsEvent>(
      await world.signedIn('VIEWER', { kind: 'layout' }),
      `documentsChanged { ${DOCUMENTS} }`,
    );
    await untilHeard([layouts], () => editor.layout('home', { page: 'home', slots: [] }));
    const staging = watching<DocumentsEvent>(
      await world.signedIn('VIEWER', { environment: 'staging' }),
      `documentsChanged { ${DOCUMENTS} }`,
    );
    await untilHeard([staging], probe);

    const irish = await editor.promo('irish-secret', {}, 'acme-ie');
    await editor.land([irish], { title: 'irish landing' });
    await editor.layout('british-layout', { page: 'offers', slots: [] });
    await editor.promo('british-last');
    await until(() => documentEvents(british, 'british-last').length > 0);
    await until(() => documentEvents(narrowed, 'british-last').length > 0);
    await until(() => documentEvents(staging, 'british-last').length > 0);
    expect(british.bytes).not.toContain('irish-secret');
    expect(british.bytes).not.toContain(irish);
    expect(british.bytes).toContain('british-layout');
    expect(narrowed.bytes).not.toMatch(/irish-secret|british-layout/);
    expect(layouts.bytes).not.toMatch(/irish-secret|british-last/);
    // A draft has no environment; what became live in another one is not for this reader.
    expect(staging.events.filter(({ environment }) => environment === 'production')).toEqual([]);
  });

  it('documentsChanged: a thousand saves lose no document and are few events', async () => {
    const watcher = await watchingDocuments(admin);
    const keys = Array.from({ length: 1_000 }, (_, index) => `burst-${index}`);
    const before = watcher.events.length;
    for (let from = 0; from < keys.length; from += 20)
      await Promise.all(
        keys
          .slice(from, from + 20)
          .map((key) => elsewhere.saveDraft({ key, site: 'acme-uk', body: { promo: { title: key } } })),
      );
    const newest = async () => Number((await world.db.manager.query('SELECT number FROM audit_chain'))[0].number);
    const head = await newest();
    await until(() => (watcher.events.at(-1)?.number ?? 0) >= head, { what: 'the last save', timeoutMs: 60_000 });
    const events = watcher.events.slice(before);
    // What an event cannot show it says.
    const shown = new Set(events.flatMap(({ documents }) => documents.map(({ key }) => key)));
    expect(shown.size >= 1_000 || events.some(({ more }) => more)).toBe(true);
    expect(shown.has('burst-999')).toBe(true);
    expect(events.length).toBeLessThan(250);
    expect(watcher.errors).toEqual([]);
    expect(watcher.closed).toBeUndefined();
  }, 300_000);

  it('releaseChanged: made, edited, dropped and landed, in either process', async () => {
    const viewer = await world.signedIn('VIEWER', { environment: 'production' });
    const watcher = await watchingReleases(viewer, 'production');
    const heard = (id: string, action: string) =>
      until(() => watcher.events.find((event) => event.release.id === id && event.action === action), { what: action });
    for (const author of [editor, elsewhere]) {
      const made = expectOk(await author.createRelease([await author.promo(`r-${(probes += 1)}`)]), 'Release');
      const id = String(made.id);
      expect(await heard(id, 'release.created')).toMatchObject({
        actor: { id: admin.actor.id },
        release: { title: 'A release' },
      });
      expectOk(await send('updateRelease', 'UpdateReleaseInput', { id, title: 'Better' }), 'Release');
      expect(await heard(id, 'release.updated')).toMatchObject({ release: { title: 'Better', state: 'DRAFT' } });
      expectOk(await send('dropRelease', 'DropReleaseInput', { id, reason: 'not needed' }), 'Release');
      expect(await heard(id, 'release.dropped')).toMatchObject({ release: { state: 'DROPPED', seq: null } });
      const landed = await author.land([await author.promo(`r-${(probes += 1)}`)]);
      expect(await heard(landed.id, 'release.published')).toMatchObject({
        release: { state: 'LANDED', seq: landed.seq },
      });
      expectOk(await author.rollback(landed.id), 'Release');
      await until(() => watcher.events.some(({ action }) => action === 'release.rolled-back'));
    }
    expect(watcher.errors).toEqual([]);
  });

  it('releaseChanged: another environment and another site hear nothing, and a foreign environment is refused', async () => {
    const british = await watchingReleases(await world.signedIn('EDITOR', { site: 'acme-uk' }), 'production');
    const staging = await watchingReleases(await world.signedIn('VIEWER', { environment: 'staging' }), 'staging');
    const irish = await editor.land([await editor.promo('irish-release', {}, 'acme-ie')], { title: 'irish only' });
    const own = await editor.land([await editor.promo('british-release')], { title: 'british only' });
    await until(() => british.events.some(({ release }) => release.id === own.id));
    expect(british.bytes).not.toMatch(new RegExp(`irish only|${irish.id}`));
    expect(staging.bytes).not.toMatch(/irish only|british only/);

    const foreign = watching<ReleaseEvent>(
      await world.signedIn('VIEWER', { environment: 'staging' }),
      `releaseChanged(environment: "production") { ${RELEASE} }`,
    );
    await until(() => foreign.errors.length > 0);
    expect(JSON.stringify(foreign.errors)).toContain('FORBIDDEN');
    const unknown = watching<ReleaseEvent>(admin, `releaseChanged(environment: "nowhere") { ${RELEASE} }`);
    await until(() => unknown.errors.length > 0);
    expect(JSON.stringify(unknown.errors)).toContain('there is no environment \\"nowhere\\"');
  });

  it('auditEntryAdded: every entry of both processes, in order and without a gap, also in a burst', async () => {
    const watcher = watching<EntryEvent>(admin, 'auditEntryAdded { number action targetId hash }');
    await untilHeard([watcher], probe);
    await Promise.all(
      [editor, elsewhere].map(async (author, index) => {
        for (let n = 0; n < 100; n += 1)
          await author.saveDraft({ key: `audit-${index}-${n}`, site: 'acme-uk', body: { promo: { title: 'A' } } });
      }),
    );
    const last = await editor.promo('audit-last');
    await until(() => watcher.events.some(({ targetId }) => targetId === last));
    const [first] = watcher.events;
    expect(watcher.events.map(({ number }) => number)).toEqual(
      watcher.events.map((_, index) => (first?.number ?? 0) + index),
    );
    expect(watcher.events.length).toBeGreaterThan(200);
    const stored: { number: number; hash: string }[] = await world.db.manager.query(
      'SELECT number, hash FROM audit_entry WHERE number >= ? ORDER BY number LIMIT ?',
      [first?.number ?? 0, watcher.events.length],
    );
    expect(watcher.events.map(({ hash }) => hash)).toEqual(stored.map(({ hash }) => hash));
  });

  it('auditEntryAdded: refused without the grant for the whole log', async () => {
    for (const reader of [await world.signedIn('EDITOR'), await world.signedIn('ADMIN', { site: 'acme-uk' })]) {
      const watcher = watching<EntryEvent>(reader, 'auditEntryAdded { number }');
      await until(() => watcher.errors.length > 0);
      expect(JSON.stringify(watcher.errors)).toContain('FORBIDDEN');
      expect(watcher.events).toEqual([]);
    }
  });

  it.each<[string, string, () => Promise<unknown>]>([
    ['documentsChanged', `documentsChanged { ${DOCUMENTS} }`, () => editor.promo('after-grants')],
    [
      'releaseChanged',
      `releaseChanged(environment: "production") { ${RELEASE} }`,
      async () => editor.createRelease([await editor.promo('after-grants')], { title: 'after-grants' }),
    ],
    ['auditEntryAdded', 'auditEntryAdded { number details }', () => editor.promo('after-grants')],
  ])('%s: a revoked grant ends access from the next event on', async (_, subscription, cause) => {
    const reader = await world.signedIn('ADMIN');
    const watcher = watching(reader, subscription);
    await untilHeard([watcher], async () => editor.createRelease([await probe()]));
    expectOk(await send('setGrants', 'SetGrantsInput', { userId: reader.actor.id, grants: [] }), 'User');
    const changed = performance.now();
    await cause();
    await until(() => watcher.closed, { what: 'the end of the socket', timeoutMs: GRANTS_WITHIN_MS });
    expect(watcher.closed?.code).toBe(4403);
    expect((watcher.closed?.at ?? Infinity) - changed).toBeLessThan(GRANTS_WITHIN_MS);
    expect(watcher.bytes).not.toContain('after-grants');
  });
});
