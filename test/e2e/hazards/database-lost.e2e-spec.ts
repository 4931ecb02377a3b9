import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom, type TcpProxy, until } from '@paddock/testing';
import { EdgeWatch } from '../edge-watch.js';
import type { Installation } from '../installation.js';
import { startInstallation } from '../start-installation.js';
import { expectFaultlessReads, expectAgreement } from '../expect-agreement.js';
import { TwinPublisher } from '../twins.js';

const CASE_MS = 300_000;
/** As it travels: the command byte of a query before it, so that `READ COMMITTED` is not meant. */
const COMMIT = '\u0003COMMIT';

describe('MariaDB is lost', () => {
  const random = seededRandom();
  let installation: Installation;
  let publisher: TwinPublisher;

  beforeAll(async () => {
    installation = await startInstallation({ ownDatabase: true });
    publisher = new TwinPublisher(installation);
    await publisher.begin();
  }, CASE_MS);
  // One case must not be the reason why the next one fails.
  afterEach(() => installation.heal(), CASE_MS);
  afterAll(() => installation.dispose());

  it(
    `killed and restarted while publishing: answers that say to try again, nothing acknowledged is lost (seed ${random.seed})`,
    async () => {
      const { mariaDb } = installation.parts;
      const watch = new EdgeWatch(installation);
      const from = publisher.attempts.length;
      const prepared = await publisher.prepare();
      await mariaDb?.kill9();
      const landing = publisher.land(prepared);
      await delay(random.integer(500, 2_000));
      await mariaDb?.start();
      await landing;
      const stop = publisher.repeat();
      await delay(random.integer(0, 1_000));
      await mariaDb?.kill9();
      await mariaDb?.start();
      await stop();
      await installation.heal();
      const report = await watch.stop();
      const unclear = publisher.attempts.slice(from).flatMap(({ unknown }) => unknown);
      expect(unclear.length).toBeGreaterThan(0);
      expect(new Set(unclear)).toEqual(new Set(['503 UNAVAILABLE']));
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    CASE_MS,
  );

  it(
    'the connection breaks during COMMIT: a retry with the same key returns the outcome',
    async () => {
      const network = networkOf(installation);
      const prepared = await publisher.prepare();
      const before = await installation.headSeq();
      network.loseReplyTo(COMMIT);
      const landing = publisher.land(prepared);
      await until(async () => (await installation.headSeq()) === before + 1, {
        what: 'the unacknowledged commit',
      });
      network.heal();
      expect((await landing).settled).toMatchObject({ seq: before + 1 });
      await installation.converged();
      expect(await installation.headSeq()).toBe(before + 1);
      await expectAgreement(installation, publisher.attempts);
    },
    CASE_MS,
  );

  it(
    'the connection breaks before COMMIT arrives: the same key lands it',
    async () => {
      const network = networkOf(installation);
      const prepared = await publisher.prepare();
      const before = await installation.headSeq();
      network.silence();
      const landing = publisher.land(prepared);
      await delay(200);
      network.heal();
      expect((await landing).settled).toMatchObject({ seq: before + 1 });
      await installation.converged();
      await expectAgreement(installation, publisher.attempts);
    },
    CASE_MS,
  );
});

function networkOf({ parts }: Installation): TcpProxy {
  if (!parts.databaseNetwork) throw new Error('the installation has no database of its own');
  return parts.databaseNetwork;
}
