import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from '@paddock/runtime';
import { AdoptionWorkerModule } from './adoption/worker/adoption-worker.module.js';
import { AuditSigningModule } from './audit/heads/audit-signing.module.js';
import { DatabaseModule } from './database/database.module.js';
import { KindsModule } from './kinds/kinds.module.js';
import { MarketRuleModule } from './kinds/market-rule/market-rule.module.js';
import { ProcessModule } from './process.module.js';
import { DeliveryModule } from './publishing/delivery.module.js';
import { QueueWorkers } from './publishing/queue-workers.js';
import { RedisModule } from './publishing/redis.js';
import { ReleasesModule } from './releases/releases.module.js';
import { SchedulerRoutine } from './releases/scheduler.routine.js';
import type { ControlPlaneSettings } from './settings.js';
import { WorkerRoutines } from './worker.routines.js';

/** The worker process: BullMQ's side of publishing, and everything that happens by itself. */
@Module({
  imports: [
    DatabaseModule,
    KindsModule,
    MarketRuleModule,
    RedisModule,
    DeliveryModule,
    ReleasesModule,
    AdoptionWorkerModule,
    AuditSigningModule,
  ],
  providers: [QueueWorkers, SchedulerRoutine, WorkerRoutines],
})
export class WorkerModule {
  static of(settings: ControlPlaneSettings, logger: Logger): DynamicModule {
    return { module: WorkerModule, imports: [ProcessModule.of('worker', settings, logger)] };
  }
}
