import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/actor.js';
import { Audit } from '../audit/audit.js';
import { Database, type Tx } from '../database/database.js';
import { ProblemError, ValidationProblem } from '../graphql/problems.js';
import { databaseNow } from './environments.js';
import { blockedBy } from './landing.js';
import { Planner } from './planner.js';
import { ReleaseRow } from './release.entity.js';
import { ReleaseReads } from './release-reads.js';
import { Releases } from './releases.js';
import { momentOf, type ScheduleRequest } from './schedule-moment.js';

/** Says when releases shall land. A schedule is a row: it survives restarts and the loss of Redis. */
@Injectable()
export class Schedule {
  constructor(
    private readonly db: Database,
    private readonly reads: ReleaseReads,
    private readonly releases: Releases,
    private readonly planner: Planner,
    private readonly audit: Audit,
  ) {}

  async schedule(actor: Actor, request: ScheduleRequest): Promise<ReleaseRow> {
    const { id, timeZone } = request;
    const release = await this.reads.findOrThrow(actor, id);
    await this.releases.authorize(actor, 'release:publish', release);
    const { at, problems } = momentOf(request, await databaseNow(this.db.manager));
    if (!at || problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    return this.db.tx(async (tx) => {
      const row = await this.releases.lock(tx, id, ['DRAFT', 'SCHEDULED', 'PAUSED']);
      const { plan } = await this.planner.ready(tx, row, at);
      // Every other gate is judged when the release fires.
      const lasting = plan.gates.filter(({ refusesSchedule }) => refusesSchedule);
      if (lasting.length > 0) throw new ProblemError(blockedBy(lasting, row.environment));
      return this.change(tx, actor, row, 'release.scheduled', {
        ...{ state: 'SCHEDULED', scheduledAt: at, scheduledZone: timeZone, scheduledBy: actor.id, pausedBecause: null },
      });
    });
  }

  /** Back to a draft release that may be published or scheduled again. */
  async cancel(actor: Actor, id: string): Promise<ReleaseRow> {
    const release = await this.reads.findOrThrow(actor, id);
    await this.releases.authorize(actor, 'release:publish', release);
    return this.db.tx(async (tx) => {
      const row = await this.releases.lock(tx, id, ['SCHEDULED', 'PAUSED']);
      return this.change(tx, actor, row, 'release.schedule-cancelled', {
        ...{ state: 'DRAFT', scheduledAt: null, scheduledZone: null, scheduledBy: null, pausedBecause: null },
      });
    });
  }

  private async change(
    tx: Tx,
    actor: Actor,
    row: ReleaseRow,
    action: string,
    to: Partial<ReleaseRow>,
  ): Promise<ReleaseRow> {
    await tx.update(ReleaseRow, row.id, to);
    const details = {
      environment: row.environment,
      at: to.scheduledAt?.toISOString() ?? null,
      timeZone: to.scheduledZone ?? null,
    };
    await this.audit.append(tx, { actor, action, targetType: 'release', targetId: row.id, details });
    return Object.assign(row, to);
  }
}
