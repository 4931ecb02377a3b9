import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Heartbeat, HeldPosition, Receipt } from '@paddock/contracts';
import { type PublishingWorld, publishingWorld } from '../testing/publishing-world.js';
import { ReceiptPruning } from './receipt-pruning.js';
import { ReceiptWriter } from './receipt-writer.js';

let world: PublishingWorld;
let writer: ReceiptWriter;
/** State hashes by seq. */
let hashes: string[];

beforeEach(async () => {
  world = await publishingWorld();
  writer = world.module.get(ReceiptWriter);
  hashes = [world.history.stateHash];
  for (const text of ['one', 'two', 'three']) {
    await world.history.land({ summer: text });
    hashes.push(world.history.stateHash);
  }
});
afterEach(() => world.close());

function receipt(seq: number, state: Receipt['state'], more: Partial<Receipt> = {}): Receipt {
  const at = { environment: 'production', seq, consumer: 'edge', instance: 'a' };
  const stateHash = hashes[seq];
  return { ...at, state, appliedAt: '2026-11-20T12:00:00.250Z', ms: 10, ...(stateHash ? { stateHash } : {}), ...more };
}

function heartbeat(seq: number, more: Partial<Heartbeat> = {}): Heartbeat {
  const environments = [{ environment: 'production', seq, stateHash: hashes[seq] ?? '' }];
  return {
    consumer: 'edge',
    instance: 'a',
    leaseMs: 15_000,
    startedAt: '2026-11-20T11:00:00.000Z',
    environments,
    ...more,
  };
}

function receipts(): Promise<{ seq: string; state: string; error: string | null; ms: number | null }[]> {
  return world.query('SELECT seq, state, error, ms FROM receipt ORDER BY environment, seq, instance');
}

async function instance(): Promise<{ appliedSeq: number; leaseMs: number }> {
  const [row] = await world.query<{ appliedSeq: string; leaseMs: string }>(
    'SELECT applied_seq AS appliedSeq, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), lease_expires_at) / 1000 AS leaseMs FROM consumer_instance',
  );
  return { appliedSeq: Number(row?.appliedSeq), leaseMs: Number(row?.leaseMs) };
}

describe('receipts', () => {
  test('the same receipt any number of times is one', async () => {
    await Promise.all(Array.from({ length: 20 }, () => writer.receipt(receipt(1, 'APPLIED'))));
    await writer.receipt(receipt(1, 'APPLIED', { ms: 99 }));
    expect(await receipts()).toEqual([{ seq: '1', state: 'APPLIED', error: null, ms: 10 }]);
  });

  test.each<[string, Receipt['state'][], string]>([
    ['rejected, then applied after all', ['REJECTED', 'APPLIED'], 'APPLIED'],
    ['a rejection that arrives late', ['APPLIED', 'REJECTED'], 'APPLIED'],
    ['skipped, then applied', ['SKIPPED', 'APPLIED'], 'APPLIED'],
    ['a rejection after it was skipped', ['SKIPPED', 'REJECTED'], 'SKIPPED'],
    ['rejected, then skipped', ['REJECTED', 'SKIPPED'], 'SKIPPED'],
  ])('%s', async (_, states, expected) => {
    for (const state of states)
      await writer.receipt(receipt(2, state, state === 'REJECTED' ? { error: 'damaged' } : {}));
    expect(await receipts()).toMatchObject([{ state: expected, error: null }]);
  });

  test('a newer reason replaces an older one', async () => {
    await writer.receipt(receipt(2, 'REJECTED', { error: 'blob is missing' }));
    await writer.receipt(receipt(2, 'REJECTED', { error: 'blob is damaged' }));
    expect(await receipts()).toMatchObject([{ state: 'REJECTED', error: 'blob is damaged' }]);
  });

  test('an instance that holds another state has not applied the release, even if it reports so', async () => {
    await writer.receipt(receipt(2, 'APPLIED', { stateHash: 'f'.repeat(64) }));
    expect(await receipts()).toMatchObject([
      { state: 'REJECTED', error: expect.stringContaining(`release 2 is ${hashes[2]}`) },
    ]);
    expect(await instance()).toMatchObject({ appliedSeq: 0 });
    await writer.heartbeat(
      heartbeat(3, { environments: [{ environment: 'production', seq: 3, stateHash: 'f'.repeat(64) }] }),
    );
    expect(await instance()).toMatchObject({ appliedSeq: 0 });
  });

  test('what never landed here is not stored', async () => {
    await writer.receipt(receipt(99, 'APPLIED', { stateHash: 'f'.repeat(64) }));
    await writer.receipt({ ...receipt(1, 'APPLIED'), environment: 'elsewhere' });
    await writer.heartbeat(
      heartbeat(1, { environments: [{ environment: 'elsewhere', seq: 1, stateHash: 'f'.repeat(64) }] }),
    );
    expect(await receipts()).toEqual([]);
    expect(await world.query('SELECT * FROM consumer_instance')).toEqual([]);
  });

  test('one bad receipt of a batch fails alone', async () => {
    const results = await Promise.allSettled(
      ['a', 'ü', 'c'].map((name) => writer.receipt(receipt(1, 'APPLIED', { instance: name }))),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await receipts()).toHaveLength(2);
  });
});

