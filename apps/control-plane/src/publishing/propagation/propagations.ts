import { Injectable } from '@nestjs/common';
import { MoreThanOrEqual, In } from 'typeorm';
import { Database } from '../../database/database.js';
import { databaseNow } from '../../releases/environments.js';
import { ConsumerInstanceRow, ReceiptRow } from '../publishing.entity.js';
import { type LandedSeq, propagate, type PropagationState } from './propagation.js';

/** Reads how far releases got, many at once. */
@Injectable()
export class Propagations {
  constructor(private readonly db: Database) {}

  /** In the order of `releases`. */
  async of(releases: readonly LandedSeq[]): Promise<PropagationState[]> {
    if (releases.length === 0) return [];
    const environments = [...new Set(releases.map((release) => release.environment))];
    const earliest = new Date(Math.min(...releases.map((release) => release.landedAt.getTime())));
    const [instances, receipts, now] = await Promise.all([
      this.db.manager.findBy(ConsumerInstanceRow, {
        environment: In(environments),
        leaseExpiresAt: MoreThanOrEqual(earliest),
      }),
      this.db.manager
        .createQueryBuilder(ReceiptRow, 'r')
        .where('(r.environment, r.seq) IN (:pairs)', {
          pairs: releases.map(({ environment, seq }) => [environment, seq]),
        })
        .getMany(),
      databaseNow(this.db.manager),
    ]);
    return releases.map((release) =>
      propagate(
        release,
        instances.filter(({ environment }) => environment === release.environment),
        receipts.filter(({ environment, seq }) => environment === release.environment && seq === release.seq),
        now,
      ),
    );
  }
}
