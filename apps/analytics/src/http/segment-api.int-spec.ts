import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { sha256Hex } from '@paddock/contracts';
import { ProducerKeys } from '../collector/producer-keys.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { CALL_PATHS } from './event-paths.js';
import { createServer } from './create-server.js';

const KEY = 'secret';
const DAY_MS = 86_400_000;

describe('the HTTP API of Segment and RudderStack', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  let used = 0;

  beforeAll(async () => {
    test = await testAnalytics();
    const order = contract(
      'order',
      { user: 'string', amount: 'number', session: 'string' },
      { names: ['Order', '注文完了', 'Café Viewed'] },
    );
    const calls = ['page', 'screen', 'identify', 'group', 'alias'].map((name) =>
      contract(name, { user: 'string', name: 'string' }),
    );
    const other = contract('order_other', { user: 'string' }, { names: ['Caf Viewed'] });
    await test.analytics.apply(definitions([order, other, contract('deal_won', { user: 'string' }), ...calls], {}));
    await test.analytics.start();
    const producers = new Map([
      [sha256Hex(KEY), 'web'],
      [sha256Hex('other'), 'app'],
    ]);
    app = await createServer(test.analytics, new ProducerKeys(producers, false), pino({ level: 'silent' }));
    await app.listen(0);
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });

  const post = (path: string) => supertest(app.getHttpServer()).post(path);
  const send = (path: string, body: object, key = KEY) => post(path).auth(key, '').send(body);
  /** Ids that no other case uses. */
  const fresh = (): string => `case-${(used += 1)}`;
  const rowsOf = async (user: string, event = 'order', columns = '_id, _producer') => {
    const rows = () =>
      test.analytics.store.engine.select(
        `SELECT ${columns} FROM raw_${event} FINAL WHERE _user = '${user}' ORDER BY _time`,
      );
    await test.until(async () => (await rows()).length > 0);
    return rows();
  };
  /** Everything that was sent is stored or left out. */
  const settled = async (events: number): Promise<void> => test.stored(events);

  it.each([...CALL_PATHS])('%s takes a %s', async (path, call) => {
    const user = fresh();
    const message = {
      userId: user,
      messageId: `${user}-id`,
      timestamp: new Date().toISOString(),
      ...(call === 'track' ? { event: 'Order' } : {}),
      ...(call === 'group' ? { groupId: 'g' } : {}),
      ...(call === 'alias' ? { previousId: `${user}-before` } : {}),
    };
    const { status, body } = await send(path, message);
    expect({ status, body }).toEqual({ status: 200, body: { success: true, accepted: 1, rejected: [] } });
    expect(await rowsOf(user, call === 'track' ? 'order' : call)).toEqual([{ _id: `${user}-id`, _producer: 'web' }]);
  });

  it.each(['/v1/batch', '/v1/b', '/v1/import', '/beacon/v1/batch'])('%s takes a batch', async (path) => {
    const user = fresh();
    const batch = [
      { type: 'track', event: 'Order', userId: user, messageId: user, timestamp: new Date().toISOString() },
    ];
    expect((await send(path, { batch })).body).toMatchObject({ success: true, accepted: 1 });
    expect(await rowsOf(user)).toEqual([{ _id: user, _producer: 'web' }]);
  });

  describe('takes the key', () => {
    const message = (user: string) => ({
      event: 'Order',
      userId: user,
      messageId: user,
      timestamp: new Date().toISOString(),
    });
    it.each<[string, (user: string) => supertest.Test]>([
      ['as the user of basic authentication', (user) => post('/v1/track').auth(KEY, '').send(message(user))],
      [
        'in the body, sent as text/plain by a beacon',
        (user) =>
          post('/v1/t')
            .type('text/plain')
            .send(JSON.stringify({ ...message(user), writeKey: KEY })),
      ],
      [
        'in the body of a batch',
        (user) => post('/v1/batch').send({ writeKey: KEY, batch: [{ type: 'track', ...message(user) }] }),
      ],
      [
        'in the address',
        (user) =>
          post(`/beacon/v1/batch?writeKey=${KEY}`)
            .type('text/plain')
            .send(JSON.stringify({ batch: [{ type: 'track', ...message(user) }] })),
      ],
      [
        'beside a body that is packed',
        (user) =>
          post('/v1/track')
            .auth(KEY, '')
            .set('content-encoding', 'gzip')
            .type('text/plain')
            .send(gzipSync(JSON.stringify(message(user)))),
      ],
    ])('%s', async (_, request) => {
      const user = fresh();
      expect((await request(user)).status).toBe(200);
      expect(await rowsOf(user)).toEqual([{ _id: user, _producer: 'web' }]);
    });

    it.each<[string, string | undefined, string]>([
      ['none', undefined, 'UNAUTHENTICATED'],
      ['an unknown one', 'guess', 'UNKNOWN_KEY'],
    ])('and refuses %s with a challenge', async (_, writeKey, code) => {
      const { status, body, headers } = await post('/v1/track').send({ ...message('nobody'), writeKey });
      expect({ status, code: body.code, challenge: headers['www-authenticate'] }).toEqual({
        status: 401,
        code,
        challenge: expect.stringMatching(/^Bearer /),
      });
    });
  });

  describe('a message without an id', () => {
    it('that says its time counts once, however often it is sent', async () => {
      const user = fresh();
      const message = { event: 'Order', userId: user, timestamp: new Date().toISOString(), properties: { amount: 5 } };
      const before = test.handled();
      await send('/v1/track', { ...message, sentAt: new Date().toISOString() });
      await send('/v1/track', { ...message, sentAt: new Date(Date.now() + 2_000).toISOString() });
      await send('/v1/batch', { batch: [{ ...message, type: 'track' }] });
      await settled(before + 3);
      expect(await rowsOf(user)).toHaveLength(1);
    });

    it.each<[string, (message: Record<string, unknown>) => object, string]>([
      ['at another time', (message) => ({ ...message, timestamp: new Date(Date.now() - 5_000).toISOString() }), KEY],
      ['with other properties', (message) => ({ ...message, properties: { amount: 6 } }), KEY],
      ['by another sender', (message) => message, 'other'],
    ])('counts beside the same one %s', async (_, change, key) => {
      const user = fresh();
      const message = { event: 'Order', userId: user, timestamp: new Date().toISOString(), properties: { amount: 5 } };
      const before = test.handled();
      await send('/v1/track', message);
      await send('/v1/track', change(message), key);
      await settled(before + 2);
      expect(await rowsOf(user)).toHaveLength(2);
    });

    it('and without a time gets that of its receipt, and counts each time', async () => {
      const user = fresh();
      const before = test.handled();
      const earliest = Date.now();
      // A sender's clock that is an hour wrong does not affect our own time.
      await send('/v1/track', { event: 'Order', userId: user, sentAt: new Date(earliest - 3_600_000).toISOString() });
      await send('/v1/track', { event: 'Order', userId: user });
      await settled(before + 2);
      const rows = await rowsOf(user, 'order', 'toUnixTimestamp64Milli(_time) AS time, _skew');
      expect(rows).toHaveLength(2);
      for (const { time, _skew } of rows) {
        expect(_skew).toBe(0);
        expect(Number(time)).toBeGreaterThanOrEqual(earliest - 1);
        expect(Number(time)).toBeLessThanOrEqual(Date.now());
      }
    });
  });

  it("corrects a time by the clock of the message's sender, whichever name it has", async () => {
    const behind = Date.now() - 2 * 3_600_000;
    for (const name of ['timestamp', 'originalTimestamp']) {
      const user = fresh();
      await send('/v1/track', {
        event: 'Order',
        userId: user,
        messageId: user,
        [name]: new Date(behind).toISOString(),
        sentAt: new Date(behind).toISOString(),
      });
      expect(await rowsOf(user, 'order', 'toUnixTimestamp64Milli(_time) AS time, _skew')).toEqual([
        { time: String(behind + 7_200_000), _skew: 7_200 },
      ]);
    }
  });

  it('takes numbers as ids, as RudderStack sends its sessions', async () => {
    const user = fresh();
    await send('/v1/track', {
      event: 'Order',
      userId: user,
      messageId: 77_000_000_001,
      timestamp: new Date().toISOString(),
      context: { sessionId: 1_764_500_000_000 },
    });
    expect(await rowsOf(user, 'order', '_id, _session')).toEqual([{ _id: '77000000001', _session: '1764500000000' }]);
  });

  it.each<[string, object, object]>([
    [
      'properties that are a text',
      { event: 'Order', properties: 'a' },
      { code: 'CONTRACT_VIOLATION', field: 'properties' },
    ],
    [
      'properties that are a list',
      { event: 'Order', properties: [] },
      { code: 'CONTRACT_VIOLATION', field: 'properties' },
    ],
    ['a context that is a number', { event: 'Order', context: 5 }, { code: 'CONTRACT_VIOLATION', field: 'context' }],
    ['an id that is an object', { event: 'Order', userId: {} }, { code: 'CONTRACT_VIOLATION', field: 'userId' }],
    ['no name', { properties: {} }, { code: 'EVENT_NAME_MISSING', field: 'event' }],
    ['an empty name', { event: '' }, { code: 'EVENT_NAME_MISSING', field: 'event' }],
    ['a name that no contract has', { event: 'Nothing' }, { code: 'UNKNOWN_EVENT', field: 'event' }],
    ['an invalid time', { event: 'Order', timestamp: 'yesterday' }, { code: 'TIME_INVALID', field: 'at' }],
    ['an invalid time of sending', { event: 'Order', sentAt: 'now' }, { code: 'TIME_INVALID', field: 'sentAt' }],
  ])('refuses %s by 400, which SDKs report and do not repeat', async (_, message, expected) => {
    const { status, body } = await send('/v1/track', {
      userId: 'u',
      messageId: fresh(),
      timestamp: new Date().toISOString(),
      ...message,
    });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { success: false, accepted: 0, rejected: [{ index: 0, ...expected }] },
    });
  });

  it('answers 200 where part of a batch is refused, and 400 where all of it is', async () => {
    const good = { type: 'track', event: 'Order', messageId: fresh(), timestamp: new Date().toISOString() };
    const bad = { type: 'tracking', event: 'Order' };
    expect(await send('/v1/batch', { batch: [bad, good] })).toMatchObject({
      status: 200,
      body: { success: true, accepted: 1, rejected: [{ index: 0, code: 'EVENT_NAME_MISSING', field: 'type' }] },
    });
    expect(await send('/v1/batch', { batch: [bad] })).toMatchObject({
      status: 400,
      body: { success: false, code: 'EVENTS_REFUSED', rejected: [{ code: 'EVENT_NAME_MISSING' }] },
    });
  });

  it('leads names of any script to the contract that lists them, and merges none', async () => {
    const user = fresh();
    const names = ['注文完了', 'Café Viewed', 'Cafe\u0301 Viewed', 'Caf Viewed', 'Deal Won', 'dealWon'];
    const batch = names.map((event, index) => ({
      type: 'track',
      event,
      userId: user,
      messageId: `${user}-${index}`,
      timestamp: new Date().toISOString(),
    }));
    const before = test.handled();
    expect((await send('/v1/batch', { batch })).body).toMatchObject({ accepted: 6, rejected: [] });
    await settled(before + 6);
    expect((await rowsOf(user, 'order')).length).toBe(3);
    expect((await rowsOf(user, 'order_other')).length).toBe(1);
    expect((await rowsOf(user, 'deal_won')).length).toBe(2);
    const { body } = await send('/v1/batch', {
      batch: ['Товар добавлен', 'café viewed', 'Order ', 'deal-won'].map((event) => ({ type: 'track', event })),
    });
    expect(body.rejected).toMatchObject(Array.from({ length: 4 }, () => ({ code: 'UNKNOWN_EVENT' })));
    expect(body.rejected[0].message).toContain('"Товар добавлен"');
  });

  it('lets an event that no contract had a name for be repaired once one has', async () => {
    const user = fresh();
    const timestamp = new Date(Date.now() - DAY_MS / 2).toISOString();
    const message = { event: 'Später', userId: user, timestamp };
    expect((await send('/v1/track', message)).status).toBe(400);
    const { definitions: live } = test.analytics;
    const late = contract('late_name', { user: 'string' }, { names: ['Später'] });
    await test.analytics.apply(definitions([...live.events, late], {}));
    const { Quarantine } = await import('../quarantine/quarantine.js');
    const quarantine = new Quarantine(
      test.analytics.store.engine,
      test.analytics.collector,
      () => test.analytics.definitions,
    );
    const where = { event: 'Später' };
    await test.until(
      async () => (await quarantine.repair({ where, mapping: [], dryRun: true, limit: 10 })).matched === 1,
    );
    expect(await quarantine.repair({ where, mapping: [], dryRun: false, limit: 10 })).toMatchObject({ repaired: 1 });
    // Sent again by its sender it is the same event.
    const before = test.handled();
    await send('/v1/track', message);
    await settled(before + 1);
    expect(await rowsOf(user, 'late_name', 'toUnixTimestamp64Milli(_time) AS time')).toEqual([
      { time: String(Date.parse(timestamp)) },
    ]);
  });

  it('serves the settings that browser SDKs fetch before they send', async () => {
    const { body: segment } = await supertest(app.getHttpServer()).get(`/v1/projects/${KEY}/settings`);
    expect(segment.integrations['Segment.io']).toMatchObject({
      apiKey: KEY,
      apiHost: expect.stringMatching(/^127\.0\.0\.1:\d+\/v1$/),
      protocol: 'http',
    });
    const { body: rudder } = await supertest(app.getHttpServer()).get('/sourceConfig/').auth(KEY, '');
    expect(rudder.source).toMatchObject({ writeKey: KEY, enabled: true, destinations: [] });
    expect((await supertest(app.getHttpServer()).get('/v1/projects/guess/settings')).status).toBe(401);
  });
});
