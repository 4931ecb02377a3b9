import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startApp, until } from '@paddock/testing';
import { EdgeWatch } from '../edge-watch.js';
import type { Installation } from '../installation.js';
import { startInstallation } from '../start-installation.js';
import { expectFaultlessReads, expectAgreement } from '../expect-agreement.js';
import { TwinPublisher } from '../twins.js';

const CASE_MS = 300_000;

describe('races, repeats and pauses', () => {
  let installation: Installation;
  let publisher: TwinPublisher;

  beforeAll(async () => {
    installation = await startInstallation();
    publisher = new TwinPublisher(installation);
    await publisher.begin();
  }, CASE_MS);
  // One case must not be the reason why the next one fails.
  afterEach(() => installation.heal(), CASE_MS);
  afterAll(() => installation.dispose());

  it(
    'two publishers of the same documents: one wins, the other learns which release won',
    async () => {
      const other = new TwinPublisher(installation);
      const [mine, theirs] = [await publisher.prepare('mine'), await other.prepare('theirs')];
      const before = await installation.headSeq();
      const settled = (await Promise.all([publisher.land(mine), other.land(theirs)])).map((attempt) => attempt.settled);
      expect(settled).toContainEqual({ releaseId: expect.any(String), seq: before + 1 });
      expect(settled).toContainEqual({ refused: 'STALE' });
      await installation.converged();
      await expectAgreement(installation, [...publisher.attempts, ...other.attempts]);
    },
    CASE_MS,
  );

  it(
    'one key sent twice at once lands once, and with another request is refused',
    async () => {
      const { release } = await publisher.prepare('sent twice');
      const before = await installation.headSeq();
      const key = randomUUID();
      const planHash = release.plan?.planHash ?? '';
      const answers = await Promise.all([1, 2, 3].map(() => installation.editor.publish(release.id, planHash, key)));
      for (const { data } of answers) expect(data?.publishRelease).toMatchObject({ id: release.id, seq: before + 1 });
      const { release: another } = await publisher.prepare('another request');
      const refused = await installation.editor.publish(another.id, another.plan?.planHash ?? '', key);
      expect(refused.data?.publishRelease).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
      expect(await installation.headSeq()).toBe(before + 1);
    },
    CASE_MS,
  );

  it(
    'a rollback during a publish: both land in some order, and edges show them in that order',
    async () => {
      const watch = new EdgeWatch(installation);
      const last = await publisher.publish();
      const prepared = await publisher.prepare();
      const id = last.settled && 'seq' in last.settled ? last.settled.releaseId : '';
      const [, rollback] = await Promise.all([
        publisher.land(prepared),
        installation.editor.rollback(id, { keep: [] }),
      ]);
      expect(rollback.data?.rollbackRelease).toMatchObject({ type: 'ROLLBACK', reverts: { seq: expect.any(Number) } });
      await installation.converged();
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    'deliveries that come twice, late and out of order move nothing',
    async () => {
      const watch = new EdgeWatch(installation);
      const stop = publisher.repeat();
      const connection = new Redis(installation.parts.redis.url, { maxRetriesPerRequest: null });
      const deliveries = new Queue('deliveries', { connection, prefix: 'paddock' });
      const head = await installation.headSeq();
      for (const version of [head, head - 1, 1, head, head - 1]) {
        const about = { environment: 'production', target: 'artefacts', requestId: randomUUID(), traceparent: null };
        await deliveries.addBulk([
          { name: 'deliver', data: { ...about, topic: 'release', version } },
          { name: 'deliver', data: { ...about, topic: 'settings', version: 1 } },
        ]);
      }
      await stop();
      await installation.converged();
      const report = await watch.stop();
      expect(await deliveries.getFailedCount()).toBe(0);
      await deliveries.close();
      connection.disconnect();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    'a worker that was stopped for 10 seconds while another one continued reverts nothing',
    async () => {
      const { worker, redis, databaseUrl } = installation.parts;
      const watch = new EdgeWatch(installation);
      const stop = publisher.repeat();
      const other = await startApp('worker', { REDIS_URL: redis.url, DATABASE_URL: databaseUrl });
      worker.pause();
      await delay(10_000);
      worker.resume();
      await stop();
      await installation.converged();
      await other.dispose();
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    'processes that are asked to end while they publish answer what has begun, lose nothing acknowledged, and leave cleanly',
    async () => {
      const { controlPlane, worker } = installation.parts;
      const watch = new EdgeWatch(installation);
      const from = publisher.attempts.length;
      const stop = publisher.repeat();
      for (const app of [controlPlane, worker, installation.edge()]) {
        // In the midst of publishing: only the repeating publisher edits, or two would mix their drafts in one release.
        const begun = publisher.attempts.length;
        await until(() => publisher.attempts.length > begun + 1, { what: 'two more publishes' });
        expect(await app.stop()).toEqual({ code: 0, signal: null });
        await app.start();
      }
      await stop();
      await installation.converged();
      const report = await watch.stop();
      // A publish may come too late for a process that ends: refused, or sent on a connection in the moment in which that
      // is closed (RFC 9112, 9.5), which its client sees as a reset. Every other failure would be an answer that was cut off.
      const unanswered = publisher.attempts.slice(from).flatMap(({ unknown }) => unknown);
      expect(unanswered.filter((reason) => !/ECONNREFUSED|read ECONNRESET|^503 UNAVAILABLE$/.test(reason))).toEqual([]);
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );
});
