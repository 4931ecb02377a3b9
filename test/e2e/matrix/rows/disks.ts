import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@paddock/testing';
import type { DiskUser } from '../../installation.js';
import { BREAKABLE, ALL_PLANES, type FaultRow, type Site } from '../hazard-row.js';

const BOUND_MS = 30_000;
const FULL_MS = 12_000;

export const DISKS: readonly FaultRow[] = [
  {
    name: 'disk-full-edge',
    fault: 'the 8 MB disk of an edge is full for 12 s',
    expected: 'it serves and follows from memory, names the error in /readyz, and writes again once there is space',
    boundMs: BOUND_MS,
    needs: { ...BREAKABLE, disks: { edge: 8 } },
    async inject(site, random) {
      await fill(site, 'edge', random.integer(0, 8));
      const { operationsUrl: url } = site.installation.edge();
      await until(async () => (await (await fetch(`${url}/readyz`)).text()).includes('ENOSPC'), {
        timeoutMs: FULL_MS + 30_000,
        what: 'an edge that names its full disk',
      });
    },
    async heal(site) {
      await site.installation.disk('edge').free();
      const { operationsUrl: url } = site.installation.edge();
      await until(async () => !(await (await fetch(`${url}/readyz`)).text()).includes('ENOSPC'), {
        timeoutMs: BOUND_MS,
        what: 'an edge whose disk is well again',
      });
    },
  },
  {
    name: 'disk-full-redis',
    fault: 'the 48 MB disk of the append-only file of Redis is full for 12 s; every other time Redis is killed then',
    expected: 'publishes are acknowledged, edges serve; the file is whole when there is space again',
    boundMs: BOUND_MS,
    needs: { ...BREAKABLE, disks: { redis: 48 } },
    async inject(site, random) {
      await fill(site, 'redis', random.integer(0, 64));
      await delay(FULL_MS);
      if (random.integer(0, 1) === 1) await site.installation.parts.redis.kill9();
    },
  },
  {
    name: 'disk-full-mysql',
    fault: 'the 320 MB disk of MariaDB is full for 12 s; every other time MariaDB is killed then',
    expected: 'publishes are answered with an error that says to try again, and land when there is space; edges serve',
    boundMs: BOUND_MS,
    needs: { ...BREAKABLE, disks: { mariaDb: 320 } },
    async inject(site, random) {
      await fill(site, 'mariaDb', random.integer(0, 256));
      await growTables(site);
      await delay(FULL_MS);
      if (random.integer(0, 1) === 1) await site.installation.mariaDb.kill9();
    },
  },
  {
    name: 'disk-full-analytics',
    fault: 'the 96 MB disk of the analytics store is full for 12 s; every other time analytics is killed then',
    expected: 'every acknowledged event is counted once when there is space again',
    boundMs: BOUND_MS,
    needs: { ...ALL_PLANES, disks: { analytics: 96 } },
    async inject(site, random) {
      await fill(site, 'analytics', random.integer(0, 64));
      await delay(FULL_MS);
      if (random.integer(0, 1) === 1) await site.installation.parts.analytics?.kill9();
    },
  },
];

function fill({ installation }: Site, user: DiskUser, leaveKilobytes: number): Promise<void> {
  return installation.disk(user).fill({ leaveKilobytes });
}

/** Tables have room inside for a while: another table takes what is left of the disk, so that the next page has none. */
async function growTables({ installation }: Site): Promise<void> {
  await installation.sql(
    'CREATE TABLE IF NOT EXISTS hazard_ballast (id INT AUTO_INCREMENT PRIMARY KEY, content LONGBLOB)',
  );
  const [outcome] = await Promise.allSettled([
    installation.sql("INSERT INTO hazard_ballast (content) VALUES (REPEAT('x', 8388608))"),
  ]);
  if (outcome.status === 'fulfilled') throw new Error('the disk of MariaDB is not full');
}
