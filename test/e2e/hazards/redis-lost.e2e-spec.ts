import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom, until } from '@paddock/testing';
import { expectOk } from '../../../apps/control-plane/src/testing/expect-result.js';
import { EdgeWatch } from '../edge-watch.js';
import { type Installation, type Readiness, readiness } from '../installation.js';
import { startInstallation } from '../start-installation.js';
import { expectFaultlessReads, expectAgreement } from '../expect-agreement.js';
import { TwinPublisher } from '../twins.js';

const CASE_MS = 300_000;
/** Longer than BullMQ's workers used to survive. */
const OUTAGE_MS = 15_000;
/** Everything published is back by itself within this time. */
const REBUILT_MS = 30_000;

describe('Redis is lost', () => {
  const random = seededRandom();
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
    'for 15 seconds: what is published meanwhile arrives afterwards, and edges serve all the time, also one that starts',
    async () => {
      const { redis } = installation.parts;
      const watch = new EdgeWatch(installation);
      const stop = publisher.repeat();
      const attemptsBefore = publisher.attempts.length;
      await redis.kill9();
      const outage = delay(OUTAGE_MS);
      const seqBefore = seqOf(await readiness(installation.edge()));
      await installation.edge().kill9();
      await installation.edge().start();
      const started = await readiness(installation.edge());
      expect(started).toMatchObject({ ready: true, stale: expect.any(String) });
      // It may have been about to apply one more, which it had read before the loss.
      expect(seqOf(started)).toBeGreaterThanOrEqual(seqBefore);
      await outage;
      await stop();
      expect(publisher.attempts.length).toBeGreaterThan(attemptsBefore);
      await redis.start();
      await installation.heal(REBUILT_MS);
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    'flushed between commit and delivery',
    async () => {
      const { redis, worker } = installation.parts;
      const watch = new EdgeWatch(installation);
      worker.pause();
      await publisher.publish();
      await redis.flush();
      worker.resume();
      await installation.converged(REBUILT_MS);
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    `killed and started empty while publishing (seed ${random.seed})`,
    async () => {
      const { redis } = installation.parts;
      const watch = new EdgeWatch(installation);
      const stop = publisher.repeat();
      await delay(random.integer(0, 1_000));
      await redis.flush();
      await redis.kill9();
      await redis.start();
      await stop();
      await installation.converged(REBUILT_MS);
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    'with everything restarted: a scheduled release still lands, once, not before its time',
    async () => {
      const { redis, controlPlane, worker } = installation.parts;
      const { release } = await publisher.prepare('scheduled');
      const before = await installation.headSeq();
      const at = new Date(Date.now() + 5_000);
      expectOk(await installation.editor.schedule(release.id, at), 'Release');
      await redis.flush();
      await Promise.all([redis, controlPlane, worker].map((process) => process.kill9()));
      await Promise.all([redis, controlPlane, worker].map((process) => process.start()));
      await until(async () => (await installation.editor.release(release.id)).state === 'LANDED', {
        timeoutMs: 60_000,
        what: 'the landing',
      });
      const [landed] = await installation.sql<{ seq: number; late: number }>(
        'SELECT seq, TIMESTAMPDIFF(MICROSECOND, scheduled_at, landed_at) AS late FROM `release` WHERE id = ?',
        [release.id],
      );
      expect(landed?.seq).toBe(before + 1);
      expect(landed?.late).toBeGreaterThanOrEqual(0);
      await installation.converged(REBUILT_MS);
      await expectAgreement(installation, publisher.attempts);
    },
    CASE_MS,
  );
});

function seqOf({ environments }: Readiness): number {
  const seq = environments.find(({ environment }) => environment === 'production')?.seq;
  if (typeof seq !== 'number') throw new Error('the edge holds nothing of production');
  return seq;
}
