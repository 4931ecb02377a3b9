import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '@paddock/contracts';
import { Editor, type Release } from '../../testing/editor.js';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';

const SECRET = 'hunter2-LITERALSECRET';
const mapping = {
  markets: '',
  market: { id: 'id', event: 'game' },
  runners: 'runners',
  runner: { id: 'id', price: 'odds' },
  prices: 'decimal',
};
const feed = (poller: object) => ({
  source: { poller: { url: 'https://api.example.com/odds', mapping, ...poller } },
  syncWindowMs: 1_000,
  silenceMs: 10_000,
  suspendedDisplay: 'BLANK',
  enabled: true,
});
const withHeader = (name: string, value: string) =>
  feed({
    headers: [
      { name: 'Accept', value: 'application/json' },
      { name, value },
    ],
  });

const BODY = 'body { ... on OddsFeed { source { poller { url headers { name value variable } } } } }';
const EVERYTHING = `query ($id: ID!) { document(id: $id) { draft { ${BODY} problems { path code message } }
  revisions { nodes { ${BODY} diff { path before after } } } live(environment: "production") { ${BODY} } } }`;

describe('credentials in the bodies of feeds', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().environment('production').site('acme-uk');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  const save = (key: string, body: object, lockVersion?: number) =>
    editor.saveDraft({ key, body: { oddsFeed: body }, ...(lockVersion === undefined ? {} : { lockVersion }) });

  it.each<[string, object, string]>([
    [
      'an Authorization header',
      withHeader('Authorization', `Bearer ${SECRET}`),
      'body.oddsFeed.source.poller.headers[1].value',
    ],
    ['a cookie', withHeader('Cookie', SECRET), 'body.oddsFeed.source.poller.headers[1].value'],
    ['an API key', withHeader('X-Api-Key', SECRET), 'body.oddsFeed.source.poller.headers[1].value'],
    ['an unknown header', withHeader('X-Leak', SECRET), 'body.oddsFeed.source.poller.headers[1].value'],
    [
      'a bearer token in a harmless header',
      withHeader('User-Agent', `Bearer ${SECRET}`),
      'body.oddsFeed.source.poller.headers[1].value',
    ],
    [
      'a key in the query',
      feed({ url: `https://api.example.com/odds?apiKey=${SECRET}` }),
      'body.oddsFeed.source.poller.url',
    ],
    [
      'a user in the address',
      feed({ url: `https://user:${SECRET}@api.example.com/odds` }),
      'body.oddsFeed.source.poller.url',
    ],
  ])('%s is refused at save, by field, and nowhere repeated', async (_, body, path) => {
    const problem = expectProblem(await save('refused', body), 'VALIDATION');
    expect(problem.fields).toEqual([
      { path, code: 'LITERAL_SECRET', message: expect.stringMatching(/name a secret of the odds service/) },
    ]);
    expect(JSON.stringify(problem)).not.toContain(SECRET);
  });

  it('a variable that lists hosts is no secret', async () => {
    const problem = expectProblem(
      await save('refused', feed({ headers: [{ name: 'X-Key', variable: 'ODDS_SECRET_A_HOSTS' }] })),
      'VALIDATION',
    );
    expect(problem.fields).toMatchObject([
      { path: 'body.oddsFeed.source.poller.headers[0].variable', code: 'INVALID_VARIABLE' },
    ]);
  });

  it('named secrets and harmless headers are stored', async () => {
    const body = feed({
      headers: [
        { name: 'Accept', value: 'application/json' },
        { name: 'Authorization', variable: 'ODDS_SECRET_A' },
      ],
    });
    expectOk(await save('named', body), 'Document');
  });

  describe('of before they were refused', () => {
    let id: string;
    let released: Release;

    /** As a version before this one stored it. */
    beforeAll(async () => {
      id = String(expectOk(await save('old', feed({})), 'Document').id);
      released = await editor.land([id]);
      const body = canonicalJson(
        feed({ url: `https://api.example.com/odds?token=${SECRET}`, headers: [{ name: 'X-Key', value: SECRET }] }),
      );
      await world.db.manager.query('UPDATE draft SET body = ? WHERE document_id = ?', [body, id]);
      await world.db.manager.query('UPDATE revision SET body = ?, sha256 = ? WHERE document_id = ?', [
        body,
        sha256Hex(body),
        id,
      ]);
    });

    it('are hidden from every reader', async () => {
      const admin = await world.signedIn('ADMIN');
      const seen = await admin.send(EVERYTHING, { id });
      expect(seen.errors).toEqual([]);
      expect(JSON.stringify(seen)).not.toContain(SECRET);
      expect(seen.data).toMatchObject({
        document: {
          draft: {
            body: {
              source: {
                poller: {
                  url: 'https://api.example.com/(hidden: a credential)',
                  headers: [{ name: 'X-Key', value: '(hidden: a credential)' }],
                },
              },
            },
          },
          revisions: {
            nodes: [{ diff: [{ after: { source: { poller: { headers: [{ value: '(hidden: a credential)' }] } } } }] }],
          },
        },
      });
      const more = await admin.send(
        `query ($id: ID!) { release(id: $id) { items { diff { before after } } } stateAt(environment: "production") { nodes { ${BODY} } } }`,
        { id: released.id },
      );
      expect(more.errors).toEqual([]);
      expect(JSON.stringify(more)).not.toContain(SECRET);
      expect(JSON.stringify(more)).toContain('(hidden: a credential)');
    });

    it('a draft that holds one makes no release', async () => {
      const problem = expectProblem(await editor.createRelease([id]), 'VALIDATION');
      expect(problem.fields).toEqual([
        {
          path: 'documents[0]',
          code: 'LITERAL_SECRET',
          message: expect.stringContaining('odds-feed/*/old source.poller.url'),
        },
        {
          path: 'documents[0]',
          code: 'LITERAL_SECRET',
          message: expect.stringContaining('odds-feed/*/old source.poller.headers[0].value'),
        },
      ]);
      expect(JSON.stringify(problem)).not.toContain(SECRET);
    });

    it('a release that pinned one is refused by its plan', async () => {
      const other = String(expectOk(await save('pinned', feed({})), 'Document').id);
      const created = expectOk(await editor.createRelease([other]), 'Release') as unknown as Release;
      const body = canonicalJson(withHeader('X-Key', SECRET));
      await world.db.manager.query('UPDATE revision SET body = ?, sha256 = ? WHERE document_id = ?', [
        body,
        sha256Hex(body),
        other,
      ]);
      const { plan } = await editor.release(created.id);
      expect(plan?.gates).toMatchObject([
        { code: 'INVALID_BODY', message: expect.stringContaining('source.poller.headers[1].value') },
      ]);
      expectProblem(await editor.publish(created.id, plan?.planHash ?? ''), 'BLOCKED');
      expect(JSON.stringify(await editor.release(created.id))).not.toContain(SECRET);
    });
  });
});
