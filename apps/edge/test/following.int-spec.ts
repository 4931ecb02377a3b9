import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heartbeat, Receipt } from '@paddock/contracts';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import {
  type Damage,
  layout,
  promo,
  redisPrefix,
  startPrivateRedis,
  TcpProxy,
  temporaryDirectory,
  TestPublisher,
  until,
} from '@paddock/testing';
import { promoKeys, TestEdge } from './test-edge.js';

const area = redisPrefix();
const HOME = layout('acme-uk', 'home', {
  page: 'home',
  slots: [{ name: 'main', items: [{ promos: { tags: ['home'], limit: 100 } }] }],
});
const tagged = (key: string, title = key) => promo('acme-uk', key, { title, tags: ['home'] });

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let publisher: TestPublisher;
let prefix: string;
let edge: TestEdge | undefined;
let receiptWorker: ReturnType<typeof startWorker> | undefined;
let tests = 0;

beforeEach(async () => {
  tests += 1;
  prefix = `${area.prefix}-${tests}`;
  directory = await temporaryDirectory();
  publisher = new TestPublisher(area.url, prefix);
  await publisher.settings();
  await publisher.publish([HOME, tagged('one')]);
});

afterEach(async () => {
  await receiptWorker?.close();
  await edge?.close();
  edge = undefined;
  receiptWorker = undefined;
  publisher.close();
  await area.clear();
  await directory.remove();
});

async function start(redisUrl = area.url, env: Record<string, string> = {}): Promise<TestEdge> {
  edge = await TestEdge.start({ redisUrl, prefix, stateDir: directory.path, env });
  return edge;
}

async function started(): Promise<TestEdge> {
  const running = await start();
  await until(async () => (await running.seq()) === publisher.seq);
  return running;
}

/** The database as it is after a restore to release 1 and three releases since: Redis was emptied and written again. */
async function overtaken({ keys, redis }: TestPublisher, epoch = 'epoch-1'): Promise<TestPublisher> {
  await redis.del(keys.live, keys.changes, keys.head);
  const restored = new TestPublisher(area.url, prefix);
  restored.epoch = epoch;
  await restored.prepare([HOME, tagged('one')]);
  for (const key of ['zero', 'two', 'three']) await restored.prepare([tagged(key)]);
  await restored.settings();
  return restored;
}

interface Ready {
  ready: boolean;
  stale: string | null;
  checks: {
    state: {
      unserved: string[];
      environments: { seq: number | null; rejected: { seq: number; reason: string } | null }[];
    };
  };
}

async function readyz(of: TestEdge): Promise<{ status: number; body: Ready }> {
  const response = await of.operations('/readyz');
  const body: Ready = JSON.parse(await response.text());
  return { status: response.status, body };
}

async function rejection(of: TestEdge): Promise<{ seq: number; reason: string } | null | undefined> {
  return (await readyz(of)).body.checks.state.environments[0]?.rejected;
}

/** Everything that the edge reports from now on. */
function reports(): { receipts: Receipt[]; heartbeats: Heartbeat[] } {
  const heard: { receipts: Receipt[]; heartbeats: Heartbeat[] } = { receipts: [], heartbeats: [] };
  const runs = [
    implementTask(receiptTask, ({ payload: receipt }) => Promise.resolve(void heard.receipts.push(receipt))),
    implementTask(heartbeatTask, ({ payload: heartbeat }) => Promise.resolve(void heard.heartbeats.push(heartbeat))),
  ];
  receiptWorker = startWorker(RECEIPTS_QUEUE, runs, {
    connection: workerConnection(area.url),
    prefix,
    concurrency: 1,
    onError: () => undefined,
  });
  return heard;
}

