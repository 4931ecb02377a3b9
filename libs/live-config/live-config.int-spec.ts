import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Heartbeat, type Receipt } from '@paddock/contracts';
import { createLogger } from '@paddock/runtime';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import {
  type Edit,
  promo,
  redisPrefix,
  startPrivateRedis,
  temporaryDirectory,
  TestPublisher,
  until,
} from '@paddock/testing';
import { type ConfigState, LiveConfig, RefusedDocuments } from './index.js';

const area = redisPrefix();
let prefix: string;
let publisher: TestPublisher;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let running: LiveConfig[] = [];
let workers: ReturnType<typeof startWorker>[] = [];
let tests = 0;

beforeEach(async () => {
  tests += 1;
  bad = /bad/;
  prefix = `${area.prefix}-${tests}`;
  directory = await temporaryDirectory();
  publisher = new TestPublisher(area.url, prefix);
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all(running.map((config) => config.close()));
  [running, workers] = [[], []];
  publisher.close();
  await area.clear();
  await directory.remove();
});

const feed = (key: string, body?: object): Edit => ({ kind: 'odds-feed', site: '*', key, ...(body ? { body } : {}) });

/** What the consumer refuses alone, while it does. */
let bad: RegExp;

/** A consumer of feeds that remembers what it applied, fails at what says `broken`, and refuses documents that are bad. */
async function follow(redis = area.url): Promise<{ config: LiveConfig; applied: ConfigState[]; keys: () => string[] }> {
  const applied: ConfigState[] = [];
  const config = await LiveConfig.start({
    environment: 'production',
    kinds: ['odds-feed'],
    consumer: 'odds',
    instance: 'odds-1',
    redis: { url: redis, prefix },
    stateDir: directory.path,
    pollMs: 100,
    logger: createLogger('test', 'silent'),
    apply: (state) => {
      for (const { ref, body } of state.documents.values())
        if (JSON.stringify(body).includes('broken')) throw new Error(`${ref.key} is broken`);
      const refused = [...state.documents].filter(([, { body }]) => bad.test(JSON.stringify(body)));
      if (refused.length > 0)
        throw new RefusedDocuments(new Map(refused.map(([name, { ref }]) => [name, `${ref.key} is bad`])));
      applied.push(state);
    },
  });
  running.push(config);
  return { config, applied, keys: () => [...(applied.at(-1)?.documents.keys() ?? [])].sort() };
}

function reports(redis = area.url): { receipts: Receipt[]; heartbeats: Heartbeat[] } {
  const heard: { receipts: Receipt[]; heartbeats: Heartbeat[] } = { receipts: [], heartbeats: [] };
  const implementations = [
    implementTask(receiptTask, ({ payload: receipt }) => Promise.resolve(void heard.receipts.push(receipt))),
    implementTask(heartbeatTask, ({ payload: heartbeat }) => Promise.resolve(void heard.heartbeats.push(heartbeat))),
  ];
  workers.push(
    startWorker(RECEIPTS_QUEUE, implementations, {
      connection: workerConnection(redis),
      prefix,
      concurrency: 1,
      onError: () => undefined,
    }),
  );
  return heard;
}

const kept = (): Promise<string> => readFile(join(directory.path, 'production.config'), 'utf8');

