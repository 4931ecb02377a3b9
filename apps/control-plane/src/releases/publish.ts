import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/actor.js';
import { Database, type Tx } from '../database/database.js';
import { StaleProblem } from '../documents/stale.problem.js';
import { ProblemError } from '../graphql/problems.js';
import { databaseNow, type LockedEnvironment } from './environments.js';
import { History } from './history.js';
import { keyedRequest } from './idempotency.js';
import { Landing } from './landing.js';
import { Planner, type ReadyRelease } from './planner.js';
import { ReleaseRow } from './release.entity.js';
import { ReleaseReads } from './release-reads.js';
import { Releases, wrongState } from './releases.js';

export interface PublishRequest {
  id: string;
  /** The hash of the plan that the operator saw. */
  planHash: string;
  idempotencyKey: string;
}

/** Publishes a release whose plan an operator has seen. */
@Injectable()
export class Publish {
  constructor(
    private readonly db: Database,
    private readonly reads: ReleaseReads,
    private readonly releases: Releases,
    private readonly planner: Planner,
    private readonly history: History,
    private readonly landing: Landing,
  ) {}

  /** @throws ProblemError with a BlockedProblem, StaleProblem, ForbiddenProblem or ValidationProblem */
  async publish(actor: Actor, request: PublishRequest): Promise<ReleaseRow> {
    const keyed = keyedRequest(actor, 'publishRelease', request);
    const release = await this.reads.findOrThrow(actor, request.id);
    await this.releases.authorize(actor, 'release:publish', release);
    await this.planner.observe([request.id]);
    return this.landing.land({
      ...{ actor, keyed, environment: release.environment, action: 'release.published', reason: '' },
      prepare: async (tx, environment) => {
        const ready = await this.ready(tx, request.id, environment);
        if (ready.plan.hash !== request.planHash) throw await this.overtaken(tx, ready);
        return ready;
      },
    });
  }

  /** Publishes the current plan: for releases that need no review. */
  async publishAsPlanned(actor: Actor, { id }: Pick<ReleaseRow, 'id'>): Promise<ReleaseRow> {
    const release = await this.releases.findOrThrow(this.db.manager, id);
    const { plan } = await this.planner.ready(this.db.manager, release, await databaseNow(this.db.manager));
    return this.publish(actor, { id, planHash: plan.hash, idempotencyKey: `planned-${id}` });
  }

  private async ready(tx: Tx, id: string, { now }: LockedEnvironment): Promise<ReadyRelease> {
    const release = await tx.findOneOrFail(ReleaseRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (release.state === 'LANDED') throw alreadyLanded(release);
    if (release.state === 'DROPPED') throw wrongState(release, ['DRAFT', 'SCHEDULED', 'PAUSED']);
    return this.planner.ready(tx, release, now);
  }

  /** Says who was faster: the releases that changed these documents since this one was made. */
  private async overtaken(tx: Tx, { release, input, plan }: ReadyRelease): Promise<ProblemError> {
    const winners = await this.history.landedSince(
      tx,
      release.environment,
      input.items.map((item) => item.documentId),
      release.createdAt,
    );
    const who = winners.map((winner) => `release ${winner.seq} ${JSON.stringify(winner.title)}`).join(', ');
    const message =
      winners.length > 0
        ? `${release.environment} moved on since this plan was made: ${who} landed; check the plan again`
        : `planHash is not that of the current plan; check the plan again`;
    return new ProblemError(StaleProblem.ofRelease(message, plan.hash, winners));
  }
}

function alreadyLanded({ id, seq, title }: ReleaseRow): ProblemError {
  const winner = { id, seq: seq ?? 0, title };
  return new ProblemError(StaleProblem.ofRelease(`release ${id} has landed already, as ${seq}`, null, [winner]));
}
