import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { EntityManager } from 'typeorm';
import { CHAIN } from '../audit.js';
import { AuditChainRow, type AuditEntryRow, AuditHeadRow } from '../audit.entity.js';
import { parseHead } from '../heads/checkpoint-files.js';
import { type SignedHead, statementOf } from '../heads/signed-head.js';
import { entriesUpTo, headRows } from '../verify/verify-chain.js';

/** A line of an export. `details` of an entry is the text that was hashed. */
export type ExportLine =
  | { type: 'audit-export'; version: 1; at: string }
  | ({ type: 'entry' } & Omit<AuditEntryRow, 'at'> & { at: string })
  | ({ type: 'head' } & SignedHead)
  | { type: 'end'; entries: number; hash: string; heads: number };

/** The whole log as lines of JSON: its entries, then its signed heads, then how many there are. */
export async function* exportLines(manager: EntityManager, now: Date): AsyncGenerator<string> {
  // The heads before the entries: every entry that an exported head covers is in the export.
  const heads = Number((await manager.maximum(AuditHeadRow, 'sequence', {})) ?? 0);
  const end = await manager.findOneByOrFail(AuditChainRow, { id: CHAIN });
  yield line({ type: 'audit-export', version: 1, at: now.toISOString() });
  for await (const {
    number,
    at,
    actor,
    action,
    targetType,
    targetId,
    details,
    requestId,
    prevHash,
    hash,
  } of entriesUpTo(manager, end.number)) {
    yield line({
      type: 'entry',
      number,
      at: at.toISOString(),
      actor,
      action,
      targetType,
      targetId,
      details,
      requestId,
      prevHash,
      hash,
    });
  }
  for await (const head of headRows(manager)) {
    if (statementOf(head).sequence > heads) break;
    yield line({ type: 'head', statement: head.statement, keyId: head.keyId, signature: head.signature });
  }
  yield line({ type: 'end', entries: end.number, hash: end.hash, heads });
}

/** The entries of an export, in its order. */
export async function* entriesIn(file: string): AsyncGenerator<AuditEntryRow> {
  for await (const value of parsedLines(file)) {
    if (value['type'] === 'entry') yield toEntry(value);
  }
}

/** The signed heads of an export, in its order. */
export async function* headsIn(file: string): AsyncGenerator<SignedHead> {
  for await (const value of parsedLines(file)) {
    const head = value['type'] === 'head' ? parseHead(JSON.stringify(value)) : undefined;
    if (head) yield head;
  }
}

/** The summary at the end of an export; `undefined` for a truncated export. */
export async function endIn(file: string): Promise<{ entries: number; hash: string; heads: number } | undefined> {
  for await (const { type, entries, hash, heads } of parsedLines(file)) {
    if (type === 'end' && typeof entries === 'number' && typeof hash === 'string' && typeof heads === 'number')
      return { entries, hash, heads };
  }
  return undefined;
}

async function* parsedLines(file: string): AsyncGenerator<Record<string, unknown>> {
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    number += 1;
    if (text === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new Error(`line ${number} of ${file} is not JSON`);
    }
    if (typeof value !== 'object' || value === null) throw new Error(`line ${number} of ${file} is not a JSON object`);
    yield { ...value };
  }
}

function toEntry({
  number,
  at,
  actor,
  action,
  targetType,
  targetId,
  details,
  requestId,
  prevHash,
  hash,
}: Record<string, unknown>): AuditEntryRow {
  return {
    ...{
      number: Number(number),
      at: timeOf(at),
      actor: String(actor),
      action: String(action),
      targetType: String(targetType),
    },
    ...{ targetId: textOrNull(targetId), details: String(details), requestId: textOrNull(requestId) },
    ...{ prevHash: String(prevHash), hash: String(hash) },
  };
}

/** An unreadable time makes the hash of the entry differ. */
function timeOf(value: unknown): Date {
  const time = new Date(String(value));
  return Number.isNaN(time.getTime()) ? new Date(0) : time;
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function line(value: ExportLine): string {
  return `${JSON.stringify(value)}\n`;
}
