import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Head, StateHash } from '@paddock/contracts';
import { Database } from '../../database/database.js';
import { LOGGER, type Logger } from '../../process.js';
import { EnvironmentRow } from '../../releases/release.entity.js';
import { ConsumerInstanceRow } from '../publishing.entity.js';
import type { DatabaseHead } from './landed-releases.js';

/** A position in a history, as Redis or an instance holds it. Instances of older versions do not name the history. */
export type HeldPlace = Partial<Pick<Head, 'epoch' | 'settingsVersion'>> & Pick<Head, 'seq' | 'stateHash'>;

/** The position of that history in MySQL. */
export interface KnownPlace extends Pick<DatabaseHead, 'epoch' | 'seq' | 'settingsVersion'> {
  /** The state hash after the release of the held seq; `undefined` where no release landed with it. */
  stateHashAt: StateHash | undefined;
}

/**
 * Whether MySQL has lost a state that Redis or an instance holds. Then MySQL was restored from a backup, or crashed
 * without its last commits, and gives the same seqs to other releases. A position in another history proves nothing:
 * its holder reads everything again in any case. The held position must be read before MySQL, or a release that landed
 * in between would look lost.
 */
export function contradicts(held: HeldPlace, known: KnownPlace): boolean {
  if (held.epoch !== known.epoch) return false;
  if ((held.settingsVersion ?? 0) > known.settingsVersion) return true;
  return held.seq > known.seq || held.stateHash !== known.stateHashAt;
}

/** The reason for a new history: a found state that MySQL does not have. */
export interface Contradiction {
  databaseHead: Pick<DatabaseHead, 'environment' | 'epoch'>;
  because: Readonly<Record<string, unknown>>;
}

/** Begins a new history of an environment where MySQL has lost something, so that every instance reads everything. */
@Injectable()
export class EpochRotation {
  constructor(
    private readonly db: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** If several processes find the same contradiction, only one begins the new history. */
  async rotate({ databaseHead, because }: Contradiction): Promise<void> {
    const { environment } = databaseHead;
    const epoch = uuidv7();
    const began = await this.db.tx(async (tx) => {
      const updated = await tx.update(EnvironmentRow, { name: environment, epoch: databaseHead.epoch }, { epoch });
      // Receipts for the lost releases do not apply to the new releases of the same numbers.
      if (updated.affected) await tx.update(ConsumerInstanceRow, { environment }, { appliedSeq: 0, stateHash: null });
      return updated.affected === 1;
    });
    if (began)
      this.logger.error(
        { environment, ...because, before: databaseHead, epoch },
        'the database lost what was published; a new epoch begins from what it has',
      );
  }
}
