import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { PublishingMetrics } from './metrics.js';
import { Relay } from './relay.js';

/** Delivered rows are kept so long, because they show which request made a release. */
const KEPT_DAYS = 7;
const ROWS_PER_PRUNING = 1_000;

/** The work on the outbox every second: picks up rows that were not relayed, or relayed in vain. */
@Injectable()
export class Sweeper {
  constructor(
    private readonly db: Database,
    private readonly relay: Relay,
    private readonly metrics: PublishingMetrics,
  ) {}

  async sweep(): Promise<void> {
    this.metrics.outboxOldestSeconds.set(await this.oldestPendingSeconds());
    while ((await this.relay.relayNew()) > 0);
    await this.relay.relayOverdue();
  }

  async prune(): Promise<void> {
    const sql = 'DELETE FROM outbox WHERE delivered_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY LIMIT ?';
    let affected: number;
    do {
      ({ affectedRows: affected } = await this.db.tx<{ affectedRows: number }>((tx) =>
        tx.query(sql, [KEPT_DAYS, ROWS_PER_PRUNING]),
      ));
    } while (affected === ROWS_PER_PRUNING);
  }

  private async oldestPendingSeconds(): Promise<number> {
    const rows: { seconds: string | null }[] = await this.db.manager.query(
      `SELECT TIMESTAMPDIFF(MICROSECOND, MIN(created_at), UTC_TIMESTAMP(3)) / 1e6 AS seconds FROM outbox WHERE delivered_at IS NULL`,
    );
    return Number(rows[0]?.seconds ?? 0);
  }
}