describe('how a document became live', () => {
  const landings = ({ applied }: { applied: ConfigState[] }) =>
    Object.fromEntries([...(applied.at(-1)?.documents.values() ?? [])].map(({ ref, landing }) => [ref.key, landing]));

  test('is known of each: by the releases in between, by those that are kept, and from disk', async () => {
    await publisher.publish([{ ...feed('old', { enabled: true }), revision: 7 }]);
    await publisher.publish([
      { ...feed('one', { enabled: true }), revision: 1 },
      feed('unnumbered', { enabled: true }),
    ]);
    for (let number = 0; number < 250; number += 1)
      await publisher.publish([promo('acme-uk', 'p', { title: `${number}` })]);
    const first = await follow();
    const known = { old: { seq: 1, revision: 7 }, one: { seq: 2, revision: 1 }, unnumbered: undefined };
    await until(() => first.config.standing.seq === 252);
    expect(landings(first)).toEqual(known);

    // The same bytes, landed once more, and a removal.
    await publisher.publish([{ ...feed('one', { enabled: true }), revision: 3 }, feed('unnumbered')]);
    await until(() => first.config.standing.seq === 253);
    expect(landings(first)).toEqual({ old: known.old, one: { seq: 253, revision: 3 } });

    await first.config.close();
    await publisher.redis.del(publisher.keys.changes);
    const second = await follow();
    expect(landings(second)).toEqual({ old: known.old, one: { seq: 253, revision: 3 } });
  });

  test('is not known where the releases that did it are kept no longer, and nothing else suffers', async () => {
    await publisher.publish([{ ...feed('one', { enabled: true }), revision: 1 }]);
    await publisher.publish([{ ...feed('two', { enabled: true }), revision: 1 }]);
    await publisher.redis.hdel(publisher.keys.changes, '1');
    const following = await follow();
    await until(() => following.config.standing.seq === 2);
    expect(following.keys()).toEqual(['odds-feed/*/one', 'odds-feed/*/two']);
    expect(landings(following).one).toBeUndefined();
  });
});

describe('what is live', () => {
  test('is applied at once, and every release is answered for', async () => {
    const heard = reports();
    await publisher.publish([feed('one', { enabled: true }), promo('acme-uk', 'summer', { title: 'Summer' })]);
    const { config, applied, keys } = await follow();
    await until(() => config.standing.seq === 1);
    expect(keys()).toEqual(['odds-feed/*/one']);

    await publisher.publish([feed('two', { enabled: false })]);
    await publisher.publish([promo('acme-uk', 'winter', { title: 'Winter' })]);
    await publisher.publish([feed('one')]);
    await until(() => config.standing.seq === 4);
    expect(keys()).toEqual(['odds-feed/*/two']);
    expect(applied.at(-1)?.documents.get('odds-feed/*/two')?.body).toEqual({ enabled: false });
    expect(applied.at(-1)?.position.stateHash).toBe(publisher.stateHash);

    const said = await until(() => (heard.receipts.some(({ seq }) => seq === 4) ? heard.receipts : undefined));
    expect(Object.fromEntries(said.map(({ seq, state }) => [seq, state]))).toEqual({
      1: 'APPLIED',
      2: 'APPLIED',
      3: 'SKIPPED',
      4: 'APPLIED',
    });
    expect(said.find(({ seq }) => seq === 4)).toMatchObject({
      consumer: 'odds',
      instance: 'odds-1',
      stateHash: publisher.stateHash,
      requestId: 'request-4',
    });
    const beat = await until(() => heard.heartbeats.find(({ environments: [first] }) => first !== undefined));
    expect(beat).toMatchObject({ consumer: 'odds', instance: 'odds-1', environments: [{ environment: 'production' }] });
  });

  test('is found by the poll where no notice tells', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const { config } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.prepare([feed('two', { a: 2 })]);
    await publisher.redis.hset(publisher.keys.head, { seq: publisher.seq, stateHash: publisher.stateHash });
    await until(() => config.standing.seq === 2);
  });

  test('of an environment that has nothing yet is nothing, until it has something', async () => {
    const { config, applied } = await follow();
    await publisher.writeHead();
    await until(() => config.standing.seq === 0);
    expect(applied.at(-1)?.documents.size).toBe(0);
    await publisher.publish([feed('one', {})]);
    await until(() => config.standing.seq === 1);
  });
});

