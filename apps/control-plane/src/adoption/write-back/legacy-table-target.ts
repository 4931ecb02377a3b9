import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Outbox, type OutboxMessage } from '../../publishing/outbox.js';
import { LEGACY_TABLE } from './legacy-receipt.js';

/** Has releases announced to the old tables, in environments that have written ones. */
@Injectable()
export class LegacyTableTarget implements OnModuleInit {
  readonly name = LEGACY_TABLE;

  constructor(private readonly outbox: Outbox) {}

  onModuleInit(): void {
    this.outbox.registerTarget(this);
  }

  async isConcerned(tx: Tx, { environment, topic }: OutboxMessage): Promise<boolean> {
    if (topic !== 'release') return false;
    const rows: unknown[] = await tx.query(
      "SELECT 1 FROM adopted_table WHERE environment = ? AND mode = 'WRITE_BACK' LIMIT 1",
      [environment],
    );
    return rows.length > 0;
  }
}