describe('following releases', () => {
  it('a notice brings the new bytes, and a receipt says so', async () => {
    const heard = reports();
    const running = await started();
    const change = await publisher.publish([tagged('two')]);
    await until(async () => (await promoKeys(await running.layout())).includes('two'));
    const receipt = await until(() => heard.receipts.find(({ seq }) => seq === 2));
    expect(receipt).toMatchObject({
      environment: 'production',
      consumer: 'edge',
      instance: 'edge-test',
      state: 'APPLIED',
      stateHash: change.stateHash,
      requestId: 'request-2',
    });
    expect(receipt.ms).toBeGreaterThanOrEqual(0);
    const heartbeat = await until(() => heard.heartbeats.find(({ environments }) => environments.length > 0));
    expect(heartbeat).toMatchObject({
      consumer: 'edge',
      instance: 'edge-test',
      leaseMs: 15_000,
      environments: [{ environment: 'production' }],
    });
  });

  it('lost-notice: the poll finds a release without a notice', async () => {
    const running = await started();
    await publisher.prepare([tagged('two')]);
    const { epoch, seq, stateHash } = publisher;
    await publisher.redis.hset(publisher.keys.head, { epoch, seq, stateHash });
    await until(async () => (await running.seq()) === 2);
  });

  it('behind-by-many: a hundred releases are one step to where they lead', async () => {
    const running = await started();
    for (let index = 0; index < 100; index += 1)
      await publisher.prepare([tagged(`p${index}`), { kind: 'promo', site: 'acme-uk', key: `p${index - 1}` }]);
    await publisher.writeHead();
    await until(async () => (await running.seq()) === 101);
    expect(await promoKeys(await running.layout())).toEqual(['one', 'p99']);
  });

  it('gap-beyond-changes: what is live is read in full', async () => {
    const running = await started();
    await publisher.prepare([tagged('two')]);
    const { seq } = await publisher.prepare([tagged('three')]);
    await publisher.redis.hdel(publisher.keys.changes, '2');
    await publisher.writeHead();
    await until(async () => (await running.seq()) === seq);
    expect(await promoKeys(await running.layout())).toEqual(['one', 'three', 'two']);
  });

  it('another-epoch: everything is read again, though its seq is lower', async () => {
    await publisher.publish([tagged('two')]);
    const running = await started();
    const other = new TestPublisher(area.url, prefix);
    other.epoch = 'epoch-2';
    await publisher.redis.del(publisher.keys.live, publisher.keys.changes, publisher.keys.head);
    await other.prepare([HOME, tagged('restored')]);
    await other.settings();
    await until(async () => (await promoKeys(await running.layout())).join() === 'restored');
    expect(await running.seq()).toBe(1);
    other.close();
  });

  it('database-restored, its seq has overtaken ours: what was lost is gone, though nothing but the releases tells', async () => {
    await publisher.publish([tagged('lost')]);
    const running = await started();
    await running.close();
    const restored = await overtaken(publisher);
    const again = await start();
    await until(async () => (await again.seq()) === 4);
    expect(await promoKeys(await again.layout())).toEqual(['one', 'three', 'two', 'zero']);
    expect(await rejection(again)).toBeNull();
    restored.close();
  });

  it('database-restored: readers that resume from a lost history are sent a reset', async () => {
    await publisher.publish([tagged('lost')]);
    await publisher.publish([tagged('lost', 'again')]);
    const running = await started();
    const restored = await overtaken(publisher, 'epoch-2');
    await until(async () => (await promoKeys(await running.layout())).includes('zero'));
    const stream = await fetch(`${running.url}/v1/production/changes`, { headers: { 'Last-Event-ID': '3' } });
    const reader = stream.body?.getReader();
    const text =
      new TextDecoder().decode((await reader?.read())?.value) + new TextDecoder().decode((await reader?.read())?.value);
    expect(text).toContain('event: reset');
    await reader?.cancel();
    restored.close();
  });

  it('head-moves-back: within an epoch no instance follows', async () => {
    await publisher.publish([tagged('two')]);
    const running = await started();
    publisher.seq = 1;
    await publisher.writeHead();
    // Two polls later at the latest it has looked; a release in another environment proves that it did.
    const staging = new TestPublisher(area.url, prefix, 'staging');
    await staging.settings();
    await staging.publish([HOME]);
    await until(async () => (await running.get('/v1/staging/sites/acme-uk/layouts/home')).status === 200);
    expect(await running.seq()).toBe(2);
    expect(await promoKeys(await running.layout())).toEqual(['one', 'two']);
    staging.close();
  });

  it('no-mixed-response: every answer shows exactly the documents of the release that it names', async () => {
    const running = await started();
    await publisher.publish([tagged('one', '1'), tagged('two', '1'), tagged('three', '1')]);
    await until(async () => (await running.seq()) === 2);
    let done = false;
    let read = 0;
    const reader = (async () => {
      while (!done) {
        const response = await running.layout();
        const page: { slots: { items: { title: string }[] }[] } = JSON.parse(await response.text());
        const titles = new Set(page.slots[0]?.items.map(({ title }) => title));
        expect([...titles]).toEqual([String(Number(response.headers.get('paddock-seq')) - 1)]);
        read += 1;
      }
    })();
    for (let title = 2; title <= 40; title += 1)
      await publisher.publish(['one', 'two', 'three'].map((key) => tagged(key, String(title))));
    await until(async () => (await running.seq()) === 41);
    done = true;
    await reader;
    expect(read).toBeGreaterThan(10);
  });
});