describe('a release that cannot be applied', () => {
  test('is rejected with its reason; the state before stays in force, and the next good one is applied', async () => {
    const heard = reports();
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, keys } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.publish([feed('two', { text: 'broken' })]);
    const receipt = await until(() => heard.receipts.find(({ seq }) => seq === 2));
    expect(receipt).toMatchObject({ state: 'REJECTED', error: 'two is broken' });
    expect(config.standing).toMatchObject({ seq: 1, rejection: { seq: 2, reason: 'two is broken' } });
    expect(keys()).toEqual(['odds-feed/*/one']);

    await publisher.publish([feed('two', { text: 'corrected' })]);
    // From the first moment, while the disk is still being written.
    await until(() => config.standing.seq === 3, { everyMs: 0 });
    expect(config.standing.rejection).toBeUndefined();
    expect(keys()).toEqual(['odds-feed/*/one', 'odds-feed/*/two']);
  });

  test('does not hold up the good ones before it', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, keys } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.prepare([feed('two', { a: 2 })]);
    await publisher.prepare([feed('three', { text: 'broken' })]);
    await publisher.writeHead();
    await until(() => config.standing.rejection?.seq === 3);
    expect(config.standing.seq).toBe(2);
    expect(keys()).toEqual(['odds-feed/*/one', 'odds-feed/*/two']);
  });

  test('does not hold up the good ones before it, also where thirty good ones follow', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, keys } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.prepare([feed('two', { a: 2 })]);
    await publisher.prepare([feed('three', { text: 'broken' })]);
    for (let number = 0; number < 30; number += 1) await publisher.prepare([feed('later', { number })]);
    await publisher.writeHead();
    await until(() => config.standing.rejection?.seq === 33);
    expect(config.standing.seq).toBe(2);
    expect(keys()).toEqual(['odds-feed/*/one', 'odds-feed/*/two']);
    await publisher.publish([feed('three', { text: 'corrected' })]);
    await until(() => config.standing.seq === 34);
  });

  test.each([
    ['a missing body', null, 'is missing'],
    ['a body of other bytes', Buffer.from('{"a":3}'), 'does not have the bytes that its name says'],
  ])('%s is one', async (_, blob, reason) => {
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, keys } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.publish([feed('two', { a: 2 })], { blob });
    const rejection = await until(() => config.standing.rejection);
    expect(rejection.reason).toContain(reason);
    expect(keys()).toEqual(['odds-feed/*/one']);
    // The loss upstream is repaired there, without a notice.
    await publisher.rebuild();
    await until(() => config.standing.seq === 2);
  });
});

