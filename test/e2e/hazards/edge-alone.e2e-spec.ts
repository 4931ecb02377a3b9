import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { artefactKeys } from '@paddock/contracts';
import { RECEIPTS_QUEUE } from '@paddock/tasks';
import { type Random, seededRandom, until } from '@paddock/testing';
import { EdgeWatch } from '../edge-watch.js';
import { type Installation, readiness } from '../installation.js';
import { readPage } from '../read-page.js';
import { startInstallation } from '../start-installation.js';
import { expectFaultlessReads, expectAgreement } from '../expect-agreement.js';
import { TwinPublisher, TWINS_PATH } from '../twins.js';

const CASE_MS = 300_000;

describe('an edge that is left alone, or fed with rubbish', () => {
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
    'starts with everything behind it down: the same bytes, ready, and stale',
    async () => {
      const { redis, controlPlane, worker } = installation.parts;
      const edge = installation.edge();
      const before = await readPage(edge.url + TWINS_PATH);
      await Promise.all([redis, controlPlane, worker, edge].map((process) => process.kill9()));
      await edge.start();
      expect(await readPage(edge.url + TWINS_PATH)).toEqual(before);
      expect(await readiness(edge)).toMatchObject({ ready: true, stale: expect.any(String) });
      await installation.heal();
      expect(await readiness(edge)).toMatchObject({ ready: true, stale: null });
    },
    CASE_MS,
  );

  it.each(['a journal cut off', 'a snapshot cut off', 'a flipped bit', 'an empty file', 'other bytes'] as const)(
    `finds %s on its disk and serves no wrong page (seed ${random.seed})`,
    async (damage) => {
      const edge = installation.edge();
      await publisher.publish();
      await installation.converged();
      const watch = new EdgeWatch(installation, { perSecond: 50, emptyDisks: true });
      await edge.kill9();
      await spoil(productionOf(installation), damage, random);
      await edge.start();
      await publisher.publish();
      await installation.converged();
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it.each(['a journal cut off', 'a snapshot cut off', 'a flipped bit', 'an empty file', 'other bytes'] as const)(
    `finds %s on its disk while Redis is down: it serves what was published, or is not ready (seed ${random.seed})`,
    async (damage) => {
      const edge = installation.edge();
      await publisher.publish();
      await installation.converged();
      await edge.kill9();
      await installation.parts.redis.kill9();
      await spoil(productionOf(installation), damage, random);
      edge.launch();
      const page = await until(() => readPage(edge.url + TWINS_PATH), { what: 'an edge that answers' });
      const { ready } = await readiness(edge);
      // 404 where the state that is left is older than the page.
      expect({ ready, status: page.status }).toEqual({ ready, status: ready ? expect.any(Number) : 503 });
      expect(ready && page.status === 503).toBe(false);
      const published = publisher.attempts.flatMap(({ marker }) => [[marker, marker]]);
      expect([...published, ['begin', 'begin'], []]).toContainEqual(page.titles);
      await installation.heal();
      await edge.becomesReady();
      await expectAgreement(installation, publisher.attempts);
    },
    CASE_MS,
  );

  it(
    'rejects a damaged body with its reason, keeps the page, and applies the release after the body is written again',
    async () => {
      const { worker } = installation.parts;
      const edge = installation.edge();
      const before = await readPage(edge.url + TWINS_PATH);
      edge.pause();
      const { settled, marker } = await publisher.publish();
      const releaseId = settled && 'seq' in settled ? settled.releaseId : '';
      await until(async () => (await installation.propagation(releaseId)).applied === 1, {
        what: 'the other edge’s receipt',
      });
      // The body stays damaged meanwhile.
      worker.pause();
      await overwriteBodies(installation, releaseId);
      edge.resume();
      const refused = await until(
        async () =>
          (await readiness(edge)).environments.find(
            ({ environment, rejected }) => environment === 'production' && rejected,
          )?.rejected,
        { what: 'the rejection' },
      );
      expect(refused.reason).toMatch(
        /promo\/acme-uk\/twins-[ab]: its body [0-9a-f]{64} does not have the bytes that its name says/,
      );
      expect(await readPage(edge.url + TWINS_PATH)).toEqual(before);

      // The worker would rewrite the body as soon as it reads the receipt, so the edge is stopped until the check is
      // done.
      await until(() => waitsForWorker(installation, 'REJECTED'), { what: 'the receipt on its way' });
      edge.pause();
      worker.resume();
      const shown = await until(
        async () =>
          (await installation.propagation(releaseId)).receipts.find(
            ({ instance, state }) => instance === 'edge-1' && state === 'REJECTED',
          ),
        { what: 'the receipt of the rejection' },
      );
      expect(shown.error).toBe(refused.reason);
      edge.resume();
      await installation.converged();
      expect((await readPage(edge.url + TWINS_PATH)).titles).toEqual([marker, marker]);
    },
    CASE_MS,
  );
});

type Damage = 'a journal cut off' | 'a snapshot cut off' | 'a flipped bit' | 'an empty file' | 'other bytes';

function productionOf({ parts }: Installation): string {
  return join(parts.stateDirectories[0] ?? '', 'environments', 'production');
}

async function spoil(directory: string, damage: Damage, random: Random): Promise<void> {
  const newest = async (kind: string): Promise<string> => {
    const names = (await readdir(directory)).filter((name) => name.startsWith(kind)).sort();
    return join(directory, names.at(-1) ?? '');
  };
  const file = await newest(damage === 'a journal cut off' ? 'journal' : 'snapshot');
  const content = await readFile(file);
  if (damage === 'a journal cut off' || damage === 'a snapshot cut off')
    await truncate(file, random.integer(0, content.length - 1));
  else if (damage === 'an empty file') await truncate(file, 0);
  else if (damage === 'other bytes') await writeFile(file, Buffer.from(content.map(() => random.integer(0, 255))));
  else {
    const at = random.integer(0, content.length - 1);
    content.writeUInt8((content[at] ?? 0) ^ (1 << random.integer(0, 7)), at);
    await writeFile(file, content);
  }
}

/** Does a receipt of this state lie in the queue? */
async function waitsForWorker(installation: Installation, state: string): Promise<boolean> {
  const connection = new Redis(installation.parts.redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue<{ state?: string }>(RECEIPTS_QUEUE, { connection, prefix: 'paddock' });
  const jobs = await queue.getJobs(['waiting', 'prioritized', 'delayed']);
  await queue.close();
  connection.disconnect();
  return jobs.some(({ data }) => data.state === state);
}

/** Puts other content under the names of the bodies that a release brought. */
async function overwriteBodies(installation: Installation, releaseId: string): Promise<void> {
  const redis = new Redis(installation.parts.redis.url);
  const bodies = await installation.sql<{ sha256: string }>(
    `SELECT r.sha256 FROM release_item i JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision WHERE i.release_id = ?`,
    [releaseId],
  );
  for (const { sha256 } of bodies) {
    await redis.set(artefactKeys('paddock', 'production').blob(sha256), '{"title":"not what was published"}');
  }
  redis.disconnect();
}
