import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readPrice } from '../../apps/odds/src/feeds/source-values.js';
import { textCell } from '../../apps/analytics/src/csv/to-csv.js';
import type { Editor, Release } from '../../apps/control-plane/src/testing/editor.js';
import { expectOk, expectProblem } from '../../apps/control-plane/src/testing/expect-result.js';
import type { AttackedWorld } from './world.js';

interface Field {
  path: string;
  code: string;
  message: string;
}

/** Every spelling is this machine, its network, or one that no service on the internet is in. */
const FORBIDDEN_HOSTS = [
  '127.0.0.1',
  '[::ffff:7f00:1]',
  '0x7f.1',
  '2130706433',
  '0177.0.0.1',
  '169.254.169.254',
  '[::1]',
  '0.0.0.0',
  '10.0.0.1',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  'localhost',
  'localhost.',
];

const feed = (url: string): object => ({
  oddsFeed: {
    source: {
      poller: {
        url,
        mapping: {
          markets: '',
          market: { id: 'id', event: 'game' },
          runners: 'runners',
          runner: { id: 'id', price: 'odds' },
          prices: 'decimal',
        },
      },
    },
    ...{ syncWindowMs: 1_000, silenceMs: 10_000, suspendedDisplay: 'BLANK', enabled: true },
  },
});
const upstream = (baseUrl: string): object => ({
  proxyUpstream: { baseUrl, allow: ['/x'], windowMs: 1_000, silenceMs: 10_000 },
});