describe('a release that cannot be applied', () => {
  it.each<[string, Damage, RegExp]>([
    ['its body is missing', { blob: null }, /body .* is missing/],
    ['its body has other bytes', { blob: Buffer.from('{"title":"forged"}') }, /does not have the bytes/],
    ['its state hash is another', { stateHash: 'f'.repeat(64) }, /state hash/],
  ])('because %s leaves the last good state, says why, and is corrected by the next', async (_what, damage, reason) => {
    const heard = reports();
    const running = await started();
    await publisher.publish([tagged('bad')], damage);
    if (damage.stateHash) await publisher.writeHead(damage.stateHash);
    await until(async () => reason.test((await rejection(running))?.reason ?? ''));
    expect((await rejection(running))?.seq).toBe(2);
    expect(await running.seq()).toBe(1);
    expect(await promoKeys(await running.layout())).toEqual(['one']);
    expect((await readyz(running)).status).toBe(200);
    const receipt = await until(() => heard.receipts.find(({ seq }) => seq === 2));
    expect([receipt.state, reason.test(receipt.error ?? '')]).toEqual(['REJECTED', true]);
    expect(await (await running.operations('/metrics')).text()).toMatch(
      /paddock_edge_rejected\{environment="production".*\} 1/,
    );
    await publisher.publish([tagged('bad', 'corrected')]);
    await until(async () => (await running.seq()) === 3);
    expect(await rejection(running)).toBeNull();
    await until(() => heard.receipts.find(({ seq, state }) => seq === 3 && state === 'APPLIED'));
  });

  it('because its state hash is wrong is no reason to stay behind: what is live is read instead', async () => {
    const running = await started();
    await publisher.publish([tagged('two')], { stateHash: 'f'.repeat(64) });
    await until(async () => (await running.seq()) === 2);
    expect(await promoKeys(await running.layout())).toEqual(['one', 'two']);
    expect(await rejection(running)).toBeNull();
  });

  it('because a body was missing is applied within moments of its being there', async () => {
    const heard = reports();
    await publisher.publish([tagged('two')], { blob: null });
    const running = await start(area.url, { EDGE_POLL_MS: '60000' });
    const refused = await until(() => heard.receipts.find(({ state }) => state === 'REJECTED'));
    // It has no state, so no heartbeat of it will name the environment: the receipt says that it is alive.
    expect(refused.leaseMs).toBeGreaterThan(0);
    await publisher.rebuild();
    const correctedAt = performance.now();
    await until(async () => (await running.seq()) === 2);
    expect(performance.now() - correctedAt).toBeLessThan(1_000);
  });

  it('because its body has another shape is refused by name, alone: its last good body stays, the next releases are applied, and it heals', async () => {
    const heard = reports();
    const running = await started();
    const bad = (key: string) => ({
      kind: 'promo',
      site: 'acme-uk',
      key,
      body: JSON.parse('{"title":7,"tags":["home"]}'),
    });
    await publisher.publish([bad('bad'), bad('one'), tagged('good')]);
    const reason = ['bad', 'one'].map((key) => `promo/acme-uk/${key}: title must be a text`).join('; ');
    await until(async () => (await rejection(running))?.reason === reason);
    expect(await promoKeys(await running.layout())).toEqual(['good', 'one']);
    expect(await until(() => heard.receipts.find(({ seq }) => seq === 2))).toMatchObject({
      state: 'REJECTED',
      error: reason,
    });
    await publisher.publish([tagged('next')]);
    await until(async () => (await promoKeys(await running.layout())).includes('next'));
    expect(await until(() => heard.receipts.find(({ seq }) => seq === 3))).toMatchObject({
      state: 'APPLIED',
      stateHash: publisher.stateHash,
    });
    await publisher.publish([tagged('bad', 'corrected'), tagged('one', 'corrected')]);
    await until(async () => (await rejection(running)) === null);
    expect(await promoKeys(await running.layout())).toEqual(['bad', 'good', 'next', 'one']);
    await until(() => heard.receipts.find(({ seq, state }) => seq === 4 && state === 'APPLIED'));
    expect(heard.receipts.filter(({ seq }) => seq === 2).map(({ state }) => state)).toEqual(['REJECTED']);
  });

  it('and an edge that starts without an earlier state serves all of the others', async () => {
    const heard = reports();
    await publisher.publish([
      { kind: 'promo', site: 'acme-uk', key: 'bad', body: JSON.parse('{"title":7,"tags":["home"]}') },
    ]);
    await publisher.publish([tagged('two')]);
    const running = await start();
    await until(async () => (await running.seq()) === 3);
    expect(await promoKeys(await running.layout())).toEqual(['one', 'two']);
    await until(() => heard.receipts.length >= 2);
    expect(Object.fromEntries(heard.receipts.map(({ seq, state }) => [seq, state]))).toEqual({
      2: 'REJECTED',
      3: 'APPLIED',
    });
  });

  it('does not hold up the good ones before it', async () => {
    const running = await started();
    await publisher.prepare([tagged('good')]);
    await publisher.prepare([tagged('bad')], { blob: null });
    await publisher.prepare([tagged('behind')]);
    await publisher.writeHead();
    await until(async () => (await running.seq()) === 2);
    expect(await promoKeys(await running.layout())).toEqual(['good', 'one']);
    await until(async () => (await rejection(running))?.seq === 4);
  });

  it('does not hold up the good ones before it, also where thirty good ones follow', async () => {
    const running = await started();
    await publisher.prepare([tagged('good')]);
    await publisher.prepare([tagged('bad')], { blob: null });
    for (let number = 0; number < 30; number += 1) await publisher.prepare([tagged('later', String(number))]);
    await publisher.writeHead();
    await until(async () => (await rejection(running))?.seq === 33);
    expect([await running.seq(), await promoKeys(await running.layout())]).toEqual([2, ['good', 'one']]);
    await publisher.publish([tagged('bad', 'corrected')]);
    await until(async () => (await running.seq()) === 34);
  });
});

