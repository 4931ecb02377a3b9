import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppProcess } from '@paddock/processes';
import { createDatabase, startApp, temporaryDirectory } from '@paddock/testing';
import { expectOk } from '../../../apps/control-plane/src/testing/expect-result.js';
import { DatabaseBackup } from '../database-backup.js';
import type { Installation } from '../installation.js';
import { startInstallation } from '../start-installation.js';
import { expectAgreement } from '../expect-agreement.js';
import { TwinPublisher } from '../twins.js';

const CASE_MS = 300_000;
/** By then every instance has noticed that the database lost releases, and holds what it has instead. */
const NOTICED_MS = 30_000;
/** Releases that the backup does not have. */
const LOST = 3;

interface Case {
  readonly redis: 'kept' | 'emptied';
  readonly edges: 'running' | 'stopped';
  /** Releases that land before the worker starts; more than were lost overtake the seq that instances hold. */
  readonly landed: number;
  readonly pages: 'the same pages' | 'other pages';
}

const CASES: readonly Case[] = [
  { redis: 'kept', edges: 'running', landed: 0, pages: 'the same pages' },
  { redis: 'emptied', edges: 'running', landed: 1, pages: 'the same pages' },
  { redis: 'kept', edges: 'running', landed: 4, pages: 'other pages' },
  { redis: 'emptied', edges: 'running', landed: 4, pages: 'other pages' },
  { redis: 'kept', edges: 'stopped', landed: 3, pages: 'other pages' },
  { redis: 'emptied', edges: 'stopped', landed: 2, pages: 'other pages' },
  { redis: 'emptied', edges: 'stopped', landed: 4, pages: 'the same pages' },
];

describe('MySQL is restored from a backup', () => {
  const endings: (() => Promise<unknown>)[] = [];
  let installation: Installation;
  let twins: TwinPublisher;
  let others: TwinPublisher;
  /** Consumers of live config beside the edges, and the file in which each keeps what it applied. */
  let consumers: { app: AppProcess; file: string }[] = [];
  let number = 0;

  beforeAll(async () => {
    installation = await startInstallation();
    const [database, directory] = await Promise.all([createDatabase(), temporaryDirectory()]);
    const redis = { REDIS_URL: installation.parts.redis.url };
    const oddsEnv = {
      ...redis,
      DATABASE_URL: database.url.href,
      ODDS_STATE_DIR: join(directory.path, 'odds'),
      ODDS_INSTANCE: 'odds-1',
    };
    await promisify(execFile)(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], { env: oddsEnv });
    const odds = await startApp('odds', oddsEnv);
    const stateDirectory = join(directory.path, 'analytics');
    const analytics = await startApp('analytics', {
      ...redis,
      ANALYTICS_STORE_DIR: join(directory.path, 'store'),
      ANALYTICS_STATE_DIR: stateDirectory,
      ANALYTICS_INSTANCE: 'analytics-1',
      ANALYTICS_OPEN_READS: 'true',
    });
    consumers = [
      { app: odds.app, file: join(oddsEnv.ODDS_STATE_DIR, 'production.config') },
      { app: analytics.app, file: join(stateDirectory, 'production.config') },
    ];
    endings.push(
      () => odds.dispose(),
      () => analytics.dispose(),
      () => installation.dispose(),
      () => database.drop(),
      () => directory.remove(),
    );
    twins = new TwinPublisher(installation);
    others = new TwinPublisher(installation, 'others');
    await twins.begin();
    await others.begin();
  }, CASE_MS);
  afterEach(() => installation.heal(), CASE_MS);
  afterAll(async () => {
    for (const end of endings) await end();
  });

  /** Lands what odds and analytics read: a feed and a metric of these names. */
  async function landConfig(name: string): Promise<void> {
    const { editor } = installation;
    const feed = {
      oddsFeed: {
        source: { simulator: { seed: 7, matches: 1, matchMs: 60_000 } },
        syncWindowMs: 0,
        silenceMs: 5_000,
        suspendedDisplay: 'BLANK',
        enabled: false,
      },
    };
    const event = {
      eventSchema: {
        event: name,
        fields: { id: 'id', time: 'at' },
        versions: [
          {
            version: '1.0.0',
            schema: {
              type: 'object',
              required: ['id', 'at'],
              properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' } },
            },
          },
        ],
      },
    };
    const drafts = [
      { key: `${name}-feed`, body: feed },
      { key: name, body: event },
    ];
    const documents = await Promise.all(
      drafts.map(async (draft) => String(expectOk(await editor.saveDraft(draft), 'Document').id)),
    );
    await editor.land(documents, { title: name });
  }

  it.each(CASES)(
    'Redis $redis, edges $edges, $landed releases of $pages land before the worker runs',
    async ({ redis, edges, landed, pages }) => {
      const { parts } = installation;
      number += 1;
      const [kept, lost] = [`kept${number}`, `lost${number}`];
      await landConfig(kept);
      await installation.converged();
      const backup = await DatabaseBackup.take(installation);
      endings.unshift(() => backup.drop());
      for (let release = 1; release < LOST; release += 1) await twins.publish();
      await landConfig(lost);
      await installation.converged();

      await Promise.all(
        [parts.controlPlane, parts.worker, ...(edges === 'stopped' ? parts.edges : [])].map((app) => app.kill9()),
      );
      await backup.restore();
      if (redis === 'emptied') await parts.redis.flush();
      twins.attempts.length = 0;
      others.attempts.length = 0;
      await parts.controlPlane.start();
      const publisher = pages === 'the same pages' ? twins : others;
      for (let release = 0; release < landed; release += 1) await publisher.publish();
      await Promise.all([parts.worker, ...(edges === 'stopped' ? parts.edges : [])].map((app) => app.start()));
      await installation.converged(NOTICED_MS);
      await expectAgreement(installation, publisher.attempts);
      for (const { file } of consumers) {
        const config = await readFile(file, 'utf8');
        expect(config).toContain(kept);
        expect(config).not.toContain(lost);
      }
    },
    CASE_MS,
  );
});
