import { Inject, Injectable, Optional } from '@nestjs/common';
import { MoreThan, MoreThanOrEqual } from 'typeorm';
import { sha256Hex } from '@paddock/contracts';
import { isDuplicateKey } from '@paddock/mysql';
import { CHAIN, CHAIN_START } from '../audit.js';
import { AuditChainRow, AuditEntryRow, AuditHeadRow } from '../audit.entity.js';
import { Database } from '../../database/database.js';
import { checkEntry } from '../verify/check-entry.js';
import type { CheckpointFiles } from './checkpoint-files.js';
import {
  endOf,
  ENTRIES_PER_HEAD,
  FIRST_PREVIOUS,
  isGenuine,
  type PublicKeys,
  signHead,
  type SignedHead,
  type SigningKey,
  statementOf,
} from './signed-head.js';

/** Injection token of the key of a {@link HeadSigner}; undefined where no key is set. */
export const HEAD_SIGNING = Symbol('head signing');

export interface HeadSigning {
  key: SigningKey;
  /** Its own public key, and those of the keys before it. */
  trusted: PublicKeys;
  /** Where heads are kept outside the database. */
  checkpoints: CheckpointFiles | undefined;
  now: () => Date;
}

/** The log does not continue from the last signed head. Signing stops until an operator has checked the log. */
export class AuditTampered extends Error {}

const HEADS_AT_ONCE = 500;

/**
 * Signs new entries of the audit log, without delaying their writers. It signs only entries that it has verified to
 * continue from the last head, which it remembers itself: after a restart, from the checkpoint files.
 */
@Injectable()
export class HeadSigner {
  private last: SignedHead | undefined;
  private caughtUp = false;

  constructor(
    private readonly db: Database,
    @Optional() @Inject(HEAD_SIGNING) private readonly signing: HeadSigning | undefined,
  ) {}

  get signs(): boolean {
    return this.signing !== undefined;
  }

  /**
   * Signs all new entries. If two workers sign at the same time, the second one stops.
   * @throws AuditTampered where entries or heads that were signed are missing or changed
   */
  async sign(): Promise<void> {
    if (!this.signing) return;
    await this.catchUp(this.signing);
    for (;;) {
      const added = await this.added();
      if (!added) return;
      const head = signHead(this.signing.key, this.last, added, this.signing.now());
      if (!(await this.store(head))) return;
      await this.remember(this.signing, [head]);
    }
  }

  /** Learns heads of other workers, and of this one before it was restarted. */
  private async catchUp(signing: HeadSigning): Promise<void> {
    const { checkpoints, trusted } = signing;
    if (!this.caughtUp && checkpoints) {
      await checkpoints.prepare();
      this.last = await checkpoints.last();
      if (this.last && !isGenuine(this.last, trusted))
        throw new AuditTampered(notGenuine('the last head in the checkpoint files'));
    } else if (!this.caughtUp) {
      this.last = await this.newestGenuine(trusted);
    }
    this.caughtUp = true;
    for (;;) {
      const heads = await this.db.manager.find(AuditHeadRow, {
        where: { sequence: MoreThanOrEqual(this.last ? statementOf(this.last).sequence : 0) },
        order: { sequence: 'ASC' },
        take: HEADS_AT_ONCE,
      });
      const known = this.last ? heads.shift() : undefined;
      if (this.last && known?.signature !== this.last.signature)
        throw new AuditTampered(`${nameOf(this.last)} was signed and is not in the database any more`);
      if (heads.length === 0) return;
      let previous = this.last;
      for (const head of heads) {
        const follows = statementOf(head).previous === (previous ? sha256Hex(previous.statement) : FIRST_PREVIOUS);
        if (!follows) throw new AuditTampered(`${nameOf(head)} does not follow from the one before it`);
        if (!isGenuine(head, trusted)) throw new AuditTampered(notGenuine(nameOf(head)));
        previous = head;
      }
      await this.remember(signing, heads);
    }
  }

  private async newestGenuine(trusted: PublicKeys): Promise<SignedHead | undefined> {
    const [newest] = await this.db.manager.find(AuditHeadRow, { order: { sequence: 'DESC' }, take: 1 });
    if (newest && !isGenuine(newest, trusted)) throw new AuditTampered(notGenuine(nameOf(newest)));
    return newest;
  }

  /** The verified entries after the last head; `undefined` without new entries. */
  private async added(): Promise<{ first: number; hashes: string[] } | undefined> {
    const signed = this.last ? endOf(statementOf(this.last)) : { number: 0, hash: CHAIN_START };
    const end = await this.db.manager.findOneByOrFail(AuditChainRow, { id: CHAIN });
    if (end.number < signed.number)
      throw new AuditTampered(`entry ${signed.number} was signed, but the log ends with entry ${end.number}`);
    if (end.number === signed.number) {
      if (end.hash !== signed.hash)
        throw new AuditTampered(`the log was rewritten: its entry ${end.number} is not the one that was signed`);
      return undefined;
    }
    const where = { number: MoreThan(signed.number) };
    const entries = await this.db.manager.find(AuditEntryRow, {
      where,
      order: { number: 'ASC' },
      take: ENTRIES_PER_HEAD,
    });
    let previous = signed;
    for (const entry of entries) {
      const broken = checkEntry(entry, previous);
      if (broken) throw new AuditTampered(broken.message);
      previous = entry;
    }
    return entries.length > 0 ? { first: signed.number + 1, hashes: entries.map(({ hash }) => hash) } : undefined;
  }

  /** @returns `false` where another worker was faster */
  private async store(head: SignedHead): Promise<boolean> {
    try {
      await this.db.manager.insert(AuditHeadRow, { sequence: statementOf(head).sequence, ...head });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  private async remember({ checkpoints }: HeadSigning, heads: SignedHead[]): Promise<void> {
    await checkpoints?.append(heads);
    this.last = heads.at(-1);
  }
}

function notGenuine(what: string): string {
  return `${what} has no genuine signature; if the key was changed, AUDIT_PUBLIC_KEYS must have the former public key`;
}

function nameOf(head: SignedHead): string {
  const { sequence, first, hashes } = statementOf(head);
  return `head ${sequence} (entries ${first} to ${first + hashes.length - 1})`;
}
