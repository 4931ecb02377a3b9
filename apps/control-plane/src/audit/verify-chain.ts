import { type EntityManager, MoreThan } from 'typeorm';
import { CHAIN, CHAIN_START, entryHash } from './audit.js';
import { AuditChainRow, AuditEntryRow } from './audit.entity.js';

/** What verifying the chain found: that it holds, or the first row at which it breaks. */
export type ChainVerdict =
  | { ok: true; entries: number; hash: string }
  | {
      ok: false;
      /** Number of the first broken row. */
      number: number;
      /** HASH: the row was changed. LINK: the row before it was. GAP: a row is missing. END: rows were cut off or added. */
      reason: 'HASH' | 'LINK' | 'GAP' | 'END';
      message: string;
    };

const PAGE = 1_000;

/** Checks every entry from the first to the one that was last when it began; landings go on meanwhile. */
export async function verifyChain(manager: EntityManager): Promise<ChainVerdict> {
  const end = await manager.findOneByOrFail(AuditChainRow, { id: CHAIN });
  let previous = { number: 0, hash: CHAIN_START };
  while (previous.number < end.number) {
    const page = await manager.find(AuditEntryRow, { where: { number: MoreThan(previous.number) }, order: { number: 'ASC' }, take: PAGE });
    if (page.length === 0) return broken(previous.number + 1, 'END', `the chain says it has ${end.number} entries, but there are ${previous.number}`);
    for (const entry of page) {
      if (entry.number > end.number) break;
      const found = check(entry, previous);
      if (found) return found;
      previous = entry;
    }
  }
  if (previous.hash !== end.hash) return broken(end.number, 'END', `the end of the chain does not have the hash of entry ${end.number}`);
  return (await surplus(manager)) ?? { ok: true, entries: end.number, hash: end.hash };
}

function check(entry: AuditEntryRow, previous: { number: number; hash: string }): ChainVerdict | undefined {
  const { number } = entry;
  if (number !== previous.number + 1) return broken(previous.number + 1, 'GAP', `entry ${previous.number + 1} is missing`);
  if (entry.prevHash !== previous.hash) return broken(number, 'LINK', `entry ${number} does not follow from entry ${previous.number}`);
  if (entryHash(entry.prevHash, entry) !== entry.hash) return broken(number, 'HASH', `entry ${number} is not what was written: its hash differs`);
  return undefined;
}

/** Rows beyond the end of the chain never went through it. */
async function surplus(manager: EntityManager): Promise<ChainVerdict | undefined> {
  const rows: { number: string }[] = await manager.query(
    'SELECT MIN(e.number) AS number FROM audit_entry e JOIN audit_chain c ON e.number > c.number WHERE c.id = ? HAVING number IS NOT NULL',
    [CHAIN],
  );
  const first = rows[0];
  return first && broken(Number(first.number), 'END', `entry ${first.number} lies beyond the end of the chain`);
}

function broken(number: number, reason: 'HASH' | 'LINK' | 'GAP' | 'END', message: string): ChainVerdict {
  return { ok: false, number, reason, message };
}
