import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Logger, withRequestContext } from '@paddock/runtime';
import type { Actor } from '../access/actor.js';
import { Actors } from '../access/actors.js';
import { Audit } from '../audit/audit.js';
import { Database } from '../database/database.js';
import { ProblemError } from '../graphql/problems.js';
import { Landing } from './landing.js';
import { Planner } from './planner.js';
import { ReleaseRow } from './release.entity.js';
import { Releases } from './releases.js';

/** Lands scheduled releases at their time, by the database's clock. Any number of workers may run it. */
@Injectable()
export class Scheduler {
  constructor(
    private readonly db: Database,
    private readonly releases: Releases,
    private readonly planner: Planner,
    private readonly landing: Landing,
    private readonly actors: Actors,
    private readonly audit: Audit,
  ) {}

  /** Lands (or pauses) everything that is due. */
  async fireDue(logger: Logger): Promise<void> {
    const due: { id: string }[] = await this.db.manager.query(
      "SELECT id FROM `release` WHERE state = 'SCHEDULED' AND scheduled_at <= UTC_TIMESTAMP(3) ORDER BY scheduled_at, id LIMIT 100",
    );
    for (const { id } of due) {
      await withRequestContext({ requestId: uuidv7() }, async () => {
        try {
          logger.info({ release: id, ...(await this.fire(id)) }, 'scheduled release fired');
        } catch (err) {
          // It stays due; the next sweep tries again, and the others do not wait for it.
          logger.error({ release: id, err }, 'scheduled release could not be fired');
        }
      });
    }
  }

  private async fire(id: string): Promise<{ seq?: number; paused?: string }> {
    const release = await this.db.manager.findOneByOrFail(ReleaseRow, { id });
    try {
      const actor = await this.owner(release);
      // The user who scheduled it may have lost the permission since.
      await this.releases.authorize(actor, 'release:publish', release);
      await this.planner.observe([id]);
      const landed = await this.landing.land({
        ...{ actor, environment: release.environment, action: 'release.published', reason: 'scheduled' },
        prepare: async (tx, { now }) => {
          const row = await tx.findOneOrFail(ReleaseRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
          // Another worker was here, or the operator cancelled or moved it in the meantime.
          if (row.state !== 'SCHEDULED' || !row.scheduledAt || row.scheduledAt > now) throw new NotDue();
          return this.planner.ready(tx, row, now);
        },
      });
      return { ...(landed.seq === null ? {} : { seq: landed.seq }) };
    } catch (error) {
      if (error instanceof NotDue) return {};
      if (!(error instanceof ProblemError)) throw error;
      await this.pause(release, error);
      return { paused: error.problem.message };
    }
  }

  private async owner({ scheduledBy }: ReleaseRow): Promise<Actor> {
    const actor = scheduledBy ? await this.actors.byId(scheduledBy) : undefined;
    return actor ?? { id: scheduledBy ?? 'system', type: 'USER', name: 'no longer active', grants: [] };
  }

  /** Nothing of it lands; it waits, with its reasons, until it is scheduled, published or cancelled. */
  private async pause(release: ReleaseRow, { problem }: ProblemError): Promise<void> {
    const { scheduledAt } = release;
    if (!scheduledAt) return;
    const reasons = JSON.stringify({
      code: problem.code,
      message: problem.message,
      ...('gates' in problem ? { gates: problem.gates } : {}),
    });
    await this.db.tx(async (tx) => {
      // Only the schedule that fired: an operator may have set another time since, which is not evaluated yet.
      const { affected } = await tx.update(
        ReleaseRow,
        { id: release.id, state: 'SCHEDULED', scheduledAt },
        { state: 'PAUSED', pausedBecause: reasons },
      );
      if (affected !== 1) return;
      await this.audit.append(tx, {
        actor: SCHEDULER,
        action: 'release.paused',
        targetType: 'release',
        targetId: release.id,
        details: { environment: release.environment, code: problem.code, message: problem.message },
      });
    });
  }
}

class NotDue extends Error {}

const SCHEDULER: Actor = { id: 'system', type: 'SYSTEM', name: 'scheduler', grants: [] };
