import { Module } from '@nestjs/common';
import { DeliveryModule } from '../../publishing/delivery.module.js';
import { AdoptionModule } from '../adoption.module.js';
import { AdoptionRoutine } from './adoption.routine.js';
import { LegacyTableDelivery } from './legacy-table-delivery.js';

/** The worker's side of adoption: mirrors, drift, write-back. */
@Module({
  imports: [AdoptionModule, DeliveryModule],
  providers: [AdoptionRoutine, LegacyTableDelivery],
})
export class AdoptionWorkerModule {}
