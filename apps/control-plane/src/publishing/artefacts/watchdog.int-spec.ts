import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { type Change, EMPTY_STATE, environmentsKey } from '@paddock/contracts';
import { type PublishingWorld, publishingWorld } from '../testing/publishing-world.js';
import { ArtefactDelivery } from './artefact-delivery.js';
import { BlobSweep } from './blob-sweep.js';
import { Watchdog } from './watchdog.js';

let world: PublishingWorld;
let watchdog: Watchdog;
beforeEach(async () => {
  world = await publishingWorld();
  watchdog = world.module.get(Watchdog);
  await world.history.land({ summer: 'Summer', winter: 'Winter', autumn: 'Autumn' });
  await world.history.land({ winter: null, summer: 'Summer again' });
  await watchdog.look();
  expect(await world.whole()).toBe(true);
});
afterEach(() => world.close());

async function removeEverything(): Promise<void> {
  const keys = await world.redis.keys(`${world.env['REDIS_PREFIX']}*`);
  await world.redis.del(keys);
}

const summer = async (): Promise<string> =>
  world.keys.blob((await world.redis.hget(world.keys.live, 'promo/*/summer')) ?? '');

describe('the watchdog', () => {
  test('redis-emptied: everything is back', async () => {
    await removeEverything();
    await watchdog.look();
    expect(await world.whole()).toBe(true);
    const changes = Object.values(await world.redis.hgetall(world.keys.changes)).map((json): Change =>
      JSON.parse(json),
    );
    expect(changes.map(({ seq, items }) => [seq, items.length])).toEqual([
      [1, 3],
      [2, 2],
    ]);
    // The body that release 1 put and release 2 replaced is there too, for who follows the changes.
    const hashes = changes.flatMap(({ items }) => items.flatMap(({ sha256 }) => sha256 ?? []));
    expect(await world.redis.exists(hashes.map(world.keys.blob))).toBe(hashes.length);
    expect(await world.redis.smembers(environmentsKey(world.env['REDIS_PREFIX'] ?? ''))).toEqual(['production']);
  });

  test('two-watchdogs-one-rebuild: both at once, with landings in between, end whole', async () => {
    const other = (await world.another()).get(Watchdog);
    await removeEverything();
    const looks = [watchdog.look(), other.look()];
    await world.history.land({ spring: 'Spring' });
    await Promise.all([...looks, watchdog.look(), other.look()]);
    await watchdog.look();
    expect(await world.whole()).toBe(true);
    expect((await world.redis.keys(`${world.keys.live}:staged*`)).length).toBe(0);
  });

  test('redis-lost-its-last-second: a head that is behind is brought up', async () => {
    const before = await world.redis.hgetall(world.keys.head);
    await world.history.land({ spring: 'Spring' });
    await watchdog.look();
    await world.redis.hset(world.keys.head, before);
    await watchdog.look();
    expect(await world.whole()).toBe(true);
  });

  test('another epoch is replaced by the one of the database', async () => {
    await world.redis.hset(world.keys.head, { epoch: uuidv7(), seq: 999 });
    await world.redis.hset(world.keys.live, 'promo/*/ghost', 'f'.repeat(64));
    await watchdog.look();
    expect(await world.head()).toMatchObject({ epoch: world.history.epoch, seq: 2 });
    expect(await world.whole()).toBe(true);
  });

  test('mysql-restored-from-backup: a database that lost what was published begins a new epoch', async () => {
    await world.history.land({ lost: 'Lost' });
    await watchdog.look();
    const published = await world.head();
    await world.query(
      'UPDATE environment SET head_seq = 2, state_hash = (SELECT state_hash FROM `release` WHERE seq = 2)',
    );
    await world.query('DELETE FROM release_item WHERE seq = 3');
    await world.query('DELETE FROM `release` WHERE seq = 3');
    await watchdog.look();
    const head = await world.head();
    expect(head).toMatchObject({ seq: 2 });
    expect(head.epoch).not.toBe(published.epoch);
    expect(Object.keys(await world.redis.hgetall(world.keys.live)).sort()).toEqual([
      'promo/*/autumn',
      'promo/*/summer',
    ]);
    expect((await world.redis.hkeys(world.keys.changes)).sort()).toEqual(['1', '2']);
  });

  test('mysql-restored-and-overtaken: a published release that MySQL does not have in its history begins a new epoch', async () => {
    await world.history.land({ lost: 'Lost' });
    await watchdog.look();
    const published = await world.head();
    // Release 3 is another one now, and a fourth one landed before anyone compared.
    await world.query("UPDATE `release` SET state_hash = REPEAT('e', 64) WHERE seq = 3");
    await world.history.land({ spring: 'Spring' });
    await watchdog.look();
    const head = await world.head();
    expect(head).toMatchObject({ seq: 4, stateHash: world.history.stateHash });
    expect(head.epoch).not.toBe(published.epoch);
    await watchdog.look();
    expect((await world.head()).epoch).toBe(head.epoch);
  });

  test('mysql-restored-and-damaged: a rebuild does not hide what MySQL has lost', async () => {
    await world.history.land({ lost: 'Lost' });
    await watchdog.look();
    const published = await world.head();
    await world.query(
      "UPDATE `release`, environment SET `release`.state_hash = REPEAT('e', 64), environment.state_hash = REPEAT('e', 64) WHERE seq = 3",
    );
    await world.redis.hdel(world.keys.changes, '3');
    await world.module.get(ArtefactDelivery).repair('production');
    expect((await world.head()).epoch).not.toBe(published.epoch);
  });

  test('settings-restored-and-changed: other settings under the same version begin a new epoch, once', async () => {
    const published = await world.head();
    await world.query('UPDATE environment SET anonymous_reads = NOT anonymous_reads');
    await watchdog.compareSettings();
    const head = await world.head();
    expect(head.epoch).not.toBe(published.epoch);
    expect(head.settingsSha256).not.toBe(published.settingsSha256);
    await watchdog.compareSettings();
    expect((await world.head()).epoch).toBe(head.epoch);
  });

  test('every change names the state before it', async () => {
    const changes = Object.values(await world.redis.hgetall(world.keys.changes))
      .map((json): Change => JSON.parse(json))
      .sort((a, b) => a.seq - b.seq);
    expect(changes.map(({ previousStateHash }) => previousStateHash)).toEqual([EMPTY_STATE, changes[0]?.stateHash]);
    await removeEverything();
    await watchdog.look();
    const rebuilt = Object.values(await world.redis.hgetall(world.keys.changes))
      .map((json): Change => JSON.parse(json))
      .sort((a, b) => a.seq - b.seq);
    expect(rebuilt).toEqual(changes);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['what is live', () => world.redis.del(world.keys.live)],
    ['the newest change', () => world.redis.hdel(world.keys.changes, '2')],
    ['the settings', async () => world.redis.del(world.keys.settings((await world.head()).settingsSha256 ?? ''))],
  ])('a check finds that %s is missing', async (_, damage) => {
    await damage();
    await watchdog.look();
    expect(await world.whole()).toBe(true);
    expect(await world.redis.exists(world.keys.settings((await world.head()).settingsSha256 ?? ''))).toBe(1);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a body', async () => world.redis.del(await summer())],
    ["a body's end", async () => world.redis.set(await summer(), '{"title":"Sum')],
    ['the environment in the list', () => world.redis.del(environmentsKey(world.env['REDIS_PREFIX'] ?? ''))],
  ])('a sample finds that %s is missing', async (_, damage) => {
    await damage();
    await watchdog.sample();
    expect(await world.whole()).toBe(true);
    expect(await world.redis.smembers(environmentsKey(world.env['REDIS_PREFIX'] ?? ''))).toEqual(['production']);
  });

  test('a body that a running instance refuses is written again, and no other', async () => {
    const refuse = async (lease: string): Promise<void> => {
      await world.query('DELETE FROM consumer_instance');
      await world.query(
        `INSERT INTO consumer_instance (consumer, instance, environment, applied_seq, state_hash, started_at, seen_at, lease_expires_at) VALUES ('edge', 'one', 'production', 1, NULL, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ${lease})`,
      );
    };
    await world.query(
      "INSERT INTO receipt VALUES ('production', 2, 'edge', 'one', 'REJECTED', '\"its body does not have the bytes that its name says\"', NULL, UTC_TIMESTAMP(3), NULL, UTC_TIMESTAMP(3))",
    );
    await world.redis.set(await summer(), '{"title":"Forged"}');
    await refuse('-1 SECOND');
    await watchdog.handleRejections();
    expect(await world.whole()).toBe(false);
    await refuse('60 SECOND');
    await watchdog.handleRejections();
    expect(await world.whole()).toBe(true);
  });

  test('a verification finds one wrong document, and from then on a look finds one too few', async () => {
    await world.redis.hset(world.keys.live, 'promo/*/summer', 'f'.repeat(64));
    await watchdog.look();
    expect(await world.whole()).toBe(false);
    await watchdog.verify();
    expect(await world.whole()).toBe(true);
    await watchdog.verify();
    await world.redis.hdel(world.keys.live, 'promo/*/summer');
    await watchdog.look();
    expect(await world.whole()).toBe(true);
  });
});

describe('the sweep of blobs', () => {
  test('removes what is neither live nor in a kept change, and spares what a delivery has just looked for', async () => {
    const sweep = world.module.get(BlobSweep);
    const orphans = ['a', 'b'].map((letter) => letter.repeat(64));
    for (const orphan of orphans) await world.redis.set(world.keys.blob(orphan), '{}');
    expect(await sweep.sweep('production')).toBe(0);
    expect(await sweep.sweep('production', 0)).toBe(2);
    expect(await world.redis.exists(orphans.map(world.keys.blob))).toBe(0);
    expect(await world.whole()).toBe(true);
    // Winter was removed by release 2, but the change record of release 1 still names it.
    const winter = JSON.parse((await world.redis.hget(world.keys.changes, '1')) ?? '').items.length;
    expect(winter).toBe(3);
    expect(await sweep.sweep('production', 0)).toBe(0);
  });
});
