import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, SYSTEM } from '../access/actor.js';
import { expectError, expectOk } from '../testing/expect-result.js';
import { testWorld, type World } from '../testing/world.js';
import { withRequestContext } from '@paddock/runtime';
import { Audit } from './audit.js';
import { AuditEntryRow } from './audit.entity.js';
import { verifyChain } from './verify/verify-chain.js';

describe('the audit log', () => {
  let world: World;
  let audit: Audit;
  beforeAll(async () => {
    world = await testWorld();
    audit = world.app.get(Audit, { strict: false });
  });
  afterAll(() => world.close());

  const deed = (action: string, details: object = {}) => ({
    actor: SYSTEM,
    action,
    targetType: 'test',
    targetId: null,
    details,
  });
  const append = (action: string, details?: object) => world.db.tx((tx) => audit.append(tx, deed(action, details)));
  const verify = () => verifyChain(world.db.manager);
  const entries = () => world.db.manager.find(AuditEntryRow, { order: { number: 'ASC' } });

  /** Changes the table behind the log's back, verifies the log, and undoes the change. */
  async function whileTampered(sql: string, parameters: unknown[] = []) {
    const before = await entries();
    await world.db.manager.query(sql, parameters);
    try {
      return await verify();
    } finally {
      await world.db.manager.query('DELETE FROM audit_entry');
      await world.db.manager.insert(AuditEntryRow, before);
    }
  }

  it('numbers entries without a gap and chains their hashes, under concurrent writers', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => append('test.done', { n, text: 'emoji 🏇, ünïcode, "quotes"' })),
    );
    const rows = await entries();
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
    for (const [index, row] of rows.entries()) expect(row.prevHash).toBe(rows[index - 1]?.hash ?? '0'.repeat(64));
    expect(await verify()).toEqual({ ok: true, entries: rows.length, hash: rows.at(-1)?.hash });
  });

  it('has no entry of a transaction that was rolled back', async () => {
    const before = (await entries()).length;
    await expect(
      world.db.tx(async (tx) => {
        await audit.append(tx, deed('test.undone'));
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await append('test.done');
    const rows = await entries();
    expect(rows).toHaveLength(before + 1);
    expect(await verify()).toMatchObject({ ok: true });
  });

  it('remembers the request', async () => {
    await withRequestContext({ requestId: 'req-7' }, () => append('test.requested'));
    expect((await entries()).at(-1)).toMatchObject({ action: 'test.requested', requestId: 'req-7', actor: 'system' });
  });

  it.each([
    ['an action', "UPDATE audit_entry SET action = 'harmless' WHERE number = 7", 7, 'HASH'],
    ['a time', 'UPDATE audit_entry SET at = at + INTERVAL 1 SECOND WHERE number = 7', 7, 'HASH'],
    ['an actor', "UPDATE audit_entry SET actor = 'somebody-else' WHERE number = 7", 7, 'HASH'],
    ['details', `UPDATE audit_entry SET details = REPLACE(details, '{', '{ ') WHERE number = 7`, 7, 'HASH'],
    ['a request id', "UPDATE audit_entry SET request_id = 'x' WHERE number = 7", 7, 'HASH'],
    ['the first entry', "UPDATE audit_entry SET target_type = 'x' WHERE number = 1", 1, 'HASH'],
    [
      'an entry with its hash made to fit',
      "UPDATE audit_entry SET prev_hash = REPEAT('a', 64) WHERE number = 7",
      7,
      'LINK',
    ],
    ['nothing, but removes an entry', 'DELETE FROM audit_entry WHERE number = 7', 7, 'GAP'],
    ['nothing, but removes the first', 'DELETE FROM audit_entry WHERE number = 1', 1, 'GAP'],
    ['nothing, but cuts off the end', 'DELETE FROM audit_entry WHERE number > 20', 21, 'END'],
  ])('names the first broken entry when %s is changed', async (_, sql, number, reason) => {
    expect(await whileTampered(sql)).toMatchObject({ ok: false, number, reason });
    expect(await verify()).toMatchObject({ ok: true });
  });

  it('notices entries behind its end, and an end that was moved', async () => {
    const rows = await entries();
    const last = rows.length;
    const forged = `INSERT INTO audit_entry SELECT number + ${last}, at, actor, action, target_type, target_id, details, request_id, prev_hash, hash FROM audit_entry WHERE number = 1`;
    expect(await whileTampered(forged)).toMatchObject({ ok: false, number: last + 1, reason: 'END' });
    await world.db.manager.query('UPDATE audit_chain SET hash = ?', ['f'.repeat(64)]);
    expect(await verify()).toMatchObject({ ok: false, number: last, reason: 'END' });
    await world.db.manager.query('UPDATE audit_chain SET hash = ?', [rows.at(-1)?.hash]);
    expect(await verify()).toMatchObject({ ok: true });
  });

  it('verifies while entries are being added', async () => {
    const verdicts: boolean[] = [];
    const writing = Promise.all(Array.from({ length: 60 }, () => append('test.meanwhile')));
    for (let n = 0; n < 10; n += 1) verdicts.push((await verify()).ok);
    await writing;
    expect(verdicts).not.toContain(false);
  });

  it('crosses pages', async () => {
    await world.db.tx(async (tx) => {
      for (let n = 0; n < 2_100; n += 1) await audit.append(tx, deed('test.many'));
    });
    expect(await verify()).toMatchObject({ ok: true });
    expect(await whileTampered("UPDATE audit_entry SET action = 'x' WHERE number = 2050")).toMatchObject({
      ok: false,
      number: 2050,
    });
  });

  describe('as a query', () => {
    const AUDIT = `query ($first: Int!, $after: String, $action: String) {
      audit(first: $first, after: $after, action: $action) { nodes { number action actor details } pageInfo { hasNextPage endCursor } }
    }`;

    it('shows administrators the newest first, in pages, by action', async () => {
      await world.db.tx((tx) => audit.append(tx, { ...deed('test.special', { a: [1, { b: null }] }), actor: NOBODY }));
      await append('test.special');
      await append('test.other');
      const admin = await world.signedIn('ADMIN');
      const first = expectOk(await admin.send(AUDIT, { first: 1, action: 'test.special' }));
      const pageInfo = Object(first.pageInfo);
      expect(first).toMatchObject({
        nodes: [{ action: 'test.special', actor: 'system' }],
        pageInfo: { hasNextPage: true },
      });
      const second = expectOk(await admin.send(AUDIT, { first: 1, after: pageInfo.endCursor, action: 'test.special' }));
      expect(second).toMatchObject({
        nodes: [{ actor: 'nobody', details: { a: [1, { b: null }] } }],
        pageInfo: { hasNextPage: false },
      });
    });

    it('shows an editor, and an administrator of a part, only entries about documents and releases', async () => {
      await append('test.of-the-installation');
      for (const client of [await world.signedIn('PUBLISHER'), await world.signedIn('ADMIN', { site: 'acme-uk' })]) {
        const { nodes } = expectOk(await client.send(AUDIT, { first: 100 }));
        expect(nodes).toEqual([]);
      }
    });

    it('is closed to viewers and to those who are not signed in', async () => {
      expectError(await (await world.signedIn('VIEWER')).send(AUDIT, { first: 1 }), 'FORBIDDEN', 403);
      expectError(await world.nobody.send(AUDIT, { first: 1 }), 'UNAUTHENTICATED', 401);
    });
  });
});
