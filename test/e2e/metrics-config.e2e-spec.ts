import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, temporaryDirectory, type TestApp, until } from '@paddock/testing';
import { expectOk } from '../../apps/control-plane/src/testing/expect-result.js';
import type { Installation } from './installation.js';
import { startInstallation } from './start-installation.js';

const CASE_MS = 300_000;
/** The promised time from a publish to its numbers. */
const VALUES_WITHIN_MS = 60_000;

const schema = {
  type: 'object',
  required: ['id', 'at'],
  properties: {
    id: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    stake: { type: 'number' },
    sport: { type: 'string' },
  },
};
const BET = {
  eventSchema: { event: 'bet', fields: { id: 'id', time: 'at' }, versions: [{ version: '1.0.0', schema }] },
};
const bets = (more: object = {}): object => ({
  metric: { title: 'Bets', simple: { event: 'bet', agg: 'COUNT', ...more } },
});
const ONLY_TENNIS = { filter: { eq: { field: 'sport', value: 'tennis' } } };

describe('a product owner decides what is counted', () => {
  let installation: Installation;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let analytics: TestApp;

  beforeAll(async () => {
    [installation, directory] = await Promise.all([startInstallation(), temporaryDirectory()]);
    analytics = await startApp('analytics', {
      REDIS_URL: installation.parts.redis.url,
      ANALYTICS_STORE_DIR: `${directory.path}/store`,
      ANALYTICS_STATE_DIR: `${directory.path}/state`,
      ANALYTICS_INSTANCE: 'analytics-1',
      ANALYTICS_ANONYMOUS: 'true',
      ANALYTICS_OPEN_READS: 'true',
    });
  }, CASE_MS);
  afterAll(async () => {
    await analytics?.dispose();
    await installation.dispose();
    await directory.remove();
  });

  async function save(kind: 'METRIC' | 'EVENT_SCHEMA' | 'EXPLORATION', key: string, body: object): Promise<string> {
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

  /** Waits until a release is applied and its numbers are caught up. */
  async function applied(releaseId: string): Promise<void> {
    const names = async (): Promise<string[]> =>
      (await installation.propagation(releaseId)).receipts
        .filter(({ state }) => state === 'APPLIED')
        .map(({ instance }) => instance);
    await until(
      async () => {
        const said = await names();
        return said.includes('analytics-1') && said.includes('analytics-1-backfill');
      },
      { timeoutMs: 60_000, what: 'both receipts' },
    );
  }

  async function value(metric: string): Promise<number | undefined> {
    const query =
      'query ($input: MetricSeriesInput!) { metricSeries(input: $input) { ... on MetricSeries { series { points { value } } } } }';
    const input = {
      metric,
      grain: 'DAY',
      from: new Date(Date.now() - 7_200_000).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
    };
    const response = await fetch(`${analytics.app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const { data } = (await response.json()) as {
      data?: { metricSeries: { series?: { points: { value: number | null }[] }[] } };
    };
    return data?.metricSeries.series?.[0]?.points.reduce((sum, point) => sum + (point.value ?? 0), 0);
  }

  async function explored(key: string): Promise<Record<string, number>> {
    const query = `{ exploration(key: ${JSON.stringify(key)}) { ... on Exploration { answer { series { dimensions { value } points { value } } } } } }`;
    const response = await fetch(`${analytics.app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await response.json()) as {
      data?: {
        exploration: { answer?: { series: { dimensions: { value: string }[]; points: { value: number | null }[] }[] } };
      };
    };
    return Object.fromEntries(
      (data?.exploration.answer?.series ?? []).map(({ dimensions: [cell], points }) => [
        cell?.value ?? '',
        points.reduce((sum, point) => sum + (point.value ?? 0), 0),
      ]),
    );
  }

  test(
    'values stand within a minute, a new definition switches, and the way back is immediate',
    async () => {
      const { editor } = installation;
      await editor.land([await save('EVENT_SCHEMA', 'bet', BET)], { title: 'The contract' });
      const at = new Date(Date.now() - 600_000).toISOString();
      const events = ['tennis', 'golf', 'golf', 'football']
        .map((sport, index) => JSON.stringify({ event: 'bet', id: `e${index}`, at, stake: 2, sport }))
        .join('\n');
      await until(
        async () => (await fetch(`${analytics.app.url}/v1/events`, { method: 'POST', body: events })).status === 202,
        { timeoutMs: 60_000, what: 'a collector that knows the contract' },
      );

      const published = Date.now();
      const first = await editor.land([await save('METRIC', 'bets', bets())], { title: 'The metric' });
      await until(async () => (await value('bets')) === 4, { timeoutMs: VALUES_WITHIN_MS, what: 'values' });
      expect(Date.now() - published).toBeLessThan(VALUES_WITHIN_MS);
      expect(first.seq).toBeGreaterThan(0);

      const changed = await editor.land([await save('METRIC', 'bets', bets(ONLY_TENNIS))], { title: 'Only tennis' });
      await until(async () => (await value('bets')) === 1, { timeoutMs: VALUES_WITHIN_MS, what: 'the new definition' });

      const asked = Date.now();
      expectOk(await editor.rollback(changed.id), 'Release');
      await until(async () => (await value('bets')) === 4, { timeoutMs: 10_000, what: 'the definition of before' });
      // Nothing is computed for it; what remains is the way of the release.
      expect(Date.now() - asked).toBeLessThan(10_000);
    },
    CASE_MS,
  );

  test(
    'it says what it applied, and holds its definitions without anybody upstream',
    async () => {
      const { editor } = installation;
      const landed = await editor.land([
        await save('METRIC', 'turnover', {
          metric: { title: 'Turnover', simple: { event: 'bet', agg: 'SUM', expr: 'stake' } },
        }),
      ]);
      await applied(landed.id);
      const bySport = {
        exploration: {
          title: 'Stakes by sport',
          measure: { event: 'bet', agg: 'SUM', expr: 'stake' },
          dimensions: ['sport'],
          grain: 'DAY',
          range: { last: '2d' },
        },
      };
      await editor.land([await save('EXPLORATION', 'stake-by-sport', bySport)]);
      await until(async () => (await explored('stake-by-sport'))['golf'] === 4, {
        timeoutMs: 30_000,
        what: 'the answer of the saved exploration',
      });
      const { controlPlane, worker } = installation.parts;
      await Promise.all([controlPlane.stop(), worker.stop()]);
      await analytics.app.stop();
      await analytics.app.start();
      await until(async () => (await value('turnover')) === 8, {
        timeoutMs: 60_000,
        what: 'the sum after the restart',
      });
      expect(await explored('stake-by-sport')).toEqual({ golf: 4, tennis: 2, football: 2 });
      await Promise.all([controlPlane.start(), worker.start()]);
    },
    CASE_MS,
  );
});