describe('a document that is refused', () => {
  const bodies = (applied: readonly ConfigState[]): Record<string, unknown> =>
    Object.fromEntries([...(applied.at(-1)?.documents.values() ?? [])].map(({ ref, body }) => [ref.key, body]));
  const statesOf = (receipts: readonly Receipt[]): [number, string][] =>
    receipts.map(({ seq, state }): [number, string] => [seq, state]).sort(([a], [b]) => a - b);
  const heldIn = (heartbeats: readonly Heartbeat[]): number[] => [
    ...new Set(heartbeats.flatMap(({ environments }) => environments.map(({ seq }) => seq))),
  ];

  test('keeps its last good version and holds up no other; each release is answered for itself, and a correction heals', async () => {
    const heard = reports();
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, applied } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.publish([feed('one', { text: 'bad' }), feed('new', { text: 'bad' }), feed('good', { a: 2 })]);
    const receipt = await until(() => heard.receipts.find(({ seq }) => seq === 2));
    expect(receipt).toMatchObject({
      state: 'REJECTED',
      error: 'one is bad (its last good version holds on); new is bad',
    });
    expect(bodies(applied)).toEqual({ one: { a: 1 }, good: { a: 2 } });
    expect(config.standing).toMatchObject({ seq: 1, rejection: { seq: 2, reason: 'one is bad' } });

    await publisher.publish([feed('three', { a: 3 })]);
    await publisher.publish([promo('acme-uk', 'summer', { title: 'Summer' })]);
    await until(() => heard.receipts.some(({ seq }) => seq === 4));
    expect(bodies(applied)).toEqual({ one: { a: 1 }, good: { a: 2 }, three: { a: 3 } });
    const third = heard.receipts.find(({ seq }) => seq === 3);
    expect(third).toMatchObject({
      state: 'APPLIED',
      error: 'applied without one is bad (its last good version holds on); new is bad',
    });
    expect(config.standing).toMatchObject({ seq: 4, rejection: { seq: 2 } });

    await publisher.publish([feed('one', { text: 'corrected' }), feed('new')]);
    await until(() => heard.receipts.some(({ seq }) => seq === 5));
    expect(bodies(applied)).toEqual({ one: { text: 'corrected' }, good: { a: 2 }, three: { a: 3 } });
    expect(config.standing.rejection).toBeUndefined();
    expect(statesOf(heard.receipts)).toEqual([
      [1, 'APPLIED'],
      [2, 'REJECTED'],
      [3, 'APPLIED'],
      [4, 'SKIPPED'],
      [5, 'APPLIED'],
    ]);
    expect(heard.receipts.find(({ seq }) => seq === 5)?.error).toBeUndefined();
  });

  test('is tried again, and applied for the release that brought it, once its reason is gone', async () => {
    const heard = reports();
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, applied } = await follow();
    await until(() => config.standing.seq === 1);
    await publisher.publish([feed('one', { text: 'bad' })]);
    await until(() => heard.receipts.some(({ seq, state }) => seq === 2 && state === 'REJECTED'));
    // Heartbeats that stand at the release itself would count as APPLIED.
    expect(heldIn(heard.heartbeats)).not.toContain(2);
    const before = applied.length;
    bad = /nothing/;
    await until(() => heard.receipts.some(({ seq, state }) => seq === 2 && state === 'APPLIED'));
    expect(bodies(applied)).toEqual({ one: { text: 'bad' } });
    expect(config.standing).toMatchObject({ seq: 2, rejection: undefined });
    // What was in force is not taken over again with every attempt.
    expect(applied.length).toBe(before + 1);
  });

  test('is refused after a restart too, also where Redis is unreachable; its last good version is in force', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const first = await follow();
    await until(() => first.config.standing.seq === 1);
    await publisher.publish([feed('one', { text: 'bad' }), feed('good', { a: 2 })]);
    await until(async () => first.config.standing.rejection?.seq === 2 && (await kept()).includes('refusals'));
    await first.config.close();
    const second = await follow(new URL('redis://127.0.0.1:1'));
    expect(bodies(second.applied)).toEqual({ one: { a: 1 }, good: { a: 2 } });
    expect(second.config.standing).toMatchObject({ seq: 1, rejection: { seq: 2, reason: 'one is bad' } });
    await second.config.close();
    running = [];
  });

  test('does not keep an instance without a state from taking up all others', async () => {
    const heard = reports();
    await publisher.publish([feed('one', { a: 1 })]);
    await publisher.publish([feed('two', { text: 'bad' })]);
    await publisher.publish([feed('three', { a: 3 })]);
    const { config, applied } = await follow();
    await until(() => heard.receipts.length >= 2);
    expect(bodies(applied)).toEqual({ one: { a: 1 }, three: { a: 3 } });
    expect(statesOf(heard.receipts)).toEqual([
      [2, 'REJECTED'],
      [3, 'APPLIED'],
    ]);
    expect(config.standing).toMatchObject({ seq: 3, rejection: { seq: 2, reason: 'two is bad' } });
  });
});

