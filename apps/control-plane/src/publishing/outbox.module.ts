import { Module } from '@nestjs/common';
import { ARTEFACTS, DELIVERY_TARGETS } from './delivery-targets.js';
import { Outbox } from './outbox.js';

/** For modules whose changes must be delivered. */
@Module({
  providers: [{ provide: DELIVERY_TARGETS, useValue: [ARTEFACTS] }, Outbox],
  exports: [Outbox],
})
export class OutboxModule {}
