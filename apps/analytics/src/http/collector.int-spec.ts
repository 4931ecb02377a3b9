import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Analytics as SegmentAnalytics } from '@segment/analytics-node';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { sha256Hex } from '@paddock/contracts';
import { type EventLog, LogUnavailable, memoryEventLog } from '@paddock/eventlog';
import { ProducerKeys } from '../collector/producer-keys.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { createServer } from './create-server.js';

const LIMIT = 1 << 20;

describe('the collector', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  let failing: Error | undefined;
  const bet = contract('bet_placed', { user: 'string', amount: 'number', session: 'string' });
  const calls = [
    contract('page', { user: 'string', name: 'string', category: 'string', path: 'string' }),
    contract('screen', { user: 'string', name: 'string' }),
    contract('group', { user: 'string', groupId: 'string', name: 'string' }),
    contract('alias', { user: 'string', previousId: 'string' }),
    contract('app_opened', { user: 'string', anonymousId: 'string', version: 'string' }),
  ];

  beforeAll(async () => {
    test = await testAnalytics({
      log: faulty(memoryEventLog()),
      limits: { maxBodyBytes: LIMIT, maxEvents: 1_000, maxBufferedBytes: LIMIT },
    });
    await test.analytics.apply(definitions([bet, ...calls], {}));
    await test.analytics.start();
    app = await createServer(
      test.analytics,
      new ProducerKeys(new Map([[sha256Hex('secret'), 'web']]), false),
      pino({ level: 'silent' }),
    );
    await app.listen(0);
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });
  beforeEach(() => (failing = undefined));
  afterEach(async () => {
    failing = undefined;
    await test.analytics.store.engine.run('TRUNCATE TABLE raw_bet_placed');
  });

  /** A log that can be made to fail. */
  function faulty(log: EventLog): EventLog {
    return new Proxy(log, {
      get: (target, name) => {
        const failure = failing;
        if (name === 'append' && failure) return () => Promise.reject(failure);
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  const post = (path = '/v1/events') => supertest(app.getHttpServer()).post(path).set('paddock-client-key', 'secret');
  const event = (id: string, more: object = {}) => ({
    event: 'bet_placed',
    id,
    at: new Date().toISOString(),
    user: 'u',
    amount: 1.5,
    ...more,
  });
  const ndjson = (...events: unknown[]) =>
    events.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  async function storedRows(count: number, columns = '_id') {
    await test.stored(count);
    return test.analytics.store.engine.select(`SELECT ${columns} FROM raw_bet_placed FINAL ORDER BY _id`);
  }

  it.each([
    [
      'NDJSON',
      (body: unknown[]) =>
        post()
          .type('application/x-ndjson')
          .send(ndjson(...body)),
    ],
    ['a JSON array', (body: unknown[]) => post().send(body)],
    [
      'a beacon',
      (body: unknown[]) =>
        supertest(app.getHttpServer()).post('/v1/events?key=secret').type('text/plain').send(JSON.stringify(body)),
    ],
    [
      'gzip',
      (body: unknown[]) =>
        post()
          .set('content-encoding', 'gzip')
          .type('application/x-ndjson')
          .send(gzipSync(ndjson(...body))),
    ],
  ])('takes %s', async (_, request) => {
    const before = test.handled();
    const answer = await request([event('a'), event('b')]);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: { accepted: 2, rejected: [] } });
    expect(await storedRows(before + 2, '_id, _producer')).toEqual([
      { _id: 'a', _producer: 'web' },
      { _id: 'b', _producer: 'web' },
    ]);
  });

  it.each<[string, object | string, object]>([
    ['no JSON', '{"event":', { code: 'INVALID_JSON' }],
    ['no object', '[1]', { code: 'NOT_AN_OBJECT' }],
    ['no name', { id: '1' }, { code: 'EVENT_NAME_MISSING', field: 'event' }],
    ['an unknown name', { event: 'nope' }, { code: 'UNKNOWN_EVENT', field: 'event' }],
    ['an unknown version', event('1', { version: '9.0.0' }), { code: 'UNKNOWN_VERSION', field: 'version' }],
    ['a missing field', { event: 'bet_placed', id: '1' }, { code: 'CONTRACT_VIOLATION', field: 'at' }],
    ['a wrong type', event('1', { amount: 'ten' }), { code: 'CONTRACT_VIOLATION', field: 'amount' }],
    ['an empty id', event(''), { code: 'ID_MISSING', field: 'id' }],
    [
      'a date that does not exist',
      event('1', { at: '2026-13-45T00:00:00Z' }),
      { code: expect.stringMatching(/CONTRACT_VIOLATION|TIME_INVALID/), field: 'at' },
    ],
    ['the far future', event('1', { at: '2040-01-01T00:00:00Z' }), { code: 'TOO_FAR_IN_FUTURE', field: 'at' }],
    ['a number beyond the range', event('1', { amount: 1e12 }), { code: 'NUMBER_OUT_OF_RANGE', field: 'amount' }],
    ['half a character', event('1', { user: '\ud800' }), { code: 'TEXT_INVALID', field: 'user' }],
    [
      'a member named __proto__',
      '{"event":"bet_placed","__proto__":{}}',
      { code: 'FORBIDDEN_NAME', field: '__proto__' },
    ],
  ])('refuses an event with %s by itself, names the field, and keeps the original', async (_, bad, reason) => {
    const before = test.handled();
    await test.analytics.store.engine.run('TRUNCATE TABLE quarantine');
    const { body, status } = await post()
      .type('application/x-ndjson')
      .send(ndjson(event('good'), bad));
    expect(status).toBe(202);
    expect(body).toEqual({ accepted: 1, rejected: [expect.objectContaining({ index: 1, ...reason })] });
    expect(await storedRows(before + 1)).toEqual([{ _id: 'good' }]);
    await test.until(
      async () => (await test.analytics.store.engine.select('SELECT count() AS n FROM quarantine'))[0]?.['n'] === '1',
    );
    const [kept] = await test.analytics.store.engine.select('SELECT code, original FROM quarantine');
    expect(kept).toMatchObject({
      code: body.rejected[0].code,
      original: (typeof bad === 'string' ? bad : JSON.stringify(bad)).toWellFormed(),
    });
  });

  it.each<[string, (deep: string) => supertest.Test]>([
    [
      'NDJSON',
      (deep) =>
        post()
          .type('application/x-ndjson')
          .send(ndjson(event('shallow'), `{"event":"bet_placed","x":${deep}}`)),
    ],
    [
      'an array',
      (deep) =>
        post()
          .type('application/json')
          .send(`[${JSON.stringify(event('shallow'))},{"event":"bet_placed","x":${deep}}]`),
    ],
    [
      'a batch of Segment',
      (deep) =>
        post('/v1/batch')
          .type('application/json')
          .send(
            `{"batch":[{"type":"track","event":"bet_placed","messageId":"shallow","timestamp":"${new Date().toISOString()}","properties":{"amount":1}},{"type":"track","event":"bet_placed","properties":{"x":${deep}}}]}`,
          ),
    ],
  ])('refuses an event that is too deep for the stack by itself, in %s', async (_, request) => {
    const { stored, refused } = test.analytics.processor.counts;
    const { status, body } = await request('['.repeat(50_000) + ']'.repeat(50_000));
    expect({ ok: status < 300, body }).toMatchObject({
      ok: true,
      body: { accepted: 1, rejected: [{ index: 1, code: 'TOO_DEEP' }] },
    });
    expect(await storedRows(stored + 1)).toEqual([{ _id: 'shallow' }]);
    await test.until(() => test.analytics.processor.counts.refused === refused + 1);
  });

  it('answers 422 where nothing was accepted', async () => {
    expect((await post().send([{ event: 'nope' }])).status).toBe(422);
  });

  it.each<[string, () => supertest.Test, number, string]>([
    [
      'a body beyond the limit',
      () =>
        post()
          .type('text/plain')
          .send('x'.repeat(LIMIT + 1)),
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'a gzip bomb',
      () =>
        post()
          .set('content-encoding', 'gzip')
          .type('text/plain')
          .send(gzipSync(Buffer.alloc(50 << 20))),
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'bytes that are no gzip',
      () => post().set('content-encoding', 'gzip').type('text/plain').send('plain'),
      400,
      'INVALID_ENCODING',
    ],
    [
      'an unknown encoding',
      () => post().set('content-encoding', 'zip').type('text/plain').send('plain'),
      415,
      'UNKNOWN_ENCODING',
    ],
    ['an array cut short', () => post().type('application/json').send('[{"event":"bet_placed"},'), 400, 'INVALID_JSON'],
    ['too many events', () => post().send(Array.from({ length: 1_001 }, () => ({}))), 413, 'TOO_MANY_EVENTS'],
    ['no key', () => supertest(app.getHttpServer()).post('/v1/events').send([]), 401, 'UNAUTHENTICATED'],
    [
      'an unknown key',
      () => supertest(app.getHttpServer()).post('/v1/events').set('paddock-client-key', 'guess').send([]),
      401,
      'UNKNOWN_KEY',
    ],
    ['an invalid batch', () => post('/v1/batch').send({}), 400, 'INVALID_BATCH'],
  ])('refuses %s with a problem that says why', async (_, request, status, code) => {
    const { status: given, body, headers } = await request();
    expect({ given, code: body.code }).toEqual({ given: status, code });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  const filter = (levels: number) => `${'{"not":'.repeat(levels)}{}${'}'.repeat(levels)}`;

  it.each<[string, string, object]>([
    [
      'a filter nested 3,000 deep in variables',
      `{"query":"query ($i: MetricSeriesInput!) { metricSeries(input: $i) { __typename } }","variables":{"i":{"filter":${filter(3_000)}}}}`,
      { code: 'JSON_TOO_DEEP', limit: 64, actual: 3_004 },
    ],
    ['JSON that breaks off', '{"query":"{ metrics', { code: 'BAD_JSON', position: 19 }],
    ['a member named __proto__', '{"query":"{ __typename }","__proto__":{"a":1}}', { code: 'BAD_JSON', position: 26 }],
  ])('answers GraphQL with %s by 400, with the place or the limit', async (_, body, expected) => {
    const answer = await supertest(app.getHttpServer()).post('/graphql').type('application/json').send(body);
    expect({ status: answer.status, ...answer.body.errors[0].extensions }).toMatchObject({ status: 400, ...expected });
  });

  it.each<[string, string, object]>([
    [
      'a filter nested 500 deep',
      `{ metricSeries(input: { filter: ${'{not:'.repeat(500)}{}${'}'.repeat(500)} }) { __typename } }`,
      { code: 'QUERY_TOO_COMPLEX', measure: 'nesting', limit: 64, actual: 504 },
    ],
    [
      'a filter nested 900 deep',
      `{ metricSeries(input: { filter: ${'{not:'.repeat(900)}{}${'}'.repeat(900)} }) { __typename } }`,
      { code: 'QUERY_TOO_COMPLEX', measure: 'tokens', limit: 2_500 },
    ],
    [
      '600 equal fields',
      `{ ${'metrics { name } '.repeat(600)} }`,
      { code: 'QUERY_TOO_COMPLEX', measure: 'repetitions', limit: 50, actual: 600 },
    ],
    ['an unknown field', '{ nothingOfThisName }', { code: 'GRAPHQL_VALIDATION_FAILED' }],
  ])('answers GraphQL of %s by 400, with the id of the request', async (_, query, extensions) => {
    const answer = await supertest(app.getHttpServer()).post('/graphql').set('x-request-id', 'mine').send({ query });
    expect({ status: answer.status, extensions: answer.body.errors[0].extensions }).toMatchObject({
      status: 400,
      extensions: { ...extensions, requestId: 'mine' },
    });
  });

  it('refuses a body of 100 MB by its Content-Length, without reading it', async () => {
    const { port } = new URL(await app.getUrl());
    const socket = connect(Number(port), 'localhost');
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nPaddock-Client-Key: secret\r\nContent-Type: application/json\r\nContent-Length: ${100 << 20}\r\n\r\n[`,
    );
    await test.until(() => answer.includes('BODY_TOO_LARGE'));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('answers 503 with Retry-After while the log is unreachable', async () => {
    failing = new LogUnavailable(new Error('connection refused'));
    const { status, headers, body } = await post().send([event('later')]);
    expect({ status, retry: headers['retry-after'], code: body.code }).toEqual({
      status: 503,
      retry: '1',
      code: 'LOG_UNAVAILABLE',
    });
  });

  it('stores a text that holds an empty line and a statement as text', async () => {
    const user = 'a\n\nDROP TABLE raw_bet_placed';
    await post().send([event('evil', { user, extra: '\n\nDROP TABLE touched' })]);
    // A request refused because of the log may have reached it all the same and be stored first.
    const stored = () =>
      test.analytics.store.engine.select("SELECT _user, _extra FROM raw_bet_placed FINAL WHERE _id = 'evil'");
    await test.until(async () => (await stored()).length > 0);
    expect(await stored()).toEqual([{ _user: user, _extra: JSON.stringify({ extra: '\n\nDROP TABLE touched' }) }]);
  });

  it('corrects a clock that is wrong by whole minutes, the same when the event is sent again', async () => {
    const before = test.handled();
    const hourBehind = Date.now() - 3_600_000;
    const skewed = { at: new Date(hourBehind).toISOString(), sent_at: new Date(hourBehind).toISOString() };
    await post().send([event('skewed', skewed)]);
    await post().send([event('skewed', { ...skewed, sent_at: new Date(hourBehind + 4_000).toISOString() })]);
    const rows = await storedRows(
      before + 2,
      '_skew, toUnixTimestamp64Milli(_time) AS time, toUnixTimestamp64Milli(at) AS at',
    );
    expect(rows).toEqual([{ _skew: 3_600, time: String(hourBehind + 3_600_000), at: String(hourBehind) }]);
  });

  it('marks robots and drops none', async () => {
    const before = test.handled();
    await post()
      .set('user-agent', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')
      .send([event('robot')]);
    expect(await storedRows(before + 1, '_bot')).toEqual([{ _bot: true }]);
  });

  it('works with the unmodified client of Segment', async () => {
    const before = test.handled();
    const segment = new SegmentAnalytics({ writeKey: 'secret', host: await app.getUrl(), flushAt: 2 });
    const failures: unknown[] = [];
    segment.on('error', (error) => failures.push(error));
    segment.track({ userId: 'ann', event: 'Bet Placed', properties: { amount: 12.5 }, messageId: 'm1' });
    segment.track({ anonymousId: 'anon', event: 'betPlaced', properties: { amount: 2 }, messageId: 'm2' });
    await segment.closeAndFlush();
    expect(failures).toEqual([]);
    expect(await storedRows(before + 2, '_id, _user, toString(amount) AS amount, _producer')).toEqual([
      { _id: 'm1', _user: 'ann', amount: '12.5', _producer: 'web' },
      { _id: 'm2', _user: 'anon', amount: '2', _producer: 'web' },
    ]);
  });

  it('keeps what Segment says beside the properties, and properties with the names of our own members', async () => {
    const before = test.handled();
    const segment = new SegmentAnalytics({ writeKey: 'secret', host: await app.getUrl(), flushAt: 20 });
    const failures: unknown[] = [];
    segment.on('error', (error) => failures.push(error));
    segment.page({ userId: 'ann', name: 'Home', category: 'Sports', properties: { path: '/' }, messageId: 'p1' });
    segment.page({ userId: 'ann', name: 'Home', properties: { name: 'Our own' }, messageId: 'p2' });
    segment.screen({ userId: 'ann', name: 'Slip', messageId: 's1' });
    segment.group({ userId: 'ann', groupId: 'g7', traits: { name: 'Club' }, messageId: 'g1' });
    segment.alias({ userId: 'ann', previousId: 'anon-1', messageId: 'a1' });
    const sentLongAgo = '2020-01-01T00:00:00Z';
    segment.track({
      userId: 'ann',
      anonymousId: 'anon-1',
      event: 'App Opened',
      properties: { version: '7.3', sent_at: sentLongAgo },
      messageId: 'v1',
    });
    segment.track({
      userId: 'ann',
      event: 'Bet Placed',
      properties: { amount: 1, version: 3, sent_at: sentLongAgo },
      messageId: 'v2',
    });
    await segment.closeAndFlush();
    expect(failures).toEqual([]);
    await test.stored(before + 7);
    const rows = (event: string, columns: string) =>
      test.analytics.store.engine.select(`SELECT _id, ${columns} FROM raw_${event} FINAL ORDER BY _id`);
    expect(await rows('page', 'name, category, path')).toEqual([
      { _id: 'p1', name: 'Home', category: 'Sports', path: '/' },
      { _id: 'p2', name: 'Our own', category: null, path: null },
    ]);
    expect(await rows('screen', 'name')).toEqual([{ _id: 's1', name: 'Slip' }]);
    expect(await rows('group', 'groupId, name')).toEqual([{ _id: 'g1', groupId: 'g7', name: 'Club' }]);
    expect(await rows('alias', '_user, previousId')).toEqual([{ _id: 'a1', _user: 'ann', previousId: 'anon-1' }]);
    expect(await rows('app_opened', 'anonymousId, version, _contract, _skew, _extra')).toEqual([
      {
        _id: 'v1',
        anonymousId: 'anon-1',
        version: '7.3',
        _contract: '1.0.0',
        _skew: 0,
        _extra: JSON.stringify({ sent_at: sentLongAgo }),
      },
    ]);
    expect(await rows('bet_placed', '_contract, _skew, _extra')).toEqual([
      { _id: 'v2', _contract: '1.0.0', _skew: 0, _extra: JSON.stringify({ version: 3, sent_at: sentLongAgo }) },
    ]);
  });
});
