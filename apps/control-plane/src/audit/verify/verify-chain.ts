import { type EntityManager, MoreThan } from 'typeorm';
import { CHAIN, CHAIN_START } from '../audit.js';
import { AuditChainRow, AuditEntryRow, AuditHeadRow } from '../audit.entity.js';
import type { CheckpointFiles } from '../heads/checkpoint-files.js';
import { type PublicKeys, type SignedHead, statementOf } from '../heads/signed-head.js';
import { type BrokenAt, checkEntry } from './check-entry.js';
import { Witnesses } from './compare-witnesses.js';
import { testimoniesOf, type Witness } from './head-witness.js';

/** What verifying the log found: that it holds, or the first entry at which it breaks. */
export type ChainVerdict =
  { ok: true; entries: number; hash: string; signed: number | undefined } | ({ ok: false } & BrokenAt);

export interface VerifyOptions {
  /** Without them, signatures are not checked: a person who can write to the database could have recomputed every hash. */
  publicKeys?: PublicKeys;
  checkpoints?: CheckpointFiles;
  /** Further sources of entry hashes, such as an export. */
  witnesses?: readonly Witness[];
  /** Entries older than this have to be signed. */
  signedBefore?: Date;
}

const PAGE = 1_000;

/** Checks every entry from the first to the one that was last at its start; landings continue meanwhile. */
export async function verifyChain(manager: EntityManager, options: VerifyOptions = {}): Promise<ChainVerdict> {
  // Witnesses are limited to this moment, before the end of the log is read: an entry that is signed later may lie
  // beyond that end.
  const heads = new Witnesses(await signedWitnesses(manager, options));
  const others = new Witnesses(options.witnesses ?? []);
  const end = await manager.findOneByOrFail(AuditChainRow, { id: CHAIN });
  let previous = { number: 0, hash: CHAIN_START };
  let unsigned: BrokenAt | undefined;
  for await (const entry of entriesUpTo(manager, end.number)) {
    const broken = checkEntry(entry, previous) ?? (await heads.at(entry)) ?? (await others.at(entry));
    if (broken) return { ok: false, ...broken };
    if (!unsigned && options.publicKeys && heads.lastNumber < entry.number)
      unsigned = overdue(entry, options.signedBefore);
    previous = entry;
  }
  const broken =
    (await heads.atEnd(previous.number)) ??
    (await others.atEnd(previous.number)) ??
    (await atEnd(manager, previous, end)) ??
    unsigned;
  if (broken) return { ok: false, ...broken };
  return { ok: true, entries: end.number, hash: end.hash, signed: options.publicKeys && heads.lastNumber };
}

/** The entries from the first to the one with the number `last`. */
export async function* entriesUpTo(manager: EntityManager, last: number): AsyncGenerator<AuditEntryRow> {
  for (let number = 0; ;) {
    const page = await manager.find(AuditEntryRow, {
      where: { number: MoreThan(number) },
      order: { number: 'ASC' },
      take: PAGE,
    });
    for (const entry of page) {
      if (entry.number > last) return;
      yield entry;
      number = entry.number;
    }
    if (page.length < PAGE) return;
  }
}

async function signedWitnesses(
  manager: EntityManager,
  { publicKeys: keys, checkpoints }: VerifyOptions,
): Promise<Witness[]> {
  if (!keys) return [];
  const lastInFiles = await checkpoints?.last();
  const inFiles = lastInFiles ? statementOf(lastInFiles).sequence : 0;
  const inDatabase = (await manager.maximum(AuditHeadRow, 'sequence', {})) ?? 0;
  const witness = (name: string, heads: AsyncIterable<SignedHead>, upTo: number): Witness => ({
    name,
    testimonies: testimoniesOf(heads, { keys, name, upTo }),
  });
  return [
    // Every head in the files was stored in the database first.
    witness('the signed heads in the database', headRows(manager), Math.max(Number(inDatabase), inFiles)),
    ...(checkpoints ? [witness('the checkpoint files', checkpoints.heads(), inFiles)] : []),
  ];
}

/** The signed heads in the database, in their order. */
export async function* headRows(manager: EntityManager): AsyncGenerator<SignedHead> {
  for (let sequence = 0; ;) {
    const page = await manager.find(AuditHeadRow, {
      where: { sequence: MoreThan(sequence) },
      order: { sequence: 'ASC' },
      take: PAGE,
    });
    for (const row of page) {
      yield row;
      sequence = row.sequence;
    }
    if (page.length < PAGE) return;
  }
}

function overdue({ number, at }: AuditEntryRow, signedBefore: Date | undefined): BrokenAt | undefined {
  if (!signedBefore || at >= signedBefore) return undefined;
  const message = `entry ${number} of ${at.toISOString()} is not signed: the worker does not sign, or its signature was removed`;
  return { number, reason: 'UNSIGNED', message };
}

/** Does the log end where its chain says, and nowhere else? */
async function atEnd(
  manager: EntityManager,
  last: { number: number; hash: string },
  end: AuditChainRow,
): Promise<BrokenAt | undefined> {
  if (last.number < end.number) {
    return {
      number: last.number + 1,
      reason: 'END',
      message: `the chain says it has ${end.number} entries, but there are ${last.number}`,
    };
  }
  if (last.hash !== end.hash)
    return {
      number: end.number,
      reason: 'END',
      message: `the end of the chain does not have the hash of entry ${end.number}`,
    };
  return surplus(manager);
}

/** Rows beyond the end of the chain never went through it. */
async function surplus(manager: EntityManager): Promise<BrokenAt | undefined> {
  const rows: { number: string }[] = await manager.query(
    'SELECT MIN(e.number) AS number FROM audit_entry e JOIN audit_chain c ON e.number > c.number WHERE c.id = ? HAVING number IS NOT NULL',
    [CHAIN],
  );
  const first = rows[0];
  return (
    first && {
      number: Number(first.number),
      reason: 'END',
      message: `entry ${first.number} lies beyond the end of the chain`,
    }
  );
}
