import { Injectable } from '@nestjs/common';
import { canonicalJson, sha256Hex } from '@paddock/contracts';
import { requestContext } from '@paddock/runtime';
import type { Actor } from '../access/actor.js';
import type { Tx } from '../database/database.js';
import { AuditChainRow, AuditEntryRow } from './audit.entity.js';

/** One action: its actor, its type and its target. */
export interface Deed {
  actor: Actor;
  /** Past tense, thing first: `release.published`. */
  action: string;
  targetType: string;
  targetId: string | null;
  /** Facts that explain the action; never a secret. */
  details: object;
}

/** The log of deeds: each entry's hash covers the one before it, so that none can be changed, dropped or inserted unseen. */
@Injectable()
export class Audit {
  /**
   * Writes an entry in the caller's transaction: the entry exists if and only if the change does. It takes the lock
   * that orders entries and holds it until the transaction ends, so it should be the last step of the transaction.
   */
  async append(tx: Tx, deed: Deed): Promise<void> {
    const end = await tx.findOneOrFail(AuditChainRow, { where: { id: CHAIN }, lock: { mode: 'pessimistic_write' } });
    const content = {
      number: end.number + 1,
      at: new Date(),
      actor: deed.actor.id,
      action: deed.action,
      targetType: deed.targetType,
      targetId: deed.targetId,
      details: canonicalJson(deed.details),
      requestId: requestContext()?.requestId ?? null,
    };
    const hash = entryHash(end.hash, content);
    await tx.insert(AuditEntryRow, { ...content, prevHash: end.hash, hash });
    await tx.update(AuditChainRow, { id: CHAIN }, { number: content.number, hash });
  }
}

/** The only row of `audit_chain`. */
export const CHAIN = 1;

/** `prevHash` of the first entry. */
export const CHAIN_START = '0'.repeat(64);

/** SHA-256 of the hash before it and the canonical JSON of everything else in the row. */
export function entryHash(prevHash: string, entry: Omit<AuditEntryRow, 'prevHash' | 'hash'>): string {
  const { number, at, actor, action, targetType, targetId, details, requestId } = entry;
  return sha256Hex(
    prevHash + canonicalJson({ number, at: at.toISOString(), actor, action, targetType, targetId, details, requestId }),
  );
}
