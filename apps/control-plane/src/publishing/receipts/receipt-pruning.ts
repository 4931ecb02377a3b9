import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

/** Releases whose receipts are kept, per environment. */
const RELEASES_KEPT = 10_000;
/** Instances are forgotten so long after their lease ended. */
const INSTANCES_KEPT_DAYS = 7;
const ROWS_PER_STEP = 5_000;

/** Deletes receipts and leases that are no longer needed, in short transactions. */
@Injectable()
export class ReceiptPruning {
  constructor(private readonly db: Database) {}

  async run(): Promise<void> {
    const environments: { name: string; headSeq: string }[] = await this.db.manager.query(
      'SELECT name, head_seq AS headSeq FROM environment',
    );
    for (const { name, headSeq } of environments) {
      await this.inSteps('DELETE FROM receipt WHERE environment = ? AND seq <= ? LIMIT ?', [
        name,
        Number(headSeq) - RELEASES_KEPT,
      ]);
    }
    await this.inSteps(
      'DELETE FROM consumer_instance WHERE lease_expires_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY LIMIT ?',
      [INSTANCES_KEPT_DAYS],
    );
  }

  private async inSteps(sql: string, parameters: unknown[]): Promise<void> {
    let affected: number;
    do {
      const result = await this.db.tx<{ affectedRows: number }>((tx) => tx.query(sql, [...parameters, ROWS_PER_STEP]));
      affected = result.affectedRows;
    } while (affected === ROWS_PER_STEP);
  }
}
