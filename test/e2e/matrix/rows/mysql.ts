import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@paddock/testing';
import type { FaultRow, Site } from '../hazard-row.js';

/** As it travels: the command byte of a query before it, so that `READ COMMITTED` is not meant. */
const COMMIT = '\u0003COMMIT';
const BOUND_MS = 15_000;

export const MYSQL: readonly FaultRow[] = [
  {
    name: 'mysql-killed',
    fault: 'kill -9 of MariaDB, started again up to 3 s later',
    expected: 'publishes are answered with 503 until then; nothing acknowledged is lost',
    boundMs: BOUND_MS,
    async inject({ installation }, random) {
      await installation.mariaDb.kill9();
      await delay(random.integer(0, 3_000));
    },
  },
  {
    name: 'commit-reply-lost',
    fault: 'the reply to the COMMIT of a landing is lost, and so is every later one',
    expected: 'the same key says what became of it; one seq for it',
    boundMs: BOUND_MS,
    async inject(site) {
      const { network, before, landing } = await prepareLanding(site);
      network.loseReplyTo(COMMIT);
      const landed = landing();
      await until(async () => (await landedTitled(site, before)) === 1, { what: 'a commit whose reply is lost' });
      network.heal();
      await expectLanded(landed);
    },
  },
  {
    name: 'commit-lost',
    fault: 'the network falls silent in the middle of a landing, before its COMMIT arrives or after',
    expected: 'the same key lands it, or says that it has landed; one seq for it',
    boundMs: BOUND_MS,
    async inject(site, random) {
      const { network, landing } = await prepareLanding(site);
      const landed = landing();
      await delay(random.integer(0, 60));
      network.silence();
      await delay(random.integer(200, 2_000));
      network.heal();
      await expectLanded(landed);
    },
  },
  {
    name: 'deadlocks',
    fault: 'another session locks the audit chain and then the environment, against the order of a landing, ten times',
    expected: 'landings that lose run again by themselves; each is answered',
    boundMs: BOUND_MS,
    async inject(site) {
      for (let round = 0; round < 10; round += 1) {
        const landing = site.other.publish();
        await lockAgainstTheGrain(site);
        await landing;
      }
    },
  },
  {
    name: 'environment-locked',
    fault: 'another session holds the row of the environment for 20 s',
    expected: 'publishes wait for it and land; edges serve',
    boundMs: BOUND_MS,
    async inject({ installation }) {
      const connection = await installation.parts.database.getConnection();
      await connection.beginTransaction();
      await connection.query("SELECT name FROM environment WHERE name = 'production' FOR UPDATE");
      await delay(20_000);
      await connection.rollback();
      connection.release();
    },
  },
];

async function prepareLanding(site: Site) {
  const { installation, other } = site;
  const prepared = await other.prepare();
  const network = installation.network(installation.parts.controlPlane).database;
  if (!network) throw new Error('the control plane has no network to MySQL');
  return { network, before: prepared.release.id, landing: () => other.land(prepared) };
}

/** How many releases of this id have landed, by MySQL itself. */
async function landedTitled({ installation }: Site, id: string): Promise<number> {
  const [row] = await installation.sql<{ landed: number }>(
    "SELECT COUNT(*) AS landed FROM `release` WHERE id = ? AND state = 'LANDED'",
    [id],
  );
  return row?.landed ?? 0;
}

async function expectLanded(landing: Promise<{ settled: unknown }>): Promise<void> {
  const { settled } = await landing;
  if (typeof settled !== 'object' || settled === null || !('seq' in settled))
    throw new Error(`the landing was answered ${JSON.stringify(settled)}`);
}

async function lockAgainstTheGrain({ installation }: Site): Promise<void> {
  const connection = await installation.parts.database.getConnection();
  try {
    await connection.beginTransaction();
    await connection.query('SELECT * FROM audit_chain FOR UPDATE');
    await delay(50);
    await connection.query("SELECT name FROM environment WHERE name = 'production' FOR UPDATE");
    await connection.commit();
  } catch {
    // This session lost the deadlock.
    await connection.rollback();
  } finally {
    connection.release();
  }
}
