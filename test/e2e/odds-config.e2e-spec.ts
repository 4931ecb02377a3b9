import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MarketUpdate, ODDS_MARKETS, parseOddsUpdate } from '@paddock/contracts';
import { connectRedisEventLog, type EventLog, readAll } from '@paddock/eventlog';
import {
  createDatabase,
  LOOPBACK_NETWORKS,
  startApp,
  temporaryDirectory,
  type TestApp,
  type ThrowawayDatabase,
  until,
} from '@paddock/testing';
import { expectOk } from '../../apps/control-plane/src/testing/expect-result.js';
import type { Editor, Release } from '../../apps/control-plane/src/testing/editor.js';
import { type FakeUpstream, startFakeUpstream } from '../../apps/odds/src/testing/fake-upstream.js';
import type { Installation } from './installation.js';
import { startInstallation } from './start-installation.js';

const CASE_MS = 300_000;
const PARTY_SECRET = 'what-the-third-party-knows-us-by';

const feed = (more: object = {}): object => ({
  oddsFeed: {
    source: { simulator: { seed: 7, matches: 2, matchMs: 60_000 } },
    syncWindowMs: 0,
    silenceMs: 5_000,
    suspendedDisplay: 'BLANK',
    enabled: true,
    ...more,
  },
});

/** A client key as an administrator makes one. */
async function createKey({ client }: Editor, input: object): Promise<{ id: string; secret: string }> {
  const result = await client.send(
    'mutation ($input: CreateClientKeyInput!) { createClientKey(input: $input) { __typename ... on ClientKeyCreated { key clientKey { id } } ... on Problem { message } } }',
    { input },
  );
  const { key, clientKey } = expectOk(result, 'ClientKeyCreated') as unknown as {
    key: string;
    clientKey: { id: string };
  };
  return { id: clientKey.id, secret: key };
}