describe('when upstream is unreachable', () => {
  it('redis-killed: pages are served throughout, what was missed is caught up with, the staleness shows', async () => {
    const { server, dispose } = await startPrivateRedis();
    const away = new TestPublisher(new URL(server.url), prefix);
    await away.settings();
    await away.publish([HOME, tagged('one')]);
    const running = await start(new URL(server.url));
    await until(async () => (await running.seq()) === 1);
    await server.kill9();
    await until(async () => (await readyz(running)).body.stale !== null);
    expect((await readyz(running)).status).toBe(200);
    expect(await promoKeys(await running.layout())).toEqual(['one']);
    await server.start();
    await away.redis.flushall();
    await away.rebuild();
    await away.publish([tagged('two')]);
    await until(async () => (await promoKeys(await running.layout())).includes('two'));
    await until(async () => (await readyz(running)).body.stale === null);
    away.close();
    await running.close();
    edge = undefined;
    await dispose();
  });

  it('half-open: a connection that swallows everything is given up, and what was missed is caught up with', async () => {
    const proxy = await TcpProxy.to(Number(area.url.port));
    const url = new URL(area.url);
    url.port = String(proxy.port);
    const running = await start(url);
    await until(async () => (await running.seq()) === 1);
    proxy.silence();
    await publisher.publish([tagged('two')]);
    await until(async () => (await readyz(running)).body.stale !== null);
    expect(await promoKeys(await running.layout())).toEqual(['one']);
    proxy.heal();
    await until(async () => (await running.seq()) === 2);
    await running.close();
    edge = undefined;
    await proxy.close();
  });

  it('cold-start-alone: a restarted edge serves what it knew, and says since when it is stale', async () => {
    const proxy = await TcpProxy.to(Number(area.url.port));
    const url = new URL(area.url);
    url.port = String(proxy.port);
    const first = await start(url);
    await until(async () => (await first.seq()) === 1);
    await publisher.publish([tagged('two')]);
    await until(async () => (await first.seq()) === 2);
    const before = await first.layout();
    await first.close();
    await proxy.close();
    const second = await start(url);
    const ready = await readyz(second);
    expect([ready.status, typeof ready.body.stale]).toEqual([200, 'string']);
    const after = await second.layout();
    expect([await after.text(), after.headers.get('etag'), after.headers.get('paddock-seq')]).toEqual([
      await before.text(),
      before.headers.get('etag'),
      '2',
    ]);
  });

  it.each(['one byte is another', 'the file is empty'])(
    'production lost from disk (%s): not ready, by name, though staging is served',
    async (damage) => {
      const staging = new TestPublisher(area.url, prefix, 'staging');
      await staging.settings();
      await staging.publish([HOME]);
      const first = await started();
      await until(async () => (await first.get('/v1/staging/sites/acme-uk/layouts/home')).status === 200);
      await first.close();
      staging.close();
      const folder = join(directory.path, 'environments', 'production');
      for (const name of (await readdir(folder)).filter((file) => file.startsWith('snapshot'))) {
        const bytes = await readFile(join(folder, name));
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await writeFile(join(folder, name), damage === 'the file is empty' ? '' : bytes);
      }
      const alone = await start(new URL('redis://127.0.0.1:1'));
      const { status, body } = await readyz(alone);
      expect(status).toBe(503);
      expect(body.checks.state.unserved).toEqual(['production']);
      expect((await alone.get('/v1/staging/sites/acme-uk/layouts/home')).status).toBe(200);
      expect(await (await alone.operations('/metrics')).text()).toMatch(
        /paddock_edge_unserved\{environment="production".*\} 1/,
      );
      await alone.close();
      const again = await start();
      await until(async () => (await readyz(again)).status === 200);
      expect(await again.seq()).toBe(1);
    },
  );

  it('a damaged body of staging does not make production unready; one that must be served does', async () => {
    const staging = new TestPublisher(area.url, prefix, 'staging');
    await staging.settings();
    await staging.publish([HOME, tagged('bad')], { blob: null });
    const running = await started();
    const { status, body } = await readyz(running);
    expect([status, body.checks.state.unserved]).toEqual([200, ['staging']]);
    await running.close();
    const strict = await start(area.url, { EDGE_READY_ENVIRONMENTS: 'production,staging' });
    expect((await readyz(strict)).status).toBe(503);
    await staging.rebuild();
    await until(async () => (await readyz(strict)).status === 200);
    staging.close();
  });

  it('nothing-at-all: without any state it says that it is not ready', async () => {
    const nowhere = new URL('redis://127.0.0.1:1');
    const running = await start(nowhere);
    expect((await readyz(running)).status).toBe(503);
    const response = await running.layout();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(await response.text())).toMatchObject({ code: 'NO_STATE' });
    expect((await running.get('/healthz')).status).toBe(200);
  });
});
