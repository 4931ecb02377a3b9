import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM } from '../access/actor.js';
import { testWorld, type World } from '../testing/world.js';
import { Audit, CHAIN_START, entryHash } from './audit.js';
import { AuditChainRow, AuditEntryRow, AuditHeadRow } from './audit.entity.js';
import { exportLines } from './export/export-lines.js';
import { exportWitness, verifyExport } from './export/verify-export.js';
import { CheckpointFiles } from './heads/checkpoint-files.js';
import { AuditTampered, HeadSigner } from './heads/head-signer.js';
import { parsePublicKeys, parseSigningKey, signHead, type SigningKey, statementOf } from './heads/signed-head.js';
import { verifyChain } from './verify/verify-chain.js';

function signingKey(digit: string): SigningKey {
  const key = parseSigningKey(digit.repeat(64));
  if (!key) throw new Error('no key');
  return key;
}

describe('an audit log that is tampered with by a user with all rights on the database', () => {
  const key = signingKey('1');
  const keys = parsePublicKeys(key.publicKey) ?? new Map();
  let world: World;
  let directory: string;
  let checkpoints: CheckpointFiles;
  let original: { entries: AuditEntryRow[]; heads: AuditHeadRow[]; end: AuditChainRow };
  let exported: string;

  beforeAll(async () => {
    world = await testWorld();
    directory = await mkdtemp(join(tmpdir(), 'paddock-audit-'));
    checkpoints = new CheckpointFiles(join(directory, 'heads'));
    const signer = newSigner();
    for (let n = 1; n <= 210; n += 1) {
      await append(n);
      if (n % 10 === 0) await signer.sign();
    }
    const { manager } = world.db;
    original = {
      entries: await manager.find(AuditEntryRow, { order: { number: 'ASC' } }),
      heads: await manager.find(AuditHeadRow, { order: { sequence: 'ASC' } }),
      end: await manager.findOneByOrFail(AuditChainRow, { id: 1 }),
    };
    exported = join(directory, 'export.ndjson');
    for await (const line of exportLines(manager, new Date())) await appendFile(exported, line);
  });
  afterAll(async () => {
    await world.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(async () => {
    const { manager } = world.db;
    await manager.query('DELETE FROM audit_entry');
    await manager.query('DELETE FROM audit_head');
    await manager.insert(AuditEntryRow, original.entries);
    await manager.insert(AuditHeadRow, original.heads);
    await manager.update(AuditChainRow, { id: 1 }, original.end);
  });

  const newSigner = (files: CheckpointFiles | undefined = checkpoints) =>
    new HeadSigner(world.db, { key, trusted: keys, checkpoints: files, now: () => new Date() });
  const append = (n: number) =>
    world.db.tx((tx) =>
      world.app
        .get(Audit, { strict: false })
        .append(tx, { actor: SYSTEM, action: 'test.done', targetType: 'test', targetId: null, details: { n } }),
    );
  const sql = (text: string, values: unknown[] = []) => world.db.manager.query(text, values);
  const atOnce = () => new Date(Date.now() + 1_000);
  const verifyAll = () => verifyChain(world.db.manager, { publicKeys: keys, checkpoints, signedBefore: atOnce() });
  const verifyByHeads = () => verifyChain(world.db.manager, { publicKeys: keys, signedBefore: atOnce() });
  const verifyByExport = () => verifyChain(world.db.manager, { witnesses: [exportWitness(exported)] });

  /** Cuts the log off and sets its end back, as the application's own user could. */
  async function truncateAfter(number: number): Promise<void> {
    await sql('DELETE FROM audit_entry WHERE number > ?', [number]);
    await sql('UPDATE audit_chain SET number = ?, hash = (SELECT hash FROM audit_entry WHERE number = ?)', [
      number,
      number,
    ]);
  }

  /** Changes an entry and recomputes every hash from there on. */
  async function rewriteFrom(number: number): Promise<void> {
    await sql("UPDATE audit_entry SET actor = 'somebody-else' WHERE number = ?", [number]);
    const entries = await world.db.manager.find(AuditEntryRow, { order: { number: 'ASC' } });
    let previous = CHAIN_START;
    for (const entry of entries) {
      const hash = entryHash(previous, entry);
      if (hash !== entry.hash)
        await world.db.manager.update(AuditEntryRow, { number: entry.number }, { prevHash: previous, hash });
      previous = hash;
    }
    await sql('UPDATE audit_chain SET hash = ?', [previous]);
  }

  /** Signs every entry with a key of one's own, in place of the heads that were. */
  async function forgeHeads(): Promise<void> {
    const hashes = (await world.db.manager.find(AuditEntryRow, { order: { number: 'ASC' } })).map(({ hash }) => hash);
    const forged = signHead(signingKey('2'), undefined, { first: 1, hashes }, new Date());
    await sql('DELETE FROM audit_head');
    await world.db.manager.insert(AuditHeadRow, { sequence: 1, ...forged });
  }

  it('is whole before, and signed to its end, by every way of looking', async () => {
    expect(await verifyAll()).toMatchObject({ ok: true, entries: 210, signed: 210 });
    expect(await verifyByHeads()).toMatchObject({ ok: true, signed: 210 });
    expect(await verifyByExport()).toMatchObject({ ok: true, signed: undefined });
    expect(await verifyExport(exported, keys)).toMatchObject({ ok: true, entries: 210, signed: 210 });
  });

  it.each<[string, () => Promise<unknown>, number, string]>([
    ['details edited', () => sql("UPDATE audit_entry SET details = '{}' WHERE number = 150"), 150, 'HASH'],
    ['actor edited', () => sql("UPDATE audit_entry SET actor = 'x' WHERE number = 150"), 150, 'HASH'],
    ['an entry deleted', () => sql('DELETE FROM audit_entry WHERE number = 100'), 100, 'GAP'],
    ['the end deleted', () => sql('DELETE FROM audit_entry WHERE number > 200'), 201, 'TRUNCATED'],
    [
      'two entries exchanged',
      async () => {
        await sql('UPDATE audit_entry SET number = 9999 WHERE number = 50');
        await sql('UPDATE audit_entry SET number = 50 WHERE number = 51');
        await sql('UPDATE audit_entry SET number = 51 WHERE number = 9999');
      },
      50,
      'LINK',
    ],
    [
      'a forged entry appended',
      () =>
        sql(
          "INSERT INTO audit_entry SELECT 211, at, actor, action, target_type, target_id, details, request_id, hash, REPEAT('a', 64) FROM audit_entry WHERE number = 210",
        ),
      211,
      'END',
    ],
    ['the end deleted and the head of the chain set back', () => truncateAfter(190), 191, 'TRUNCATED'],
    ['an entry changed and every hash after it recomputed', () => rewriteFrom(150), 150, 'REWRITTEN'],
    ['everything rewritten from the first entry', () => rewriteFrom(1), 1, 'REWRITTEN'],
  ])('%s: the first broken entry is named', async (_, tamper, number, reason) => {
    await tamper();
    expect(await verifyAll()).toMatchObject({ ok: false, number, reason });
    expect(await verifyByHeads()).toMatchObject({ ok: false, number, reason });
    if (reason !== 'END') expect(await verifyByExport()).toMatchObject({ ok: false, number, reason });
  });

  it.each<[string, () => Promise<unknown>, number]>([
    [
      'truncated together with its signed heads',
      async () => {
        await truncateAfter(190);
        await sql('DELETE FROM audit_head WHERE sequence > 19');
      },
      191,
    ],
    [
      'rewritten, with the signed heads from there on deleted',
      async () => {
        await rewriteFrom(155);
        await sql('DELETE FROM audit_head WHERE sequence > 15');
      },
      151,
    ],
    [
      'rewritten, with every head signed again by another key',
      async () => {
        await rewriteFrom(150);
        await forgeHeads();
      },
      1,
    ],
    [
      'emptied',
      async () => {
        await sql('DELETE FROM audit_entry');
        await sql('DELETE FROM audit_head');
        await sql('UPDATE audit_chain SET number = 0, hash = ?', [CHAIN_START]);
      },
      1,
    ],
  ])('%s: the files outside the database know it', async (_, tamper, number) => {
    await tamper();
    expect(await verifyAll()).toMatchObject({ ok: false, number });
    expect(await verifyByExport()).toMatchObject({ ok: false });
  });

  it('rewritten, with the signed heads deleted: also without files, since nothing signs it any more', async () => {
    await rewriteFrom(155);
    await sql('DELETE FROM audit_head WHERE sequence > 15');
    expect(await verifyByHeads()).toMatchObject({ ok: false, number: 151, reason: 'UNSIGNED' });
  });

  it.each<[string, string, number]>([
    ['a head deleted from the middle', 'DELETE FROM audit_head WHERE sequence = 5', 41],
    ['a signature replaced', "UPDATE audit_head SET signature = REPEAT('A', 88) WHERE sequence = 5", 41],
    [
      'a head changed',
      'UPDATE audit_head SET statement = REPLACE(statement, \'"sequence":5\', \'"sequence": 5\') WHERE sequence = 5',
      41,
    ],
    ['a head that is no JSON', "UPDATE audit_head SET statement = 'x' WHERE sequence = 5", 41],
    [
      'a head in the place of another',
      'UPDATE audit_head a JOIN audit_head b ON b.sequence = 4 SET a.statement = b.statement, a.signature = b.signature WHERE a.sequence = 5',
      41,
    ],
  ])('%s is found', async (_, tampering, number) => {
    await sql(tampering);
    expect(await verifyByHeads()).toMatchObject({ ok: false, number, reason: 'SIGNATURE' });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['truncated', () => truncateAfter(190)],
    ['rewritten', () => rewriteFrom(205)],
    [
      'truncated with its heads',
      async () => {
        await truncateAfter(190);
        await sql('DELETE FROM audit_head WHERE sequence > 19');
      },
    ],
    [
      'truncated with its heads, and grown again beyond its old end',
      async () => {
        await truncateAfter(190);
        await sql('DELETE FROM audit_head WHERE sequence > 19');
        for (let n = 0; n < 30; n += 1) await append(n);
      },
    ],
  ])('%s is never signed again, neither by a worker that runs nor by one that starts', async (_, tamper) => {
    const running = newSigner();
    await running.sign();
    await tamper();
    await expect(running.sign()).rejects.toThrow(AuditTampered);
    await expect(newSigner().sign()).rejects.toThrow(AuditTampered);
  });

  it('with its checkpoint files cut off is found whole, and the files are completed from the database', async () => {
    const files = new CheckpointFiles(join(directory, 'cut'));
    await newSigner(files).sign();
    const [name] = await readdir(join(directory, 'cut'));
    const path = join(directory, 'cut', name ?? '');
    const text = await readFile(path, 'utf8');
    // Half a line, as a power cut leaves it.
    await writeFile(path, text.slice(0, text.length - 300));
    await newSigner(files).sign();
    const sequences: number[] = [];
    for await (const head of files.heads()) sequences.push(statementOf(head).sequence);
    expect(sequences).toEqual(original.heads.map(({ sequence }) => sequence));
    expect(await verifyChain(world.db.manager, { publicKeys: keys, checkpoints: files })).toMatchObject({
      ok: true,
      signed: 210,
    });
  });

  it('two workers sign at once, with files in one directory: one head each time, no alarm', async () => {
    const files = new CheckpointFiles(join(directory, 'shared'));
    const [one, other] = [newSigner(files), newSigner(files)];
    for (let n = 0; n < 10; n += 1) {
      await append(n);
      await Promise.all([one.sign(), other.sign()]);
    }
    await one.sign();
    await other.sign();
    const verdict = await verifyChain(world.db.manager, {
      publicKeys: keys,
      checkpoints: files,
      signedBefore: atOnce(),
    });
    expect(verdict).toMatchObject({ ok: true, entries: 220, signed: 220 });
  });

  it('an export that was tampered with is found by itself', async () => {
    const lines = (await readFile(exported, 'utf8')).trimEnd().split('\n');
    const verifyLines = async (changed: string[]) => {
      const file = join(directory, 'changed.ndjson');
      await writeFile(file, `${changed.join('\n')}\n`);
      return verifyExport(file, keys);
    };
    expect(
      await verifyLines(lines.map((line) => line.replace('"number":150,"at":"20', '"number":150,"at":"19'))),
    ).toMatchObject({ number: 150, reason: 'HASH' });
    expect(await verifyLines(lines.toSpliced(150, 1))).toMatchObject({ number: 150, reason: 'GAP' });
    expect(await verifyLines(lines.slice(0, -1))).toMatchObject({ ok: false, reason: 'END' });
    expect(await verifyLines(lines.filter((line) => !line.includes('"number":210,')))).toMatchObject({
      number: 210,
      reason: 'TRUNCATED',
    });
  });
});
