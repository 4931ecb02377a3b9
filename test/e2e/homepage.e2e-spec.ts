import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { until } from '@paddock/testing';
import { expectOk } from '../../apps/control-plane/src/testing/expect-result.js';
import { ChangeReader } from './change-reader.js';
import type { Installation } from './installation.js';
import { readPage } from './read-page.js';
import { type Collector, startCollector } from './span-collector.js';
import { startInstallation } from './start-installation.js';
import { followPropagation } from './follow-propagation.js';

const CASE_MS = 300_000;
const HOME = '/v1/production/sites/acme-uk/layouts/home';

describe('an editor changes the homepage', () => {
  let collector: Collector;
  let installation: Installation;

  beforeAll(async () => {
    collector = await startCollector();
    installation = await startInstallation({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  }, CASE_MS);
  afterAll(async () => {
    await installation.dispose();
    collector.close();
  });

  it(
    'publishes it to every edge, notifies frontends, and rolls it back byte for byte',
    async () => {
      const { editor } = installation;
      const edge = installation.edge().url;
      const before = await readPage(edge + HOME);
      const compressed = await Promise.all(
        ['br', 'gzip'].map((encoding) => readPage(edge + HOME, { 'accept-encoding': encoding })),
      );
      expect([brotliDecompressSync(compressed[0]?.bytes ?? ''), gunzipSync(compressed[1]?.bytes ?? '')]).toEqual([
        before.bytes,
        before.bytes,
      ]);
      const stream = await ChangeReader.open(`${edge}/v1/production/changes`);

      const promo = await editor.promo('summer-festival', {
        title: 'Winter festival',
        tags: ['homepage'],
        priority: 90,
      });
      const layout = await editor.layout('home', {
        page: 'home',
        slots: [{ name: 'hero', items: [{ promo: 'summer-festival' }, { promo: 'welcome' }] }],
      });
      const created = expectOk(await editor.createRelease([promo, layout], { title: 'Winter' }), 'Release');
      const { id } = created as { id: string };
      const { plan } = await editor.release(id);
      expect(plan).toMatchObject({
        gates: [],
        impact: { sites: ['acme-uk'], pages: [{ site: 'acme-uk', page: 'home' }] },
      });
      const { seq } = expectOk(await editor.publish(id, plan?.planHash ?? ''), 'Release') as { seq: number };

      const [applied] = await Promise.all([followPropagation(installation, id), installation.converged()]);
      expect(applied).toMatchObject({
        desiredSeq: seq,
        applied: 2,
        pending: 0,
        rejected: 0,
        p95Ms: expect.any(Number),
      });
      expect(applied.receipts).toEqual(
        ['edge-1', 'edge-2'].map((instance) => ({ instance, state: 'APPLIED', ms: expect.any(Number), error: null })),
      );
      expect(applied.summary).toMatch(new RegExp(`^release ${seq}: applied by 2 of 2 edges, p95 \\d+ ms$`));
      expect(await stream.next()).toMatchObject({
        id: String(seq),
        event: 'release',
        data: { seq, type: 'FORWARD', pages: [{ site: 'acme-uk', page: 'home' }] },
      });

      const after = await Promise.all(installation.parts.edges.map(({ url }) => readPage(url + HOME)));
      for (const page of after) {
        expect(page.titles).toEqual(['Winter festival', 'Welcome to Acme Sports']);
        expect(page.seq).toBe(seq);
        expect(page.etag).not.toBe(before.etag);
        expect(page.bytes).toEqual(after[0]?.bytes);
      }

      await editor.land([await editor.promo('unrelated')], { title: 'Something else' });
      await installation.converged();
      const unrelated = await readPage(edge + HOME, { 'if-none-match': after[0]?.etag ?? '' });
      expect(unrelated).toMatchObject({ status: 304, etag: after[0]?.etag, seq: seq + 1 });

      expectOk(await editor.rollback(id), 'Release');
      await installation.converged();
      const restored = await Promise.all(
        ['br', 'gzip'].map((encoding) => readPage(edge + HOME, { 'accept-encoding': encoding })),
      );
      expect(await readPage(edge + HOME)).toEqual({ ...before, seq: seq + 2 });
      expect(restored).toEqual(compressed.map((page) => ({ ...page, seq: seq + 2 })));
      const events = [await stream.next(), await stream.next()];
      expect(events).toMatchObject([
        { id: String(seq + 1), data: { pages: [] } },
        { id: String(seq + 2), data: { type: 'ROLLBACK', pages: [{ page: 'home' }] } },
      ]);
      stream.close();

      const resumed = await ChangeReader.open(`${edge}/v1/production/changes`, { 'last-event-id': String(seq) });
      expect([await resumed.next(), await resumed.next()]).toEqual(events);
      resumed.close();
    },
    CASE_MS,
  );

  it(
    'a promo begins and ends at the edge on its second, without a publish',
    async () => {
      const { editor } = installation;
      // Late enough that it is everywhere before it begins, also where everything takes its time.
      const from = Math.ceil(Date.now() / 1_000) * 1_000 + 15_000;
      const to = from + 3_000;
      const local = (at: number): string => new Date(at).toISOString().slice(0, 19);
      const promo = await editor.promo('flash', { schedule: { from: local(from), to: local(to), timeZone: 'UTC' } });
      const layout = await editor.layout('flash', {
        page: 'flash',
        slots: [{ name: 'only', items: [{ promo: 'flash' }] }],
      });
      await editor.land([promo, layout]);
      await installation.converged();
      const looks: Look[] = [];
      await until(
        async () => {
          const asked = Date.now();
          const { titles, validUntil } = await readPage(
            `${installation.edge().url}/v1/production/sites/acme-uk/layouts/flash`,
          );
          looks.push({ asked, answered: Date.now(), shown: titles.length > 0, validUntil });
          return asked > to + 200;
        },
        { timeoutMs: 60_000, everyMs: 10, what: 'the end of the promo' },
      );
      // Judged by when it was asked and answered: no tolerance is needed, as both ends have the same clock.
      const wrong = looks.filter(({ asked, answered, shown }) =>
        shown ? answered < from || asked >= to : asked >= from && answered < to,
      );
      expect(wrong).toEqual([]);
      const phases = looks.map(({ shown, validUntil }) => `${shown ? 'shown' : 'absent'} until ${validUntil}`);
      expect([...new Set(phases)]).toEqual([
        `absent until ${new Date(from).toISOString()}`,
        `shown until ${new Date(to).toISOString()}`,
        'absent until null',
      ]);
    },
    CASE_MS,
  );

  it(
    'a client key opens its own site alone, and within two seconds nothing once it is revoked',
    async () => {
      const { client } = installation.editor;
      const edge = installation.edge().url;
      const create = `mutation ($input: CreateClientKeyInput!) { createClientKey(input: $input) { ... on ClientKeyCreated { key clientKey { id } } } }`;
      const input = {
        environment: 'production',
        consumer: 'web',
        site: 'acme-uk',
        jurisdiction: 'GB',
        scopes: ['READ'],
      };
      const { key, clientKey } = expectOk(await client.send(create, { input })) as {
        key: string;
        clientKey: { id: string };
      };
      const headers = { 'paddock-client-key': key };
      const status = async (path: string): Promise<number> => (await readPage(edge + path, headers)).status;
      await until(async () => (await status(HOME)) === 200, { what: 'the new key' });
      expect(await status('/v1/production/sites/acme-ie/layouts/home')).toBe(403);
      expect(await status('/v1/production/manifest')).toBe(403);

      const revoke = `mutation ($input: RevokeClientKeyInput!) { revokeClientKey(input: $input) { ... on ClientKey { id } } }`;
      expectOk(await client.send(revoke, { input: { id: clientKey.id } }));
      await until(async () => (await status(HOME)) === 401, { timeoutMs: 2_000, what: 'the revocation' });
    },
    CASE_MS,
  );

  it(
    'GraphQL at the edge answers what REST answers',
    async () => {
      const edge = installation.edge().url;
      const rest = await readPage(edge + HOME);
      const promo =
        'key title subtitle text image { url alt } cta { label href } badge terms tags component props validUntil';
      const query = `{ layout(site: "acme-uk", page: "home") { site page environment etag seq validUntil slots { name items { __typename
      ... on PromoItem { ${promo} } ... on ComponentItem { shown: component input: props validUntil } ... on MarketsItem { query { sport competition limit } markets validUntil } } } } }`;
      const response = await fetch(`${edge}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      const { data } = (await response.json()) as { data: { layout: { etag: string; seq: number; slots: object[] } } };
      expect(data.layout).toMatchObject({ etag: rest.etag, seq: rest.seq });
      expect(asRest(data.layout.slots)).toEqual((JSON.parse(rest.bytes.toString()) as { slots: object[] }).slots);
    },
    CASE_MS,
  );

  it(
    'leaves one trace from the mutation to every edge’s receipt',
    async () => {
      const { id } = await installation.editor.land([await installation.editor.promo('traced')]);
      await followPropagation(installation, id);
      const [outbox] = await installation.sql<{ traceparent: string }>(
        `SELECT o.traceparent FROM outbox o JOIN \`release\` r ON o.topic = 'release' AND o.environment = r.environment AND o.version = r.seq WHERE r.id = ?`,
        [id],
      );
      const traceId = outbox?.traceparent.split('-')[1] ?? '';
      const expected = [
        'paddock-control-plane: POST /graphql',
        'paddock-worker: deliver',
        'paddock-edge: edge apply',
        'paddock-edge: edge receipt',
      ];
      await until(() => expected.every((name) => collector.spans(traceId).includes(name)), {
        timeoutMs: 60_000,
        what: `the spans of ${traceId}`,
      });
      // Edges report each in their own time; neither may report twice.
      const receipts = () => collector.spans(traceId).filter((name) => name === 'paddock-edge: edge receipt').length;
      await until(() => receipts() >= 2, { timeoutMs: 60_000, what: 'the receipt of every edge' });
      expect(receipts()).toBe(2);
    },
    CASE_MS,
  );
});

/** One look at a page, by epoch milliseconds. */
interface Look {
  asked: number;
  answered: number;
  shown: boolean;
  validUntil: string | null | undefined;
}

/** GraphQL's answer as REST writes it: types by `type`, absent members left out. */
function asRest(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRest);
  if (typeof value !== 'object' || value === null) return value;
  const { __typename, shown, input, ...rest } = value as Record<string, unknown>;
  const type = typeof __typename === 'string' ? { type: __typename.replace('Item', '').toLowerCase() } : {};
  const members = { ...type, ...rest, component: rest['component'] ?? shown, props: rest['props'] ?? input };
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, member]) =>
      member === null || member === undefined ? [] : [[name, asRest(member)]],
    ),
  );
}