describe('leases', () => {
  test('a position only grows while the instance runs; a restart reports its new position', async () => {
    await writer.heartbeat(heartbeat(2));
    await writer.heartbeat(heartbeat(1));
    expect(await instance()).toMatchObject({ appliedSeq: 2 });
    await writer.receipt(receipt(3, 'APPLIED'));
    await writer.heartbeat(heartbeat(2));
    expect(await instance()).toMatchObject({ appliedSeq: 3 });
    // Its disk was lost, and its clock was set back.
    await writer.heartbeat(heartbeat(0, { startedAt: '2026-11-19T00:00:00.000Z' }));
    expect(await instance()).toMatchObject({ appliedSeq: 0 });
  });

  test('a lease runs by the clock of the database, and a receipt renews none', async () => {
    await writer.heartbeat(heartbeat(1, { leaseMs: 60_000 }));
    const { leaseMs } = await instance();
    expect(leaseMs).toBeGreaterThan(50_000);
    expect(leaseMs).toBeLessThanOrEqual(60_000);
    await writer.heartbeat(heartbeat(1, { leaseMs: 1 }));
    await writer.receipt(receipt(2, 'APPLIED'));
    expect((await instance()).leaseMs).toBeLessThanOrEqual(1);
  });

  test('a receipt that brings a lease renews it, also a repeated one, and one without leaves it', async () => {
    await writer.receipt(receipt(1, 'APPLIED', { leaseMs: 1 }));
    expect((await instance()).leaseMs).toBeLessThanOrEqual(1);
    await writer.receipt(receipt(1, 'APPLIED', { leaseMs: 600_000 }));
    await writer.receipt(receipt(2, 'APPLIED'));
    expect((await instance()).leaseMs).toBeGreaterThan(500_000);
  });
});

describe('pruning', () => {
  test('forgets receipts of old releases and instances long dead', async () => {
    await writer.receipt(receipt(1, 'APPLIED'));
    await writer.receipt(receipt(3, 'APPLIED'));
    await writer.heartbeat(heartbeat(3, { instance: 'b' }));
    await world.query(
      "UPDATE consumer_instance SET lease_expires_at = UTC_TIMESTAMP(3) - INTERVAL 8 DAY WHERE instance = 'a'",
    );
    await world.query('UPDATE environment SET head_seq = 10002');
    await world.module.get(ReceiptPruning).run();
    expect((await receipts()).map(({ seq }) => seq)).toEqual(['3']);
    expect(await world.query('SELECT instance FROM consumer_instance')).toEqual([{ instance: 'b' }]);
  });
});

describe('a state that an instance holds and MySQL does not', () => {
  const epoch = async (): Promise<string> =>
    (await world.query<{ epoch: string }>('SELECT epoch FROM environment'))[0]?.epoch ?? '';
  const holding = (held: Partial<HeldPosition>): Heartbeat =>
    heartbeat(3, {
      environments: [
        { environment: 'production', epoch: world.history.epoch, seq: 3, stateHash: hashes[3] ?? '', ...held },
      ],
    });

  test.each<[string, Partial<HeldPosition>]>([
    ['a release beyond the newest', { seq: 4 }],
    ['another state under a seq that landed', { seq: 2, stateHash: 'e'.repeat(64) }],
    ['settings beyond the newest', { settingsVersion: 2 }],
  ])('%s: the database was restored, and a new epoch begins, once', async (_, held) => {
    await writer.heartbeat(holding(held));
    const began = await epoch();
    expect(began).not.toBe(world.history.epoch);
    await writer.heartbeat(holding(held));
    expect(await epoch()).toBe(began);
  });

  test.each<[string, Partial<HeldPosition>]>([
    ['what MySQL has', { settingsVersion: 1 }],
    ['an older release', { seq: 1 }],
    ['nothing yet', { seq: 0 }],
    ['something of another history', { epoch: 'another', seq: 9 }],
  ])('%s is no contradiction', async (_, held) => {
    await writer.heartbeat(
      holding({ ...(held.seq === undefined ? {} : { stateHash: hashes[held.seq] ?? 'e'.repeat(64) }), ...held }),
    );
    expect(await epoch()).toBe(world.history.epoch);
  });

  test('an instance of an older version, which names no history, proves nothing', async () => {
    const { epoch: _, ...held } = { epoch: '', environment: 'production', seq: 9, stateHash: 'e'.repeat(64) };
    await writer.heartbeat(heartbeat(3, { environments: [held] }));
    expect(await epoch()).toBe(world.history.epoch);
  });

  test('a receipt from another history proves nothing', async () => {
    await writer.receipt(receipt(3, 'APPLIED', { epoch: 'another', stateHash: 'e'.repeat(64) }));
    expect(await receipts()).toEqual([]);
    await writer.receipt(receipt(3, 'APPLIED', { epoch: world.history.epoch }));
    expect(await receipts()).toHaveLength(1);
  });
});
