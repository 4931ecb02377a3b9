import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TcpProxy, until } from '@paddock/testing';
import { expectOk } from '../../../apps/control-plane/src/testing/expect-result.js';
import { Adopter } from '../../../apps/control-plane/src/adoption/testing/adopter.js';
import { BANNERS } from '../../../apps/control-plane/src/adoption/testing/adoption-world.js';
import { ADOPTION_VARIABLES, OldShop } from '../../../apps/control-plane/src/adoption/testing/old-shop.js';
import type { Installation } from '../installation.js';
import { startInstallation } from '../start-installation.js';

const CASE_MS = 300_000;
/** Rows that each release changes: enough to be killed in the middle of them. MyISAM, so nothing rolls them back. */
const ROWS = [1, 2, 3, 4, 5];
/** Long enough to distinguish a caller that waits for a silent database from a slow one. */
const STATEMENT_TIMEOUT_MS = 20_000;
/** Where the worker dies between the journal and the receipt. */
const STEPS = ['write-back:journaled', 'write-back:between-rows', 'write-back:before-remembered'];

describe('a table of an old database is written back', () => {
  let installation: Installation;
  let shop: OldShop;
  let network: TcpProxy;
  let adopter: Adopter;
  let number = 0;

  beforeAll(async () => {
    shop = await OldShop.open();
    network = await TcpProxy.to(Number(shop.database.url.port));
    installation = await startInstallation({ edges: 1, env: ADOPTION_VARIABLES });
    adopter = new Adopter(installation.editor.client);
    expectOk(
      await adopter.saveSource(
        shop.source('old-shop', { port: network.port, statementTimeoutMs: STATEMENT_TIMEOUT_MS }),
      ),
      'Source',
    );
    const mapping = await adopter.saveMapping('banners', BANNERS);
    await adopter.import(mapping);
    await adopter.saveMapping('banners', { ...BANNERS, mode: 'WRITE_BACK' });
    await adopter.editor.land([mapping, ...(await documents())]);
    await until(
      async () =>
        (await installation.sql<{ seq: number }>('SELECT written_seq AS seq FROM adopted_table'))[0]?.seq ===
        (await installation.headSeq()),
      { what: 'the table being taken over', timeoutMs: 60_000 },
    );
  }, CASE_MS);

  afterEach(async () => {
    network.heal();
    await installation.heal();
  }, CASE_MS);

  afterAll(async () => {
    await installation.dispose();
    await network.close();
    await shop.close();
  });

  const documents = () => Promise.all(ROWS.map(async (id) => (await adopter.document(`banner-${id}`))?.id ?? ''));

  /** A release that gives every banner a new title. */
  async function prepare(): Promise<{ id: string; planHash: string; titles: string[] }> {
    number += 1;
    const titles = ROWS.map((id) => `Release ${number}, banner ${id}`);
    for (const [at, id] of ROWS.entries()) {
      const document = await adopter.document(`banner-${id}`);
      expectOk(
        await adopter.editor.saveDraft({
          key: `banner-${id}`,
          lockVersion: document?.draft.lockVersion ?? 0,
          body: { promo: { title: titles[at] ?? '', tags: ['top'], priority: id } },
        }),
        'Document',
      );
    }
    const created = expectOk(await adopter.editor.createRelease(await documents()), 'Release') as unknown as {
      id: string;
      plan: { planHash: string };
    };
    return { id: created.id, planHash: created.plan.planHash, titles };
  }

  const rowTitles = async () =>
    (await shop.read('SELECT banner_title FROM banners ORDER BY banner_id')).map((row) => row['banner_title']);

  const receiptOf = async (id: string) =>
    (await installation.propagation(id)).receipts.find(({ instance }) => instance === 'banners');

  const openDrift = () => installation.sql("SELECT kind FROM drift_event WHERE state = 'OPEN'");

  async function expectWritten({ id, titles }: { id: string; titles: string[] }): Promise<void> {
    await until(async () => (await receiptOf(id))?.state === 'APPLIED', {
      what: 'the receipt of the old table',
      timeoutMs: 60_000,
    });
    expect(await rowTitles()).toEqual(titles);
    expect(await openDrift()).toEqual([]);
    expect(await installation.sql('SELECT * FROM row_write')).toEqual([]);
  }

  it(
    'within seconds, with a receipt like any other consumer',
    async () => {
      const release = await prepare();
      expectOk(await adopter.editor.publish(release.id, release.planHash), 'Release');
      await expectWritten(release);
      expect((await receiptOf(release.id))?.ms).toBeLessThan(5_000);
    },
    CASE_MS,
  );

  it(
    'the old database is down at publish: landed for everyone else, pending there, healed by itself',
    async () => {
      network.refuse();
      const release = await prepare();
      expectOk(await adopter.editor.publish(release.id, release.planHash), 'Release');
      await until(
        async () =>
          (await installation.propagation(release.id)).receipts.some(
            ({ instance, state }) => instance === 'edge-1' && state === 'APPLIED',
          ),
        { what: 'the edge' },
      );
      await until(async () => (await receiptOf(release.id))?.state === 'PENDING', {
        what: 'the old table, which is alive and has not said anything',
      });
      network.heal();
      await expectWritten(release);
    },
    CASE_MS,
  );

  it(
    'the old database does not answer, or slowly: no other work waits for it',
    async () => {
      network.silence();
      const release = await prepare();
      const began = performance.now();
      expectOk(await adopter.editor.publish(release.id, release.planHash), 'Release');
      await until(
        async () =>
          (await installation.propagation(release.id)).receipts.some(
            ({ instance, state }) => instance === 'edge-1' && state === 'APPLIED',
          ),
        { what: 'the edge' },
      );
      expect(performance.now() - began).toBeLessThan(STATEMENT_TIMEOUT_MS);
      network.heal();
      network.slow(50);
      await expectWritten(release);
    },
    CASE_MS,
  );

  it(
    'the connection breaks in mid write-back: whatever came through is found out',
    async () => {
      network.loseReplyTo('UPDATE `banners`');
      const release = await prepare();
      expectOk(await adopter.editor.publish(release.id, release.planHash), 'Release');
      await until(async () => (await rowTitles()).includes(release.titles[0]), {
        what: 'an unacknowledged write',
      });
      expect((await receiptOf(release.id))?.state).not.toBe('APPLIED');
      network.heal();
      await expectWritten(release);
    },
    CASE_MS,
  );

  it.each(STEPS)(
    'the worker is killed with -9 at %s: no row is left half-way, none is taken for drift',
    async (step) => {
      const { worker } = installation.parts;
      await worker.stop();
      await worker.start({ env: { PADDOCK_CRASH: step } });
      const release = await prepare();
      expectOk(await adopter.editor.publish(release.id, release.planHash), 'Release');
      await until(() => !worker.running, { what: `death at ${step}`, timeoutMs: 60_000 });
      await worker.start();
      await expectWritten(release);
    },
    CASE_MS,
  );

  it(
    'killed in the middle of one release, then overtaken by the next: the rows are those of the newest',
    async () => {
      const { worker } = installation.parts;
      await worker.stop();
      await worker.start({ env: { PADDOCK_CRASH: 'write-back:between-rows' } });
      const first = await prepare();
      expectOk(await adopter.editor.publish(first.id, first.planHash), 'Release');
      await until(() => !worker.running, { what: 'death between rows', timeoutMs: 60_000 });
      const next = await prepare();
      expectOk(await adopter.editor.publish(next.id, next.planHash), 'Release');
      await worker.start();
      await expectWritten(next);
    },
    CASE_MS,
  );

  it(
    'a row changed underneath while the old database was down: kept, listed, and the others written',
    async () => {
      network.refuse();
      const release = await prepare();
      expectOk(await adopter.editor.publish(release.id, release.planHash), 'Release');
      await shop.run("UPDATE banners SET banner_title = 'By the old back office' WHERE banner_id = 3");
      network.heal();
      await until(async () => (await receiptOf(release.id))?.state === 'REJECTED', {
        what: 'the receipt that reports drift',
        timeoutMs: 60_000,
      });
      expect(await rowTitles()).toEqual(release.titles.with(2, 'By the old back office'));
      const [event] = await installation.sql<{ id: string; kind: string }>(
        "SELECT id, kind FROM drift_event WHERE state = 'OPEN'",
      );
      expect(event?.kind).toBe('CHANGED');
      const { data } = await adopter.client.send(
        'mutation ($input: ResolveDriftInput!) { resolveDrift(input: $input) { __typename ... on Problem { message } } }',
        { input: { id: event?.id, take: 'OURS' } },
      );
      expect(data).toEqual({ resolveDrift: { __typename: 'DriftEvent' } });
      await expectWritten(release);
    },
    CASE_MS,
  );
});
