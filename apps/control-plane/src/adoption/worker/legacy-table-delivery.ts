import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Receipt } from '#contracts';
import { Deliveries } from '../../publishing/deliveries.js';
import { ReceiptWriter } from '../../publishing/receipts/receipt-writer.js';
import { LEGACY_TABLE, PartlyWritten, WriteBack } from '../write-back/write-back.js';

/** Deliveries to old tables: what landed goes into their rows, and each mapping gives its receipt. */
@Injectable()
export class LegacyTableDelivery implements OnModuleInit {
  readonly name = LEGACY_TABLE;

  constructor(
    private readonly deliveries: Deliveries,
    private readonly writeBack: WriteBack,
    private readonly receipts: ReceiptWriter,
  ) {}

  onModuleInit(): void {
    this.deliveries.add(this);
  }

  async bringUp(environment: string): Promise<number> {
    try {
      const { seq, receipts } = await this.writeBack.bringUp(environment);
      await this.tell(receipts);
      return seq;
    } catch (error) {
      if (!(error instanceof PartlyWritten)) throw error;
      await this.tell(error.receipts);
      throw error.cause;
    }
  }

  async tell(receipts: readonly Receipt[]): Promise<void> {
    await Promise.all(receipts.map((receipt) => this.receipts.receipt(receipt)));
  }
}
