import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import RudderNode from '@rudderstack/rudder-sdk-node';
import { Analytics as SegmentNode } from '@segment/analytics-node';
import { build, stop } from 'esbuild';
import { JSDOM, VirtualConsole } from 'jsdom';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { sha256Hex } from '@paddock/contracts';
import { defaultHttpSettings } from '@paddock/http-server';
import { ApiKeys } from '../access/api-keys.js';
import { ProducerKeys } from '../collector/producer-keys.js';
import { ANALYTICS_PORT_DEFAULTS } from '../settings.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { createServer } from './create-server.js';

const KEY = '1xQ9secretOfAShopInABrowser';
const SHOP = 'http://shop.example';
const CASE_MS = 60_000;

/** Each SDK with the settings that docs/analytics.md shows, against a collector that listens on a port. */
describe('SDKs as they are', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  let url: string;

  beforeAll(async () => {
    test = await testAnalytics();
    const fields = { user: 'string', anonymousId: 'string', session: 'string' };
    const identity = { fields: { id: 'id', time: 'at', user: 'user', anonymous: 'anonymousId', session: 'session' } };
    const contracts = [
      contract('order_completed', { ...fields, total: 'number' }, identity),
      contract('page', { ...fields, name: 'string', path: 'string' }, identity),
      contract('identify', { ...fields, plan: 'string' }, identity),
      contract('group', { ...fields, groupId: 'string' }, identity),
      contract('alias', { ...fields, previousId: 'string' }, identity),
      contract('screen', { ...fields, name: 'string' }, identity),
    ];
    await test.analytics.apply(definitions(contracts, {}));
    await test.analytics.start();
    const http = { ...defaultHttpSettings(ANALYTICS_PORT_DEFAULTS), allowedOrigins: [SHOP] };
    app = await createServer(
      test.analytics,
      new ProducerKeys(new Map([[sha256Hex(KEY), 'shop']]), false),
      pino({ level: 'silent' }),
      undefined,
      { keys: new ApiKeys(new Map()), production: false, http },
    );
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  }, CASE_MS);
  afterAll(async () => {
    await stop();
    await app.close();
    await test.remove();
  });

  /** Rows of an event that a user or visitor sent, when there are so many. */
  async function rowsOf(event: string, user: string, columns: string, count = 1): Promise<unknown[]> {
    const rows = () =>
      test.analytics.store.engine.select(
        `SELECT ${columns} FROM raw_${event} FINAL WHERE _user = '${user}' ORDER BY _time, _id`,
      );
    await test.until(async () => (await rows()).length >= count);
    return rows();
  }

  describe('@segment/analytics-node', () => {
    it('sends every call', async () => {
      const analytics = new SegmentNode({ writeKey: KEY, host: url });
      const failures: unknown[] = [];
      analytics.on('error', (error) => failures.push(error));
      const userId = 'segment-node';
      analytics.identify({ userId, anonymousId: 'visitor-1', traits: { plan: 'gold' } });
      analytics.page({ userId, name: 'Home', properties: { path: '/' } });
      analytics.track({ userId, event: 'Order Completed', properties: { total: 12.5 } });
      analytics.group({ userId, groupId: 'team' });
      analytics.alias({ userId, previousId: 'before' });
      analytics.screen({ userId, name: 'Slip' });
      await analytics.closeAndFlush();
      expect(failures).toEqual([]);
      expect(await rowsOf('order_completed', userId, 'toString(total) AS total, _producer')).toEqual([
        { total: '12.5', _producer: 'shop' },
      ]);
      expect(await rowsOf('page', userId, 'name, path')).toEqual([{ name: 'Home', path: '/' }]);
      expect(await rowsOf('identify', userId, 'plan, anonymousId')).toEqual([
        { plan: 'gold', anonymousId: 'visitor-1' },
      ]);
      expect(await rowsOf('group', userId, 'groupId')).toEqual([{ groupId: 'team' }]);
      expect(await rowsOf('alias', userId, 'previousId')).toEqual([{ previousId: 'before' }]);
      expect(await rowsOf('screen', userId, 'name')).toEqual([{ name: 'Slip' }]);
    });

    it('reports refusals, and does not send them again', async () => {
      const analytics = new SegmentNode({ writeKey: KEY, host: url });
      const failures: unknown[] = [];
      analytics.on('error', ({ reason }: { reason?: unknown }) => failures.push(reason));
      const before = test.analytics.collector.counts.refused.get('UNKNOWN_EVENT') ?? 0;
      analytics.track({ userId: 'u', event: 'Nothing' });
      await analytics.closeAndFlush();
      expect(failures.map(String)).toEqual([expect.stringContaining('[400]')]);
      expect(test.analytics.collector.counts.refused.get('UNKNOWN_EVENT')).toBe(before + 1);
    });
  });

  describe('@rudderstack/rudder-sdk-node', () => {
    it('sends every call', async () => {
      const analytics = new RudderNode(KEY, { dataPlaneUrl: url, flushAt: 10 });
      const userId = 'rudder-node';
      analytics.identify({ userId, traits: { plan: 'gold' } });
      analytics.page({ userId, name: 'Home', properties: { path: '/' } });
      analytics.track({ userId, event: 'Order Completed', properties: { total: 3 } });
      analytics.group({ userId, groupId: 'team' });
      analytics.alias({ userId, previousId: 'before' });
      analytics.screen({ userId, name: 'Slip' });
      await analytics.flush();
      expect(await rowsOf('order_completed', userId, 'toString(total) AS total')).toEqual([{ total: '3' }]);
      expect(await rowsOf('page', userId, 'name, path')).toEqual([{ name: 'Home', path: '/' }]);
      expect(await rowsOf('identify', userId, 'plan')).toEqual([{ plan: 'gold' }]);
      expect(await rowsOf('group', userId, 'groupId')).toEqual([{ groupId: 'team' }]);
      expect(await rowsOf('alias', userId, 'previousId')).toEqual([{ previousId: 'before' }]);
      expect(await rowsOf('screen', userId, 'name')).toEqual([{ name: 'Slip' }]);
    });
  });

  /** A page of the shop that runs a script which may import packages. */
  async function openPage(script: string): Promise<{ dom: JSDOM; errors: unknown[] }> {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: process.cwd() },
      ...{ bundle: true, write: false, format: 'iife', platform: 'browser', target: 'es2022', logLevel: 'silent' },
    });
    const errors: unknown[] = [];
    const virtualConsole = new VirtualConsole().on('jsdomError', (error) => errors.push(error));
    const dom = new JSDOM('<!doctype html><title>Shop</title><script></script>', {
      url: `${SHOP}/basket?from=mail`,
      runScripts: 'outside-only',
      pretendToBeVisual: true,
      virtualConsole,
    });
    // Features that jsdom lacks. Without the last three, RudderStack's SDK first loads a polyfill from another host.
    Object.assign(dom.window, { fetch: asPage(SHOP), Headers, Request, Response, TextEncoder, TextDecoder });
    Object.assign(dom.window.navigator, { sendBeacon: () => false });
    dom.window.eval(outputFiles?.[0]?.text ?? '');
    return { dom, errors };
  }

  describe('@segment/analytics-next', () => {
    it(
      'sends pages, identities and events from another origin',
      async () => {
        const { dom } = await openPage(`
        import { AnalyticsBrowser } from '@segment/analytics-next';
        const analytics = AnalyticsBrowser.load({ writeKey: '${KEY}', cdnURL: '${url}' });
        analytics.page('Basket');
        analytics.identify('segment-web', { plan: 'gold' });
        analytics.track('Order Completed', { total: 7 });
      `);
        try {
          expect(await rowsOf('order_completed', 'segment-web', 'toString(total) AS total, _producer')).toEqual([
            { total: '7', _producer: 'shop' },
          ]);
          expect(await rowsOf('identify', 'segment-web', 'plan')).toEqual([{ plan: 'gold' }]);
          const pages = await test.analytics.store.engine.select(
            "SELECT name, path FROM raw_page FINAL WHERE name = 'Basket'",
          );
          expect(pages).toEqual([{ name: 'Basket', path: '/basket' }]);
        } finally {
          dom.window.close();
        }
      },
      CASE_MS,
    );
  });

  describe('@rudderstack/analytics-js', () => {
    it('may send what it sends again after an outage', async () => {
      const wanted = ['SentAt', 'AnonymousId', 'Authorization', 'Rsa-Retry-Attempt', 'Rsa-Since-Last-Attempt'].concat([
        'Rsa-Since-First-Attempt',
        'Rsa-Retry-Reason',
      ]);
      const { headers } = await fetch(`${url}/v1/track`, {
        method: 'OPTIONS',
        headers: {
          origin: SHOP,
          'access-control-request-method': 'POST',
          'access-control-request-headers': wanted.join(', '),
        },
      });
      const allowed = (headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/, */);
      expect(wanted.filter((name) => !allowed.includes(name.toLowerCase()))).toEqual([]);
    });

    it(
      'sends pages, identities and events from another origin',
      async () => {
        const { dom, errors } = await openPage(`
        import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';
        const analytics = new RudderAnalytics();
        analytics.load('${KEY}', '${url}', { configUrl: '${url}' });
        analytics.page('Counter');
        analytics.identify('rudder-web', { plan: 'silver' });
        analytics.track('Order Completed', { total: 9 });
      `);
        try {
          expect(await rowsOf('order_completed', 'rudder-web', 'toString(total) AS total, _producer')).toEqual([
            { total: '9', _producer: 'shop' },
          ]);
          expect(await rowsOf('identify', 'rudder-web', 'plan')).toEqual([{ plan: 'silver' }]);
          const pages = () =>
            test.analytics.store.engine.select("SELECT name, path FROM raw_page FINAL WHERE name = 'Counter'");
          await test.until(async () => (await pages()).length > 0);
          expect(await pages()).toEqual([{ name: 'Counter', path: '/basket' }]);
          expect(errors).toEqual([]);
        } finally {
          dom.window.close();
        }
      },
      CASE_MS,
    );
  });
});

/** `fetch` of a page: it sends the page's origin, and returns the answer only where CORS allows that. */
function asPage(origin: string): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('origin', origin);
    const response = await fetch(input, { ...init, headers });
    if (response.headers.get('access-control-allow-origin') !== origin) throw new TypeError('blocked by CORS');
    return response;
  };
}