describe('an operator decides which feeds run and which third parties are read', () => {
  let installation: Installation;
  let database: ThrowawayDatabase;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let odds: TestApp;
  let party: FakeUpstream;
  let log: EventLog;

  beforeAll(async () => {
    [installation, database, directory, party] = await Promise.all([
      startInstallation({ env: { OUTBOUND_ALLOWED_NETWORKS: LOOPBACK_NETWORKS } }),
      createDatabase(),
      temporaryDirectory(),
      startFakeUpstream(),
    ]);
    const env = {
      DATABASE_URL: database.url.href,
      REDIS_URL: installation.parts.redis.url,
      ODDS_STATE_DIR: directory.path,
      ODDS_INSTANCE: 'odds-1',
      OUTBOUND_ALLOWED_NETWORKS: LOOPBACK_NETWORKS,
      PROXY_SECRET_PARTY: PARTY_SECRET,
      PROXY_SECRET_PARTY_HOSTS: new URL(party.url).host,
    };
    await promisify(execFile)(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], { env });
    odds = await startApp('odds', env);
    log = await connectRedisEventLog({
      url: new URL(installation.parts.redis.url),
      prefix: 'paddock',
      onError: () => undefined,
    });
  }, CASE_MS);
  afterAll(async () => {
    await log?.close();
    await odds?.dispose();
    await Promise.all([installation.dispose(), database.drop(), directory.remove()]);
  });

  async function save(key: string, body: object, kind = 'ODDS_FEED'): Promise<string> {
    const { editor } = installation;
    const { data } = await editor.client.send(
      'query ($kind: Kind!, $key: String!) { documentByKey(kind: $kind, key: $key) { draft { lockVersion } } }',
      { kind, key },
    );
    const seen = data?.documentByKey as { draft: { lockVersion: number } } | null;
    return String(
      expectOk(
        await editor.saveDraft({ key, body, ...(seen ? { lockVersion: seen.draft.lockVersion } : {}) }),
        'Document',
      ).id,
    );
  }

  async function receipt(
    releaseId: string,
    state: string,
    instance = 'odds-1',
  ): Promise<{ instance: string; state: string; error: string | null }> {
    return until(
      async () =>
        (await installation.propagation(releaseId)).receipts.find(
          (one) => one.instance === instance && one.state === state,
        ),
      { what: `the receipt ${state}` },
    );
  }

  async function running(): Promise<string[]> {
    const response = await fetch(`${odds.app.operationsUrl}/readyz`);
    const { checks } = (await response.json()) as { checks: { feeds: { running: string[] } } };
    return checks.feeds.running.sort();
  }

  /** The newest status of every market that the log knows. */
  async function statuses(): Promise<Map<string, string>> {
    const updates = (await readAll(log, ODDS_MARKETS))
      .flat()
      .flatMap(({ value }) => parseOddsUpdate(value.toString()) ?? []);
    const markets = updates.filter((update): update is MarketUpdate => update.type === 'market');
    return new Map(markets.flatMap(({ id, st }) => (st ? [[id, st]] : [])));
  }

  test(
    'a published feed runs, one that changes changes, a rollback stops it, and each says so',
    async () => {
      const { editor } = installation;
      const landed = await editor.land([await save('match-day', feed())], { title: 'Match day' });
      expect(await receipt(landed.id, 'APPLIED')).toEqual({
        instance: 'odds-1',
        state: 'APPLIED',
        ms: expect.any(Number),
        error: null,
      });
      await until(async () => (await running()).includes('match-day'));
      await until(
        async () => [...(await statuses())].some(([id, st]) => id.startsWith('match-day:') && st === 'OPEN'),
        { what: 'open markets' },
      );

      // A release without a feed gets the receipt SKIPPED, and is not silently ignored.
      const promo = await editor.land([await editor.promo('unrelated')], { title: 'A promo' });
      await receipt(promo.id, 'SKIPPED');

      const broken = await editor.land([
        await save(
          'exchange',
          feed({
            source: {
              betfair: {
                appKeyVariable: 'ODDS_SECRET_NONE',
                usernameVariable: 'ODDS_SECRET_NONE',
                passwordVariable: 'ODDS_SECRET_NONE',
                marketFilter: {},
              },
            },
          }),
        ),
      ]);
      expect((await receipt(broken.id, 'REJECTED')).error).toContain('ODDS_SECRET_NONE');
      expect(await running()).toEqual(expect.arrayContaining(['match-day']));
      expect(await running()).not.toContain('exchange');
      const back = expectOk(await editor.rollback(broken.id), 'Release') as unknown as Release;
      await receipt(back.id, 'APPLIED');

      const stopped = expectOk(await editor.rollback(landed.id), 'Release') as unknown as Release;
      await receipt(stopped.id, 'APPLIED');
      await until(async () => !(await running()).includes('match-day'));
      await until(
        async () =>
          [...(await statuses())].filter(([id]) => id.startsWith('match-day:')).every(([, st]) => st !== 'OPEN'),
        { what: 'suspended markets' },
      );
    },
    CASE_MS,
  );

  test(
    'a rule is planned against the markets of the moment',
    async () => {
      const { editor } = installation;
      await editor.land([await save('match-day', feed())], { title: 'Match day' });
      await until(
        async () => [...(await statuses())].some(([id, st]) => id.startsWith('match-day:') && st === 'OPEN'),
        { what: 'open markets' },
      );
      const rule = (match: object) => ({ marketRule: { match, effect: 'HIDE', reason: 'a test' } });
      const hide = String(
        expectOk(
          await editor.saveDraft({ key: 'no-football', body: rule({ sport: 'football' }), site: 'acme-uk' }),
          'Document',
        ).id,
      );
      const typo = String(
        expectOk(await editor.saveDraft({ key: 'typo', body: rule({ sport: 'fotball' }) }), 'Document').id,
      );
      const counts =
        'query ($id: ID!) { release(id: $id) { plan { impact { markets { known views { site hidden } } } } } }';
      const good = expectOk(await editor.createRelease([hide]), 'Release') as unknown as Release;
      const impact = await until(
        async () => {
          const { data } = await editor.client.send(counts, { id: good.id });
          const { markets } = (
            data?.release as {
              plan: { impact: { markets: { known: boolean; views: { site: string; hidden: number }[] } } };
            }
          ).plan.impact;
          return markets.known && markets.views.length > 0 ? markets : undefined;
        },
        { timeoutMs: 60_000 },
      );
      expect(impact.views).toEqual([{ site: 'acme-uk', hidden: expect.any(Number) }]);
      expect(impact.views[0]?.hidden).toBeGreaterThan(0);
      const bad = expectOk(await editor.createRelease([typo]), 'Release') as unknown as Release;
      expect(bad.plan?.gates).toEqual([
        expect.objectContaining({ code: 'MATCHES_NOTHING', message: expect.stringContaining('market-rule/*/typo') }),
      ]);
    },
    CASE_MS,
  );

  test(
    'a third party is read through the proxy as published, and as before after a rollback',
    async () => {
      const { editor } = installation;
      try {
        const key = await createKey(editor, { environment: 'production', consumer: 'partner', scopes: ['PROXY'] });
        const upstream = (allow: string, variable = 'PROXY_SECRET_PARTY') => ({
          proxyUpstream: {
            baseUrl: party.url,
            windowMs: 3_600_000,
            silenceMs: 3_600_000,
            allow: [allow],
            credential: { header: 'X-Party-Key', variable },
          },
        });
        const ask = (path: string) =>
          fetch(`${odds.app.url}/v1/proxy/party${path}`, { headers: { 'Paddock-Client-Key': key.secret } });
        const answered = (path: string, status: number) =>
          until(async () => (await ask(path)).status === status, { what: `${status} for ${path}` });
        // A new key travels by itself; nothing is published under that name yet.
        await answered('/odds/1', 404);

        const first = await editor.land([await save('party', upstream('/odds/*'), 'PROXY_UPSTREAM')], {
          title: 'A third party',
        });
        await receipt(first.id, 'APPLIED', 'odds-1.proxy');
        const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/odds/1')));
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
        expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(answers.map(() => '{"n":1}'));
        expect(
          party.asked.map(({ url, headers }) => [url, headers['x-party-key'], headers['paddock-client-key']]),
        ).toEqual([['/odds/1', PARTY_SECRET, undefined]]);
        expect((await ask('/prices/1')).status).toBe(403);

        const second = await editor.land([await save('party', upstream('/prices/*'), 'PROXY_UPSTREAM')], {
          title: 'Other paths',
        });
        await receipt(second.id, 'APPLIED', 'odds-1.proxy');
        expect([(await ask('/prices/1')).status, (await ask('/odds/1')).status]).toEqual([200, 403]);

        const broken = await editor.land(
          [await save('party', upstream('/**', 'PROXY_SECRET_NONE'), 'PROXY_UPSTREAM')],
          { title: 'A secret that is not there' },
        );
        expect((await receipt(broken.id, 'REJECTED', 'odds-1.proxy')).error).toContain('PROXY_SECRET_NONE');
        expect([(await ask('/prices/1')).status, (await ask('/odds/1')).status]).toEqual([200, 403]);

        for (const [release, path, status] of [
          [broken, '/prices/1', 200],
          [second, '/odds/1', 200],
          [first, '/odds/1', 404],
        ] as const) {
          // The later release changed the same document, so it is rolled back too.
          const back = expectOk(await editor.rollback(release.id, { keep: [] }), 'Release') as unknown as Release;
          await receipt(back.id, 'APPLIED', 'odds-1.proxy');
          expect([release.title, (await ask(path)).status]).toEqual([release.title, status]);
        }
        const metrics = await (await fetch(`${odds.app.operationsUrl}/metrics`)).text();
        expect(metrics).toMatch(
          new RegExp(
            `^paddock_client_requests_total\\{client="${key.id}",route="/v1/proxy/party",version="v1",app="odds"\\} \\d+$`,
            'm',
          ),
        );
        expect(metrics).not.toContain(key.secret);
      } finally {
        await party.close();
      }
    },
    CASE_MS,
  );

  test(
    'after its own restart it runs the same feeds without anybody upstream',
    async () => {
      await until(async () => (await running()).includes('match-day'));
      const { controlPlane, worker } = installation.parts;
      await Promise.all([controlPlane.stop(), worker.stop()]);
      await odds.app.stop();
      await odds.app.start();
      await until(async () => (await running()).includes('match-day'));
      await Promise.all([controlPlane.start(), worker.start()]);
    },
    CASE_MS,
  );
});
