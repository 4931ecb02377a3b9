import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { OutboxModule } from '../publishing/outbox.module.js';
import { DraftProblems } from './draft-problems.js';
import { DraftTrial } from './draft-trial.js';
import { Environments } from './environments.js';
import { GatesModule } from './gates/gates.module.js';
import { History } from './history.js';
import { Idempotency } from './idempotency.js';
import { Landing } from './landing.js';
import { ListingBackfill } from './listing-backfill.js';
import { Planner } from './planner.js';
import { Promotion } from './promotion.js';
import { Publish } from './publish.js';
import { ReleaseMetrics } from './release-metrics.js';
import { ReleaseEdits } from './release-edits.js';
import { ReleaseReads } from './release-reads.js';
import { Releases } from './releases.js';
import { Rollback } from './rollback.js';
import { RollbackContext } from './rollback-context.js';
import { Schedule } from './schedule.js';
import { Scheduler } from './scheduler.js';
import { TrialPlanning } from './trial-planning.js';

/** Releases and everything by which they land. The worker has it too, for scheduled ones. */
@Module({
  imports: [AccessModule, AuditModule, DocumentsModule, GatesModule, OutboxModule],
  providers: [
    DraftProblems,
    DraftTrial,
    Environments,
    History,
    Idempotency,
    Landing,
    ListingBackfill,
    Planner,
    Promotion,
    Publish,
    ReleaseMetrics,
    ReleaseEdits,
    ReleaseReads,
    Releases,
    Rollback,
    RollbackContext,
    Schedule,
    Scheduler,
    TrialPlanning,
  ],
  exports: [
    DraftProblems,
    DraftTrial,
    Environments,
    History,
    Landing,
    ListingBackfill,
    Promotion,
    Publish,
    Planner,
    ReleaseEdits,
    ReleaseReads,
    Releases,
    Rollback,
    Schedule,
    Scheduler,
  ],
})
export class ReleasesModule {}
