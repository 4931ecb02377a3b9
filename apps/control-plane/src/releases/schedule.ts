import { Injectable } from '@nestjs/common';
import { isTimeZone } from '#time-zones';
import type { Actor } from '../access/actor.js';
import { Audit } from '../audit/audit.js';
import { Database, type Tx } from '../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { databaseNow } from './environments.js';
import { blockedBy } from './landing.js';
import type { GateCode } from './plan.js';
import { Planner } from './planner.js';
import { ReleaseRow } from './release.entity.js';
import { ReleaseReads } from './release-reads.js';
import { Releases } from './releases.js';

export interface ScheduleRequest {
  id: string;
  at: Date;
  /** The IANA zone in which the operator thinks of it; shown, never used to compute. */
  timeZone: string;
}

/** What no passing of time mends; everything else is judged when the release fires. */
const HOPELESS: readonly GateCode[] = ['EMPTY_RELEASE', 'INVALID_BODY', 'STALE_PIN', 'FREEZE_WINDOW'];

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

  async schedule(actor: Actor, { id, at, timeZone }: ScheduleRequest): Promise<ReleaseRow> {
    const release = await this.reads.findOrThrow(actor, id);
    await this.releases.demand(actor, 'release:publish', release);
    const now = await databaseNow(this.db.manager);
    const problems = [
      ...(at > now
        ? []
        : [new FieldProblem('at', 'NOT_IN_FUTURE', `${at.toISOString()} is past; it is ${now.toISOString()}`)]),
      ...(isTimeZone(timeZone)
        ? []
        : [
            new FieldProblem(
              'timeZone',
              'UNKNOWN_TIME_ZONE',
              `${JSON.stringify(timeZone.slice(0, 60))} is no IANA time zone`,
            ),
          ]),
    ];
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    return this.db.tx(async (tx) => {
      const row = await this.lock(tx, id, ['DRAFT', 'SCHEDULED', 'PAUSED']);
      const { plan } = await this.planner.ready(tx, row, at);
      const hopeless = plan.gates.filter((gate) => HOPELESS.includes(gate.code));
      if (hopeless.length > 0) throw new ProblemError(blockedBy(hopeless, row.environment));
      return this.change(tx, actor, row, 'release.scheduled', {
        ...{ state: 'SCHEDULED', scheduledAt: at, scheduledZone: timeZone, scheduledBy: actor.id, pausedBecause: null },
      });
    });
  }

  /** Back to a draft release that may be published or scheduled again. */
  async cancel(actor: Actor, id: string): Promise<ReleaseRow> {
    const release = await this.reads.findOrThrow(actor, id);
    await this.releases.demand(actor, 'release:publish', release);
    return this.db.tx(async (tx) => {
      const row = await this.lock(tx, id, ['SCHEDULED', 'PAUSED']);
      return this.change(tx, actor, row, 'release.schedule-cancelled', {
        ...{ state: 'DRAFT', scheduledAt: null, scheduledZone: null, scheduledBy: null, pausedBecause: null },
      });
    });
  }

  private async lock(tx: Tx, id: string, states: readonly ReleaseRow['state'][]): Promise<ReleaseRow> {
    const row = await tx.findOneOrFail(ReleaseRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (states.includes(row.state)) return row;
    const message = `release ${id} is ${row.state}; expected ${states.join(' or ')}`;
    throw new ProblemError(new ValidationProblem([new FieldProblem('id', 'WRONG_STATE', message)]));
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
