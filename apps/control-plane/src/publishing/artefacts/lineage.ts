import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Head } from '#contracts';
import { Database } from '../../database/database.js';
import { LOGGER, type Logger } from '../../process.js';
import { EnvironmentRow } from '../../releases/release.entity.js';
import { ConsumerInstanceRow } from '../publishing.entity.js';
import type { Truth } from './landed-releases.js';

/**
 * Has MySQL lost what was already published? It was restored from a backup then, or crashed without keeping its last
 * commits: what follows would give the same seqs to other content, and instances would never notice.
 */
export function contradicts(published: Head, truth: Truth): boolean {
  if (published.epoch !== truth.epoch) return false;
  if (published.seq > truth.seq || published.settingsVersion > truth.settingsVersion) return true;
  return published.seq === truth.seq && published.stateHash !== truth.stateHash;
}

/** Begins a new history of an environment where MySQL contradicts what was published, so that every instance reads everything anew. */
@Injectable()
export class Lineage {
  constructor(
    private readonly db: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async beginAnew(published: Head, truth: Truth): Promise<void> {
    const { environment } = truth;
    const epoch = uuidv7();
    const began = await this.db.tx(async (tx) => {
      const updated = await tx.update(EnvironmentRow, { name: environment, epoch: truth.epoch, headSeq: truth.seq }, { epoch });
      // What instances said of the lost releases is no longer about the releases that will have their numbers.
      if (updated.affected) await tx.update(ConsumerInstanceRow, { environment }, { appliedSeq: 0, stateHash: null });
      return updated.affected === 1;
    });
    if (began) {
      this.logger.error(
        { environment, published, truth, epoch },
        'the database lost what was already published; a new epoch begins from what it has',
      );
    }
  }
}