describe('when Redis', () => {
  test('is unreachable at the start, the state on disk is in force', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const first = await follow();
    await until(async () => first.config.standing.seq === 1 && (await kept()).length > 0);
    await first.config.close();
    const second = await follow(new URL('redis://127.0.0.1:1'));
    expect(second.keys()).toEqual(['odds-feed/*/one']);
    expect(second.config.standing).toMatchObject({ seq: 1, heardAt: undefined });
    await second.config.close();
    running = [];
  });

  test('is emptied, the state stays in force; when it is filled again, it continues from there', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const { config, applied, keys } = await follow();
    await until(() => config.standing.seq === 1);
    await area.clear();
    await publisher.prepare([feed('two', { a: 2 })]);
    expect(keys()).toEqual(['odds-feed/*/one']);
    await publisher.rebuild();
    await until(() => config.standing.seq === 2);
    expect(keys()).toEqual(['odds-feed/*/one', 'odds-feed/*/two']);
    expect(applied.map(({ position }) => position.seq)).toEqual([1, 2]);
  });

  test('is killed and comes back, releases continue', async () => {
    const { server, dispose } = await startPrivateRedis();
    const own = new TestPublisher(new URL(server.url), prefix);
    try {
      await own.publish([feed('one', { a: 1 })]);
      const { config, keys } = await follow(new URL(server.url));
      await until(() => config.standing.seq === 1);
      await server.kill9();
      await server.start();
      await until(() => own.publish([feed('two', { a: 2 })]), { what: 'a release after the restart' });
      await until(() => keys().length === 2);
      await config.close();
      running = [];
    } finally {
      own.close();
      await dispose();
    }
  });

  test('has an older state of the same history, it is waited for and not followed', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const { seq, stateHash } = publisher;
    await publisher.publish([feed('two', { a: 2 })]);
    const { config, keys } = await follow();
    await until(() => config.standing.seq === 2);
    const before = config.standing.heardAt ?? 0;
    await publisher.redis.hset(publisher.keys.head, { seq, stateHash });
    await until(() => (config.standing.heardAt ?? 0) > before + 200);
    expect(config.standing.seq).toBe(2);
    expect(keys()).toHaveLength(2);
  });

  test('was written by a database that lost what is held here and has overtaken it, everything is read', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    await publisher.publish([feed('one', { a: 'lost' }), feed('lost', { a: 2 })]);
    const { config, keys, applied } = await follow();
    await until(() => config.standing.seq === 2);
    const { keys: at, redis: connection } = publisher;
    await connection.del(at.live, at.changes, at.head);
    const restored = new TestPublisher(area.url, prefix);
    await restored.prepare([feed('one', { a: 1 })]);
    await restored.prepare([promo('acme-uk', 'summer', { title: 'Summer' })]);
    await restored.prepare([promo('acme-uk', 'winter', { title: 'Winter' })]);
    await restored.writeHead();
    await until(() => config.standing.seq === 3);
    expect(keys()).toEqual(['odds-feed/*/one']);
    expect(applied.at(-1)?.documents.get('odds-feed/*/one')?.body).toEqual({ a: 1 });
    restored.close();
  });

  test('has another history, everything is read again', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    await publisher.publish([feed('two', { a: 2 })]);
    const { config, keys } = await follow();
    await until(() => config.standing.seq === 2);
    await area.clear();
    const other = new TestPublisher(area.url, prefix);
    other.epoch = 'epoch-2';
    await other.publish([feed('three', { a: 3 })]);
    await until(() => config.standing.seq === 1);
    expect(keys()).toEqual(['odds-feed/*/three']);
    other.close();
  });
});

describe('the file', () => {
  test('that is damaged is not used, and what is live is read instead', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const first = await follow();
    await until(async () => first.config.standing.seq === 1 && (await kept()).length > 0);
    await first.config.close();
    await writeFile(join(directory.path, 'production.config'), (await kept()).replace('"a":1', '"a":9'));
    const second = await follow();
    await until(() => second.config.standing.seq === 1);
    expect(second.applied.map(({ documents }) => documents.get('odds-feed/*/one')?.body)).toEqual([{ a: 1 }]);
  });

  test('is followed on from by the releases since', async () => {
    await publisher.publish([feed('one', { a: 1 })]);
    const first = await follow();
    await until(async () => first.config.standing.seq === 1 && (await kept()).length > 0);
    await first.config.close();
    await publisher.publish([feed('one')]);
    const second = await follow();
    await until(() => second.config.standing.seq === 2);
    expect(second.applied.map(({ documents }) => documents.size)).toEqual([1, 0]);
  });
});
