import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EnvironmentSettings } from '@paddock/contracts';
import { clientKey, redisPrefix, TestPublisher, until } from '@paddock/testing';
import { EnvironmentSettingsWatch, hasNewSettings } from './index.js';

const area = redisPrefix();
/** So long that only a notice can be what is heard. */
const NEVER_MS = 600_000;
let prefix: string;
let publisher: TestPublisher;
let watches: EnvironmentSettingsWatch[] = [];
let logged: string[] = [];
let tests = 0;

beforeEach(() => {
  logged = [];
  tests += 1;
  prefix = `${area.prefix}-${tests}`;
  publisher = new TestPublisher(area.url, prefix);
});

afterEach(async () => {
  for (const watch of watches) watch.close();
  watches = [];
  publisher.close();
  await area.clear();
});

const keys = (...names: string[]): Partial<EnvironmentSettings> => ({
  clientKeys: names.map((name) => clientKey(name, { id: name })),
});

/** The client keys of each version that was applied. */
function watch(pollMs: number): string[][] {
  const applied: string[][] = [];
  watches.push(
    new EnvironmentSettingsWatch({
      ...{ environment: 'production', redis: { url: area.url, prefix }, pollMs },
      logger: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
      apply: ({ clientKeys }) => void applied.push(clientKeys.map(({ id }) => id)),
    }),
  );
  return applied;
}

async function headPointsAt(sha256: string, settingsVersion: number): Promise<void> {
  await publisher.redis.hset(publisher.keys.head, { settingsSha256: sha256, settingsVersion });
}

describe('the settings of an environment', () => {
  test('are applied at the start, and with a notice at once', async () => {
    await publisher.settings(keys('one'));
    const applied = watch(NEVER_MS);
    await until(() => applied.length === 1);
    // The connection that hears notices may be the later one.
    await until(async () => {
      await publisher.settings(keys('one', 'two'));
      return applied.at(-1)?.length === 2;
    });
    await publisher.settings(keys());
    await until(() => applied.at(-1)?.length === 0);
    expect(applied[0]).toEqual(['one']);
  });

  test('are found by the poll where no notice came, and are applied once', async () => {
    await publisher.settings(keys('one'));
    const applied = watch(50);
    await until(() => applied.length === 1);
    const sha256 = await publisher.redis.hget(publisher.keys.head, 'settingsSha256');
    await publisher.settings(keys('two'));
    await until(() => applied.length === 2);
    await publisher.writeHead();
    await publisher.settings(keys('three'));
    await until(() => applied.length === 3);
    expect([sha256?.length, applied]).toEqual([64, [['one'], ['two'], ['three']]]);
  });

  test.each([
    ['have other bytes than their name says', '{"forged":true}', 'do not have the bytes that their name says'],
    ['are missing', null, 'are missing'],
  ])('that %s are not applied, and are once they are whole', async (_, bytes, reason) => {
    await publisher.settings(keys('one'));
    const applied = watch(50);
    await until(() => applied.length === 1);
    const whole = new TestPublisher(area.url, `${prefix}-apart`);
    await whole.settings({ ...keys('two'), version: 9 });
    const sha256 = (await whole.redis.hget(whole.keys.head, 'settingsSha256')) ?? '';
    const json = (await whole.redis.get(whole.keys.settings(sha256))) ?? '';
    whole.close();
    if (bytes !== null) await publisher.redis.set(publisher.keys.settings(sha256), bytes);
    await headPointsAt(sha256, 9);
    await until(() => logged.some((line) => line.includes(reason)));
    expect(applied).toEqual([['one']]);
    await publisher.redis.set(publisher.keys.settings(sha256), json);
    await until(() => applied.length === 2);
    expect(applied.at(-1)).toEqual(['two']);
    expect(logged.filter((line) => line.includes(reason))).toHaveLength(1);
  });

  test('of another environment are not applied', async () => {
    await publisher.settings({ ...keys('theirs'), environment: 'staging' });
    const applied = watch(50);
    await until(() => logged.some((line) => line.includes('are those of staging')));
    await publisher.settings(keys('ours'));
    await until(() => applied.length > 0);
    expect(applied).toEqual([['ours']]);
  });
});

test.each([
  ['none are known', undefined, true],
  ['they are those that are known', { epoch: 'e', version: 3, sha256: 'b' }, false],
  ['their version is higher', { epoch: 'e', version: 2, sha256: 'a' }, true],
  ['they are others of the same version', { epoch: 'e', version: 3, sha256: 'a' }, true],
  ['their version is lower', { epoch: 'e', version: 4, sha256: 'a' }, false],
  ['their version is lower, in another history', { epoch: 'd', version: 4, sha256: 'a' }, true],
])('a head names new settings where %s: %#', (_, known, expected) => {
  expect(hasNewSettings({ epoch: 'e', settingsVersion: 3, settingsSha256: 'b' }, known)).toBe(expected);
});

test('a head without settings names none', () => {
  expect(hasNewSettings({ epoch: 'e', settingsVersion: 0, settingsSha256: '' }, undefined)).toBe(false);
});
