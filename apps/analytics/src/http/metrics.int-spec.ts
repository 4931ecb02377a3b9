import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import supertest from 'supertest';
import { operationsOf } from '@paddock/http-server';
import { ProducerKeys } from '../collector/producer-keys.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';
import { createServer } from './create-server.js';

interface Family {
  type: string;
  help: string;
  samples: Map<string, number>;
}

/** The text format of Prometheus, as far as its own libraries write it. */
function familiesIn(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const family = (name: string): Family => {
    const known = families.get(name) ?? { type: '', help: '', samples: new Map() };
    families.set(name, known);
    return known;
  };
  let current = '';
  for (const line of text.split('\n').filter(Boolean)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') family(name).help = rest;
    else if (kind === 'TYPE') family((current = name)).type = rest;
    else {
      const [, sample = '', value = ''] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      family(current).samples.set(sample.replace(/,?app="analytics",?/, '').replace('{}', ''), Number(value));
    }
  }
  return families;
}

describe('metrics of analytics', () => {
  let test: TestAnalytics;
  let app: NestFastifyApplication;
  let families: Map<string, Family>;
  const value = (name: string, sample = name) => families.get(name)?.samples.get(sample);

  beforeAll(async () => {
    test = await testAnalytics();
    const bet = contract('bet', { user: 'string', amount: 'number' });
    await test.analytics.apply(definitions([bet], { bets: { simple: { event: 'bet', agg: 'count' } } }));
    await test.analytics.start();
    app = await createServer(test.analytics, new ProducerKeys(new Map(), true), pino({ level: 'silent' }));
    await app.listen(0);
    const at = new Date(Date.now() - 60_000).toISOString();
    const post = (body: object) => supertest(app.getHttpServer()).post('/v1/events').send(body);
    await post([
      { event: 'bet', id: '1', at },
      { event: 'bet', id: '1', at },
      { event: 'bet', id: '2', at },
    ]);
    await post([{ event: 'bet', id: '3', at: 'no' }, { event: 'unknown' }]);
    await test.stored(3);
    await test.until(() => test.analytics.processor.counts.refused === 2);
    const { url } = operationsOf(app.getHttpAdapter().getInstance());
    families = familiesIn(await (await fetch(`${url}/metrics`)).text());
  });
  afterAll(async () => {
    await app.close();
    await test.remove();
  });

  it('follow the conventions: counters end in _total, units are base units, every one has a help', () => {
    const wrong = [...families]
      .filter(([name]) => name.startsWith('analytics_'))
      .flatMap(([name, { type, help }]) => [
        ...((type === 'counter') === name.endsWith('_total') ? [] : [`${name} is a ${type}`]),
        ...(/_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/.test(name) ? [`${name} has no base unit`] : []),
        ...(help.length > 10 ? [] : [`${name} has no help`]),
      ]);
    expect(wrong).toEqual([]);
  });

  it('count events by outcome', () => {
    expect(value('analytics_events_received_total')).toBe(5);
    expect(value('analytics_events_accepted_total')).toBe(3);
    expect(value('analytics_events_refused_total', 'analytics_events_refused_total{reason="UNKNOWN_EVENT"}')).toBe(1);
    expect(value('analytics_events_refused_total', 'analytics_events_refused_total{reason="TIME_INVALID"}')).toBe(1);
    expect(value('analytics_duplicates_total')).toBe(1);
    expect(value('analytics_dead_letters_total', 'analytics_dead_letters_total{kind="row"}')).toBe(0);
    expect(value('analytics_quarantine_open_events')).toBe(2);
  });

  it('show the lag of events and the watermark', () => {
    const lag = value('analytics_event_queryable_lag_seconds', 'analytics_event_queryable_lag_seconds_sum') ?? 0;
    expect(lag).toBeGreaterThanOrEqual(60);
    expect(
      value('analytics_received_queryable_lag_seconds', 'analytics_received_queryable_lag_seconds_count'),
    ).toBeGreaterThan(0);
    const watermark = value(
      'analytics_watermark_timestamp_seconds',
      'analytics_watermark_timestamp_seconds{event="bet"}',
    );
    expect(watermark).toBeGreaterThan(Date.now() / 1_000 - 300);
    expect(watermark).toBeLessThan(Date.now() / 1_000);
    expect(value('analytics_collector_buffer_limit_bytes')).toBeGreaterThan(0);
  });
});
