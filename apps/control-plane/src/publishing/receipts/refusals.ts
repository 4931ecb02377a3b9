import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

/** A release that a running instance refuses and has not got past. */
export interface Refusal {
  environment: string;
  seq: number;
}

/** What running instances refuse, as their receipts say. */
@Injectable()
export class Refusals {
  constructor(private readonly db: Database) {}

  /** The newest refused release of each environment. */
  async standing(): Promise<Refusal[]> {
    const rows: { environment: string; seq: string }[] = await this.db.manager.query(
      `SELECT c.environment, MAX(r.seq) AS seq
       FROM consumer_instance c
       JOIN receipt r ON r.environment = c.environment AND r.seq > c.applied_seq AND r.consumer = c.consumer AND r.instance = c.instance
       WHERE r.state = 'REJECTED' AND c.lease_expires_at > UTC_TIMESTAMP(3)
       GROUP BY c.environment`,
    );
    return rows.map(({ environment, seq }) => ({ environment, seq: Number(seq) }));
  }
}
