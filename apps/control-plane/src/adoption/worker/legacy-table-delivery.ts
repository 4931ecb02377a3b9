import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Receipt } from '@paddock/contracts';
import { Deliveries } from '../../publishing/deliveries.js';
import { ReceiptWriter } from '../../publishing/receipts/receipt-writer.js';
import { LEGACY_TABLE } from '../write-back/legacy-receipt.js';
import { PartlyWritten, WriteBack } from '../write-back/write-back.js';

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
      const { seq } = await this.writeBack.bringUp(environment, (receipts) => this.report(receipts));
      return seq;
    } catch (error) {
      throw error instanceof PartlyWritten ? error.cause : error;
    }
  }

  private async report(receipts: readonly Receipt[]): Promise<void> {
    await Promise.all(receipts.map((receipt) => this.receipts.receipt(receipt)));
  }
}
