import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '@paddock/contracts';
import { Editor, type Release } from '../testing/editor.js';
import { expectOk, expectProblem } from '../testing/expect-result.js';
import { testWorld, type World } from '../testing/world.js';

const mapping = {
  markets: '',
  market: { id: 'id', event: 'game' },
  runners: 'runners',
  runner: { id: 'id', price: 'odds' },
  prices: 'decimal',
};
const feed = (source: object) => ({
  oddsFeed: { source, syncWindowMs: 1_000, silenceMs: 10_000, suspendedDisplay: 'BLANK', enabled: true },
});
const poller = (url: string, more: object = {}) => feed({ poller: { url, mapping, ...more } });
const upstream = (baseUrl: string) => ({
  proxyUpstream: { baseUrl, windowMs: 1_000, silenceMs: 20_000, allow: ['/**'] },
});
const betfair = (more: object) =>
  feed({
    betfair: {
      appKeyVariable: 'ODDS_SECRET_A',
      usernameVariable: 'ODDS_SECRET_A',
      passwordVariable: 'ODDS_SECRET_A',
      marketFilter: {},
      ...more,
    },
  });

const WITHIN = [
  '127.0.0.1',
  'localhost',
  'localhost.',
  '2130706433',
  '0x7f.1',
  '[::1]',
  '[::ffff:7f00:1]',
  '169.254.169.254',
  '0.0.0.0',
  '10.0.0.1',
  '192.168.1.1',
  'metadata.google.internal',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[::127.0.0.1]',
  '[fec0::1]',
  '[2001:db8::1]',
  '192.88.99.1',
];

describe('where documents lead', () => {
  let world: World;
  let editor: Editor;

  beforeAll(async () => {
    world = await testWorld({ OUTBOUND_ALLOWED_NETWORKS: '10.20.0.0/16' });
    await world.seed().environment('production').site('acme-uk');
    editor = new Editor(await world.signedIn('PUBLISHER'));
  });
  afterAll(() => world.close());

  const refusals = async (body: object): Promise<object[]> =>
    expectProblem(await editor.saveDraft({ key: 'refused', body }), 'VALIDATION').fields as object[];
  const refusal = (path: string) => ({
    path,
    code: 'URL_NOT_ALLOWED',
    message: expect.stringMatching(/^leads to a host that may not be asked: it is .*OUTBOUND_ALLOWED_NETWORKS$/),
  });

  it.each(WITHIN)('%s is refused at save, for feeds and upstreams', async (host) => {
    expect(await refusals(poller(`https://${host}/odds`))).toEqual([refusal('body.oddsFeed.source.poller.url')]);
    expect(await refusals(upstream(`https://${host}/v1`))).toEqual([refusal('body.proxyUpstream.baseUrl')]);
  });

  it('every field that leads within is named, besides all other mistakes', async () => {
    expect(await refusals(betfair({ host: '10.0.0.1', loginUrl: 'https://192.168.0.1/login' }))).toEqual([
      refusal('body.oddsFeed.source.betfair.loginUrl'),
      refusal('body.oddsFeed.source.betfair.host'),
    ]);
    expect(await refusals(feed({ uof: { producers: [1], apiUrl: 'http://[::1]/v1' } }))).toEqual([
      refusal('body.oddsFeed.source.uof.apiUrl'),
    ]);
    expect(
      await refusals(
        poller('https://10.0.0.1/', {
          headers: [
            { name: 'Host', value: 'x' },
            { name: 'transfer-encoding', variable: 'ODDS_SECRET_A' },
          ],
        }),
      ),
    ).toMatchObject([
      { path: 'body.oddsFeed.source.poller.headers[0].value', code: 'LITERAL_SECRET' },
      { path: 'body.oddsFeed.source.poller.headers[0].name', code: 'INVALID_HEADER' },
      { path: 'body.oddsFeed.source.poller.headers[1].name', code: 'INVALID_HEADER' },
      refusal('body.oddsFeed.source.poller.url'),
    ]);
  });

  it('what is public, or in a network that the operator names, is stored', async () => {
    for (const [key, body] of Object.entries({
      public: poller('https://feed.example.com/odds'),
      named: poller('http://10.20.1.1/odds'),
      upstream: upstream('https://10.20.1.1/v1'),
    })) {
      expectOk(await editor.saveDraft({ key, body }), 'Document');
    }
    expect(await refusals(poller('http://8.8.8.8/odds'))).toEqual([refusal('body.oddsFeed.source.poller.url')]);
  });

  it('parameters take secrets by name alone, and have one value', async () => {
    expectOk(
      await editor.saveDraft({
        key: 'keyed',
        body: poller('https://feed.example.com/odds?sport=1', {
          parameters: [{ name: 'apiKey', variable: 'ODDS_SECRET_A' }],
        }),
      }),
      'Document',
    );
    expect(await refusals(poller('https://feed.example.com/odds?apiKey=hunter2'))).toMatchObject([
      { path: 'body.oddsFeed.source.poller.url', code: 'LITERAL_SECRET' },
    ]);
    const parameters = [
      { name: 'sport', variable: 'ODDS_SECRET_A' },
      { name: 'key', variable: 'DATABASE_URL' },
      { name: 'a b', variable: 'ODDS_SECRET_A' },
    ];
    expect(await refusals(poller('https://feed.example.com/odds?sport=1', { parameters }))).toMatchObject([
      { path: 'body.oddsFeed.source.poller.parameters[1].variable', code: 'INVALID_VARIABLE' },
      { path: 'body.oddsFeed.source.poller.parameters[2].name', code: 'INVALID_PARAMETER' },
      { path: 'body.oddsFeed.source.poller.parameters[0].name', code: 'DUPLICATE' },
    ]);
  });

  it('a document of before says so in its draft, and no release of it lands', async () => {
    const id = String(
      expectOk(await editor.saveDraft({ key: 'old', body: upstream('https://api.example.com') }), 'Document').id,
    );
    const created = expectOk(await editor.createRelease([id]), 'Release') as unknown as Release;
    const body = canonicalJson(upstream('https://169.254.169.254').proxyUpstream);
    await world.db.manager.query('UPDATE draft SET body = ? WHERE document_id = ?', [body, id]);
    await world.db.manager.query('UPDATE revision SET body = ?, sha256 = ? WHERE document_id = ?', [
      body,
      sha256Hex(body),
      id,
    ]);
    const { data } = await editor.client.send(
      'query ($id: ID!) { document(id: $id) { draft { problems { path code } } } }',
      { id },
    );
    expect(data).toEqual({ document: { draft: { problems: [{ path: 'baseUrl', code: 'URL_NOT_ALLOWED' }] } } });
    const { plan } = await editor.release(created.id);
    expect(plan?.gates).toMatchObject([
      {
        code: 'INVALID_BODY',
        path: 'baseUrl',
        message: expect.stringMatching(/^proxy-upstream\/\*\/old baseUrl: leads to a host that may not be asked/),
      },
    ]);
    expectProblem(await editor.publish(created.id, plan?.planHash ?? ''), 'BLOCKED');
  });
});
