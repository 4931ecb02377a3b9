import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { parseEventSchema } from '@paddock/metrics';
import { ProducerKeys } from '../collector/producer-keys.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { createServer } from './create-server.js';

describe('times that senders claim', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  const now = Date.parse('2026-11-30T12:00:00Z');

  beforeAll(async () => {
    test = await testAnalytics({ clock: () => now });
    await test.analytics.apply(
      definitions(
        [contract('visit', { path: 'string' }, { time: { allowedLateness: '4000d' } }), paid(), counted()],
        {},
      ),
    );
    await test.analytics.start();
    app = await createServer(test.analytics, new ProducerKeys(new Map(), true), pino({ level: 'silent' }));
    await app.listen(0);
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });

  const properties = { id: { type: 'string' }, at: { type: 'string', format: 'date-time' } };
  function paid() {
    const more = { price: { type: 'number', multipleOf: 0.01 }, due: { type: 'string', format: 'date-time' } };
    return body('paid', { ...properties, ...more });
  }
  function counted() {
    return body('counted', { ...properties, at: { type: 'integer' } });
  }
  function body(event: string, fields: object) {
    const parsed = parseEventSchema({
      event,
      fields: { id: 'id', time: 'at' },
      versions: [{ version: '1.0.0', schema: { type: 'object', required: ['id', 'at'], properties: fields } }],
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return parsed.body;
  }

  const post = (path: string, content: object) => supertest(app.getHttpServer()).post(path).send(content);
  const at = (text: unknown, more: object = {}) => ({ event: 'visit', id: String(text), at: text, ...more });
  const times = async (event: string): Promise<Map<string, string>> => {
    const rows = await test.analytics.store.engine.select(
      `SELECT _id, toUnixTimestamp64Milli(_time) AS t FROM raw_${event} FINAL`,
    );
    return new Map(rows.map((row) => [String(row['_id']), new Date(Number(row['t'])).toISOString()]));
  };

  const REFUSED = [
    '2026-02-30T00:00:00Z',
    '2026-11-29T24:00:00Z',
    '2026-11-29T24:00:00.000Z',
    '2026-11-29T23:59:60Z',
    '2026-11-29T12:00:00',
    '2026-11-29 12:00:00',
    '2026-11-29 12:00:00Z',
    '2025-02-29T00:00:00.000Z',
    '2026-11-29T12:00:00+24:00',
    '2026-11-29T12:00:00+01:60',
    '2026-11-29T12:00:00+0100',
    '2026-11-29T12:00Z',
    '2026-11-29',
    '29 Nov 2026 12:00 UTC',
    '',
  ];

  it.each(REFUSED)('%j is refused, with the field and what was expected', async (text) => {
    const answer = await post('/v1/events', at(text));
    expect(answer.status).toBe(422);
    expect(answer.body.rejected).toMatchObject([
      { index: 0, code: 'TIME_INVALID', field: 'at', message: expect.stringContaining('RFC 3339') },
    ]);
    const segment = await post('/v1/batch', {
      batch: [
        { type: 'track', event: 'visit', messageId: 's', timestamp: text },
        { type: 'track', event: 'visit', messageId: 's', originalTimestamp: text },
      ],
    });
    expect(segment.body.rejected.map(({ code, field }: { code: string; field: string }) => [code, field])).toEqual([
      ['TIME_INVALID', 'at'],
      ['TIME_INVALID', 'at'],
    ]);
  });

  it.each<[string, string]>([
    ['2026-11-29t11:00:00z', '2026-11-29T11:00:00.000Z'],
    ['2026-11-29T11:00:00.1239999999999Z', '2026-11-29T11:00:00.123Z'],
    ['2026-11-30T00:30:00+13:45', '2026-11-29T10:45:00.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
  ])('%s is counted at %s', async (text, expected) => {
    expect((await post('/v1/events', at(text))).body).toEqual({ accepted: 1, rejected: [] });
    await test.until(async () => (await times('visit')).has(text), {
      timeoutMs: 10_000,
      what: 'the event to be stored',
    });
    expect((await times('visit')).get(text)).toBe(expected);
  });

  it('seconds are not taken for milliseconds', async () => {
    const events = [1_764_417_600, 1_764_417_600_000, 0, 1_764_417_600_000_000].map((count) => ({
      event: 'counted',
      id: String(count),
      at: count,
    }));
    const { body } = await post('/v1/events', events);
    expect(body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, code: 'TIME_INVALID', field: 'at', message: expect.stringContaining('seconds') },
        { index: 2 },
        { index: 3, message: expect.stringContaining('1970 and 2100') },
      ],
    });
  });

  it.each<[string, unknown]>([
    ['a text', 'yesterday'],
    ['a date that does not exist', '2026-02-30T00:00:00Z'],
    ['seconds', 1_764_417_600],
    ['an object', {}],
  ])('a time of sending that is %s is refused, instead of going without it', async (_, sent) => {
    const good = '2026-11-30T11:59:00Z';
    expect((await post('/v1/events', at(good, { sent_at: sent }))).body.rejected).toMatchObject([
      { code: 'TIME_INVALID', field: 'sent_at' },
    ]);
    expect((await post('/v1/events', { sent_at: sent, events: [at(good)] })).body.rejected).toMatchObject([
      { code: 'TIME_INVALID', field: 'sent_at' },
    ]);
    const segment = { type: 'track', event: 'visit', messageId: 'm', timestamp: good };
    expect((await post('/v1/batch', { sentAt: sent, batch: [segment] })).body.rejected).toMatchObject([
      { code: 'TIME_INVALID', field: 'sentAt' },
    ]);
  });

  it('bytes that are not UTF-8 are refused by line, and never replaced', async () => {
    const good = JSON.stringify(at('2026-11-30T11:00:01Z'));
    const broken = Buffer.concat([
      Buffer.from('{"event":"visit","id":"b","at":"2026-11-30T11:00:01Z","path":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    const bytes = (path: string, body: Buffer) =>
      supertest(app.getHttpServer())
        .post(path)
        .set('content-type', 'application/x-ndjson')
        .serialize((value: unknown) => value as string)
        .send(body);
    const lines = await bytes('/v1/events', Buffer.concat([Buffer.from(`${good}\n`), broken, Buffer.from('\n\n')]));
    expect(lines.body).toEqual({
      accepted: 1,
      rejected: [{ index: 1, code: 'TEXT_INVALID', message: 'has bytes that are not UTF-8' }],
    });
    for (const path of ['/v1/events', '/v1/batch']) expect((await bytes(path, broken)).status).toBe(400);
  });

  it('holds other fields of a date-time, and decimals, to their schema', async () => {
    const event = (more: object) => ({ event: 'paid', id: JSON.stringify(more), at: '2026-11-30T11:00:00Z', ...more });
    const { body } = await post('/v1/events', [
      ...[19.99, 0.07, 1.15, 4.35].map((price) => event({ price })),
      event({ price: 4.355 }),
      event({ due: '2026-02-30T00:00:00Z' }),
      event({ due: '2026-02-28T00:00:00Z' }),
    ]);
    expect(body).toEqual({
      accepted: 5,
      rejected: [
        { index: 4, code: 'CONTRACT_VIOLATION', field: 'price', message: 'must be multiple of 0.01' },
        { index: 5, code: 'TIME_INVALID', field: 'due', message: expect.stringContaining('RFC 3339') },
      ],
    });
  });
});
