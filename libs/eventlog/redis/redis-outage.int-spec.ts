import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPrivateRedis, until } from '@paddock/testing';
import { LogUnavailable, PositionLost } from '../errors.js';
import type { EventLog } from '../event-log.js';
import { Producer } from '../producer.js';
import type { Topic } from '../topic.js';
import { connectRedisEventLog } from './redis-event-log.js';

const topicNamed = (name: string): Topic => ({ name, partitions: 2, retention: { ms: 3_600_000, bytes: 64 << 20 } });

describe('the event log during an outage of Redis', () => {
  let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
  let log: EventLog;

  beforeAll(async () => {
    redis = await startPrivateRedis();
    log = await connectRedisEventLog({ url: new URL(redis.server.url), prefix: 'test', onError: () => undefined });
  });
  afterAll(async () => {
    await log.close();
    await redis.dispose();
  });

  test('fails at once, and producers, followers and groups continue when it is back', async () => {
    const topic = topicNamed('restart');
    const followed: string[] = [];
    const delivered: string[] = [];
    const ignore = { lost: () => Promise.resolve(undefined), onError: () => undefined };
    const follower = log.follow(topic, {
      ...ignore,
      from: 'first',
      records: (records) => void followed.push(...records.map(({ value }) => value.toString())),
    });
    const member = log.join(topic, 'group', {
      ...ignore,
      leaseMs: 3_000,
      records: ({ records }) => Promise.resolve(void delivered.push(...records.map(({ value }) => value.toString()))),
    });
    const producer = new Producer(log, topic);
    await producer.send({ key: 'k', value: 'before' });
    await until(() => followed.length === 1 && delivered.length === 1);
    await redis.server.kill9();
    await expect(log.append(topic, [{ key: 'k', value: 'lost' }])).rejects.toThrow(LogUnavailable);
    const sent = producer.send({ key: 'k', value: 'during' });
    await redis.server.start();
    await sent;
    await until(() => followed.at(-1) === 'during' && delivered.at(-1) === 'during');
    expect(followed).toEqual(['before', 'during']);
    await follower.close();
    await member.leave();
  });

  test('says that positions are lost, and has another identity, when Redis lost everything', async () => {
    const topic = topicNamed('flushed');
    const positions = await log.append(
      topic,
      Array.from({ length: 10 }, (_, at) => ({ key: 'k', value: String(at), partition: 0 })),
    );
    const identity = await log.identity(topic);
    const after = positions.at(-1);
    if (!after) throw new Error('nothing appended');
    await redis.server.flush();
    expect(await log.identity(topic)).not.toBe(identity);
    await log.append(topic, [{ key: 'k', value: 'new life', partition: 0 }]);
    await expect(log.read(topic, 0, { after, limit: 10 })).rejects.toThrow(PositionLost);
  });

  test('bounds what a producer holds meanwhile', async () => {
    const producer = new Producer(log, topicNamed('full'), { maxBufferedBytes: 1_000, timeoutMs: 100 });
    await redis.server.kill9();
    const sent = Array.from({ length: 20 }, () => producer.send({ key: 'k', value: Buffer.alloc(100) }));
    const outcomes = await Promise.allSettled(sent);
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'appended'));
    expect(reasons.filter((reason) => reason.startsWith('Error: 10'))).toHaveLength(10);
    expect(reasons.filter((reason) => reason.includes('cannot be reached'))).toHaveLength(10);
    expect(producer.bufferedBytes).toBe(0);
    await redis.server.start();
  });
});
