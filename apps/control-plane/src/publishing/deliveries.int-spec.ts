import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '@paddock/testing';
import { METRICS, type Registry } from '../process.js';
import { Deliveries } from './deliveries.js';
import type { Delivery } from './delivery-task.js';
import { type PublishingWorld, publishingWorld } from './testing/publishing-world.js';

let world: PublishingWorld;
beforeEach(async () => {
  world = await publishingWorld();
});
afterEach(() => world.close());

function delivery(version: number, topic: Delivery['topic'] = 'release'): Delivery {
  return { environment: 'production', topic, version, target: 'artefacts' };
}

async function pending(): Promise<number> {
  return (await world.query('SELECT id FROM outbox WHERE delivered_at IS NULL')).length;
}

describe('deliveries', () => {
  test('a first release makes everything that consumers read', async () => {
    await world.history.land({ summer: 'Summer', winter: 'Winter' });
    await world.module.get(Deliveries).deliver(delivery(1));
    expect(await world.whole()).toBe(true);
    expect(await pending()).toBe(0);
    const settings = await world.redis.get(world.keys.settings((await world.head()).settingsSha256 ?? ''));
    expect(JSON.parse(settings ?? '')).toMatchObject({ environment: 'production', version: 1, anonymousReads: true });
  });

  test('a change record says what happened, who it belongs to and which state follows', async () => {
    const deliveries = world.module.get(Deliveries);
    await world.history.land({ summer: 'Summer' });
    await deliveries.deliver(delivery(1));
    const previousStateHash = world.history.stateHash;
    const { id } = await world.history.land({ summer: null, autumn: 'Autumn' }, { title: 'Leaves' });
    await deliveries.deliver(delivery(2));
    const change = JSON.parse((await world.redis.hget(world.keys.changes, '2')) ?? '');
    expect(change).toEqual({
      seq: 2,
      previousStateHash,
      releaseId: id,
      type: 'FORWARD',
      title: 'Leaves',
      landedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      items: expect.arrayContaining([
        { kind: 'promo', site: '*', key: 'summer', sha256: null },
        { kind: 'promo', site: '*', key: 'autumn', sha256: world.history.live.get('promo/*/autumn'), revision: 1 },
      ]),
      stateHash: world.history.stateHash,
      requestId: expect.stringMatching(/./),
    });
    expect(await world.whole()).toBe(true);
  });

  test('a job that names an environment of its own invention fails, and its name becomes no label', async () => {
    const deliveries = world.module.get(Deliveries);
    await expect(deliveries.deliver({ ...delivery(1), environment: "x' OR 1=1 --" })).rejects.toThrow(
      'there is no environment',
    );
    const metrics: Registry = world.module.get(METRICS, { strict: false });
    const labels = (await metrics.getSingleMetric('paddock_deliveries_total')?.get())?.values.map(
      ({ labels: { environment, result } }) => ({ environment, result }),
    );
    expect(labels).toEqual([{ environment: 'other', result: 'failed' }]);
  });

  test('duplicate, late and out-of-order jobs change nothing', async () => {
    const deliveries = world.module.get(Deliveries);
    for (const text of ['one', 'two', 'three']) await world.history.land({ summer: text, [text]: text });
    await deliveries.deliver(delivery(3));
    const before = await world.head();
    for (const version of [2, 3, 1, 2, 99]) await deliveries.deliver(delivery(version));
    expect(await world.head()).toEqual(before);
    expect(await world.whole()).toBe(true);
  });

  test('many at once, of two workers, leave the newest, and the head never goes back', async () => {
    const workers = [world.module.get(Deliveries), (await world.another()).get(Deliveries)];
    await Promise.all(workers.map((worker) => worker.deliver(delivery(0))));
    const heads: number[] = [];
    let watching = true;
    const watched = (async () => {
      while (watching) heads.push((await world.head()).seq ?? 0);
    })();
    const running: Promise<void>[] = [];
    for (let number = 1; number <= 60; number += 1) {
      await world.history.land({ [`promo-${number % 7}`]: `text ${number}` });
      running.push(...workers.map((worker) => worker.deliver(delivery(number))));
    }
    await Promise.all(running);
    watching = false;
    await watched;
    expect(await world.whole()).toBe(true);
    expect(heads).toEqual(heads.toSorted((a, b) => a - b));
  });

  test('every delivery that moves the head says so; one that a dead worker owed is made up for', async () => {
    const deliveries = world.module.get(Deliveries);
    const listener = world.redis.duplicate();
    const notices: unknown[] = [];
    await listener.subscribe(world.keys.notices);
    listener.on('message', (_, message) => notices.push(JSON.parse(message)));
    await world.history.land({ summer: 'one' });
    await deliveries.deliver(delivery(1));
    await until(() => notices.length === 1);
    // The head moved, but its worker died before the notice and before it updated the outbox.
    await world.query('UPDATE outbox SET delivered_at = NULL');
    await deliveries.deliver(delivery(1));
    await until(() => notices.length === 2);
    await deliveries.deliver(delivery(1));
    await world.history.land({ summer: 'two' });
    await deliveries.deliver(delivery(2));
    await until(() => notices.length === 3);
    expect(notices).toEqual([
      { seq: 1, settingsVersion: 1 },
      { seq: 1, settingsVersion: 1 },
      { seq: 2, settingsVersion: 1 },
    ]);
    listener.disconnect();
  });

  test('settings have a version of their own that only grows', async () => {
    const deliveries = world.module.get(Deliveries);
    await world.history.land({ summer: 'one' });
    await deliveries.deliver(delivery(1));
    const first = await world.head();
    await world.history.changeSettings();
    await deliveries.deliver(delivery(2, 'settings'));
    const second = await world.head();
    expect(second).toMatchObject({ seq: 1, settingsVersion: 2 });
    expect(JSON.parse((await world.redis.get(world.keys.settings(second.settingsSha256 ?? ''))) ?? '')).toMatchObject({
      version: 2,
      anonymousReads: false,
    });
    await deliveries.deliver(delivery(1, 'settings'));
    expect(await world.head()).toEqual(second);
    expect(await pending()).toBe(0);
    // A reader of the old head still finds its blobs for an hour.
    expect(await world.redis.ttl(world.keys.settings(first.settingsSha256 ?? ''))).toBeGreaterThan(3_000);
    expect(await world.redis.ttl(world.keys.settings(second.settingsSha256 ?? ''))).toBe(-1);
  });

  test('a release of 10,000 documents', async () => {
    const deliveries = world.module.get(Deliveries);
    await deliveries.deliver(delivery(0));
    await world.history.land(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`promo-${n}`, `text ${n} ${'x'.repeat(500)}`])),
    );
    await deliveries.deliver(delivery(1));
    expect(await world.whole()).toBe(true);
    await world.history.land(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`promo-${n}`, n % 2 ? null : `new ${n}`])),
    );
    await deliveries.deliver(delivery(2));
    expect(await world.whole()).toBe(true);
  });

  test('changes are kept for as many releases as consumers may be behind', async () => {
    const deliveries = world.module.get(Deliveries);
    await deliveries.deliver(delivery(0));
    for (let number = 1; number <= 30; number += 1) await world.history.land({ summer: `text ${number}` });
    await deliveries.deliver(delivery(30));
    expect(await world.redis.hlen(world.keys.changes)).toBe(30);
    // As if 1,990 releases had been before these: the oldest of them fall out.
    await world.redis.hset(
      world.keys.changes,
      Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [n - 1_970, '{}'])),
    );
    await world.history.land({ summer: 'last' });
    await deliveries.deliver(delivery(31));
    expect(await world.redis.hexists(world.keys.changes, '-1969')).toBe(0);
    expect(await world.redis.hexists(world.keys.changes, '31')).toBe(1);
  });

  test('an unknown environment or target fails instead of being forgotten', async () => {
    const deliveries = world.module.get(Deliveries);
    await expect(deliveries.deliver({ ...delivery(1), environment: 'nowhere' })).rejects.toThrow(
      'no environment nowhere',
    );
    await expect(deliveries.deliver({ ...delivery(1), target: 'fax' })).rejects.toThrow('no delivery target fax');
  });
});