/** Texts that people enter, and how they are stored or refused. */
export function contentRows(world: () => AttackedWorld): void {
  const save = (body: object) =>
    world().admin.saveDraft({ key: `row-${randomUUID().slice(0, 8)}`, site: 'acme-uk', body });
  const saveForAll = (body: object) => world().admin.saveDraft({ key: `row-${randomUUID().slice(0, 8)}`, body });
  const promo = (body: object) => save({ promo: { title: 'A promo', ...body } });
  const fieldsOf = (result: Awaited<ReturnType<Editor['saveDraft']>>): Field[] =>
    expectProblem(result, 'VALIDATION').fields as Field[];

  describe('addresses that lead inside', () => {
    test.each(FORBIDDEN_HOSTS)('a feed from https://%s: URL_NOT_ALLOWED, at its field', async (host) => {
      expect(fieldsOf(await saveForAll(feed(`https://${host}/odds.json`)))).toContainEqual(
        expect.objectContaining({ path: 'body.oddsFeed.source.poller.url', code: 'URL_NOT_ALLOWED' }),
      );
    });

    test.each(FORBIDDEN_HOSTS)('an upstream at https://%s: URL_NOT_ALLOWED, at its field', async (host) => {
      expect(fieldsOf(await saveForAll(upstream(`https://${host}`)))).toContainEqual(
        expect.objectContaining({ path: 'body.proxyUpstream.baseUrl', code: 'URL_NOT_ALLOWED' }),
      );
    });
  });

  describe('markup that would run', () => {
    test.each([
      ['an image that loads a script', 'Hello\n\n<img src=x onerror=alert(1)>'],
      ['a script address', 'Hello\n\n[x](javascript:alert(1))'],
      ['a document in an address', 'Hello\n\n[x](data:text/html;base64,PHNjcmlwdD4=)'],
      [
        'markup that a sanitizer would repair into a script',
        'Hello\n\n<svg><style><img title="</style><img src onerror=alert(1)>">',
      ],
      ['an SVG, which may hold scripts', 'Hello\n\n![x](https://cdn.example/a.svg)'],
    ])('%s is refused with its position', async (_, text) => {
      const [problem] = fieldsOf(await promo({ text }));
      expect(problem).toMatchObject({
        path: 'body.promo.text',
        message: expect.stringMatching(/^line 3, column \d+: /),
      });
    });

    test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https://cdn.example/a.svg'])(
      '%s as a picture is refused',
      async (url) => {
        expect(fieldsOf(await promo({ image: { url, alt: '' } }))).toContainEqual(
          expect.objectContaining({ path: 'body.promo.image.url', code: 'INVALID_LINK' }),
        );
      },
    );
  });

  describe('formulas in a name', () => {
    test.each(['=HYPERLINK("https://evil.example")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\u00a0=1'])(
      '%j leaves as text',
      (cell) => {
        expect(textCell(cell)).toMatch(/^"?'/);
      },
    );
  });

  describe('prices of a source', () => {
    test.each([0, -1, 1e308, 'NaN', Number.NaN, 1, '1.0', '0x10', '1e2', null, true, {}])(
      '%p is no price that anybody could bet at',
      (price) => {
        expect(readPrice(price) ?? null).toBeNull();
      },
    );
  });

  describe('unusual text', () => {
    test.each([
      ['NUL', 'a\u0000b', 'refused'],
      ['half of a surrogate pair', 'a\ud800b', 'refused'],
      ['a right-to-left override', 'a\u202eb', 'exact or refused'],
      ['an emoji of four bytes', 'a 🏇 b', 'exact'],
      ['a megabyte', 'x'.repeat(1_000_000), 'refused'],
    ])('%s is stored exactly or refused at its field', async (_, title, expected) => {
      const result = await promo({ title });
      const saved = result.data?.saveDraft as { __typename?: string; id?: string } | null | undefined;
      expect([200, 400]).toContain(result.status);
      if (saved?.__typename !== 'Document') {
        expect(expected).toMatch(/refused/);
        expect(JSON.stringify(result.errors.length > 0 ? result.errors : saved)).toMatch(/title|position/);
        return;
      }
      expect(expected).toMatch(/exact/);
      const { data } = await world().admin.client.send(
        'query ($id: ID!) { document(id: $id) { draft { body { ... on Promo { title } } } } }',
        { id: saved.id },
      );
      expect(data).toEqual({ document: { draft: { body: { title } } } });
    });
  });

  describe('times that do not exist', () => {
    test.each(['0000-01-01T00:00:00Z', '2026-06-30T23:59:60Z', '2026-02-30T10:00:00Z'])(
      '%s: 400, named',
      async (expiresAt) => {
        const { status, errors } = await world().admin.client.send(
          'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename } }',
          { input: { name: 'x', grants: [{ role: 'VIEWER' }], expiresAt } },
        );
        expect({ status, code: errors[0]?.extensions.code, message: errors[0]?.message }).toMatchObject({
          status: 400,
          code: 'BAD_USER_INPUT',
          message: expect.stringMatching(/expiresAt/),
        });
      },
    );

    test.each([
      ['in the hour that is left out', { from: '2027-03-28T01:30:00', timeZone: 'Europe/London' }],
      ['in the year 0', { from: '0000-01-01T00:00:00', timeZone: 'Europe/London' }],
      ['with a leap second', { from: '2027-06-30T23:59:60', timeZone: 'Europe/London' }],
      [
        'that ends before it begins',
        { from: '2027-06-02T00:00:00', to: '2027-06-01T00:00:00', timeZone: 'Europe/London' },
      ],
    ])('a schedule %s is refused at its field', async (_, schedule) => {
      expect(fieldsOf(await promo({ schedule }))).toContainEqual(
        expect.objectContaining({ path: expect.stringMatching(/^body\.promo\.schedule/) }),
      );
    });
  });

  describe('repeated and overtaken publishes', () => {
    const ready = async (): Promise<Release> => {
      const { admin } = world();
      const id = await admin.promo(`row-${randomUUID().slice(0, 8)}`);
      return expectOk(await admin.createRelease([id]), 'Release') as unknown as Release;
    };
    const publish = (id: string, planHash: string, idempotencyKey: string) =>
      world().admin.client.send(
        'mutation ($input: PublishReleaseInput!) { publishRelease(input: $input) { __typename ... on Release { id seq } ... on Problem { code message status } ... on StaleProblem { planHash wonBy { seq } } } }',
        { input: { id, planHash, idempotencyKey } },
      );

    test('one key, sent eight times at once, lands one release; for another request it is refused: 422', async () => {
      const release = await ready();
      const key = randomUUID();
      const hash = release.plan?.planHash ?? '';
      const answers = await Promise.all(Array.from({ length: 8 }, () => publish(release.id, hash, key)));
      const landed = answers.map(
        (answer) => answer.data?.publishRelease as { __typename: string; seq?: number; status?: number },
      );
      const done = landed.filter(({ __typename }) => __typename === 'Release');
      expect(done.length).toBeGreaterThan(0);
      expect(new Set(done.map(({ seq }) => seq)).size).toBe(1);
      for (const { status } of landed.filter(({ __typename }) => __typename !== 'Release')) expect(status).toBe(409);
      const other = await ready();
      expect(
        expectProblem(await publish(other.id, other.plan?.planHash ?? '', key), 'IDEMPOTENCY_CONFLICT'),
      ).toMatchObject({ status: 422 });
    });

    test('a plan that is no longer current: 409 with the current one', async () => {
      const release = await ready();
      expect(expectProblem(await publish(release.id, 'x'.repeat(64), randomUUID()), 'STALE')).toMatchObject({
        status: 409,
        planHash: release.plan?.planHash,
      });
    });

    test('a draft that another user has saved: 409 with the current one', async () => {
      const { admin } = world();
      const key = `row-${randomUUID().slice(0, 8)}`;
      await admin.promo(key);
      const stale = await admin.saveDraft({ key, site: 'acme-uk', lockVersion: 9, body: { promo: { title: 'late' } } });
      expect(expectProblem(stale, 'STALE').current).toMatchObject({ lockVersion: 1 });
    });
  });
}
