import { Injectable } from '@nestjs/common';
import { formatRef } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Database, type Tx } from '../database/database.js';
import { ProblemError } from '../graphql/problems.js';
import { Environments } from './environments.js';
import { keyedRequest } from './idempotency.js';
import { blockedBy, Landing } from './landing.js';
import type { Plan } from './plan.js';
import { type Pin, Planner, type ReadyRelease } from './planner.js';
import type { ReleaseRow } from './release.entity.js';
import { Releases } from './releases.js';
import { RollbackContext, type RevisionTarget } from './rollback-context.js';
import { rollbackItems } from './rollback-items.js';

export interface RollbackRequest {
  id: string;
  /** Documents that stay as later releases made them; absent until the operator has seen the overlaps. */
  keep: string[] | undefined;
  reason: string;
  idempotencyKey: string;
}

export interface DocumentRollbackRequest extends RevisionTarget {
  reason: string;
  idempotencyKey: string;
}

/** Takes releases back by landing new ones. A rollback can be rolled back like any other release. */
@Injectable()
export class Rollback {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
    private readonly releases: Releases,
    private readonly context: RollbackContext,
    private readonly planner: Planner,
    private readonly landing: Landing,
  ) {}

  async release(actor: Actor, request: RollbackRequest): Promise<ReleaseRow> {
    const keyed = keyedRequest(actor, 'rollbackRelease', request);
    const reverted = await this.context.landed(actor, request.id);
    await this.releases.authorize(actor, 'release:publish', reverted);
    await this.context.checkKeep(actor, reverted, request.keep);
    return this.landing.land({
      ...{ actor, keyed, environment: reverted.environment, action: 'release.rolled-back', reason: request.reason },
      prepare: async (tx, { now }) => {
        const { pins, gates } = rollbackItems(await this.context.items(tx, reverted), request.keep);
        if (gates.length > 0) throw new ProblemError(blockedBy(gates, reverted.environment));
        const title = `Roll back ${reverted.seq}: ${reverted.title}`.slice(0, 300);
        return this.ready(
          tx,
          actor,
          { environment: reverted.environment, title, reason: request.reason, revertsId: reverted.id, pins },
          now,
        );
      },
    });
  }

  /** The plan of a rollback, as the actor may see it; overlapping later releases are gates. Changes nothing. */
  async plan(actor: Actor, id: string, keep: string[] | undefined): Promise<Plan> {
    const reverted = await this.context.landed(actor, id);
    await this.context.checkKeep(actor, reverted, keep);
    const { pins, gates } = rollbackItems(await this.context.items(this.db.manager, reverted), keep);
    const plan = await this.planner.plan(
      this.db.manager,
      { id: reverted.id, environment: reverted.environment, type: 'ROLLBACK', pins },
      new Date(),
    );
    return this.planner.seenBy(actor, {
      ...plan,
      gates: [...gates, ...plan.gates.filter((gate) => gate.code !== 'EMPTY_RELEASE')],
    });
  }

  async document(actor: Actor, request: DocumentRollbackRequest): Promise<ReleaseRow> {
    const keyed = keyedRequest(actor, 'rollbackDocument', request);
    const { environment, documentId, toRevision: revision, reason } = request;
    this.releases.authorizeAll(actor, 'release:publish', environment, []);
    await this.environments.findOrThrow(this.db.manager, environment);
    const document = await this.context.document(actor, request);
    this.releases.authorizeAll(actor, 'release:publish', environment, [document]);
    return this.landing.land({
      ...{ actor, keyed, environment, action: 'document.rolled-back', reason },
      prepare: async (tx, { now }) => {
        await this.context.assertDiffers(tx, request, { kind: document.kind, site: document.site, key: document.key });
        const title = `Roll back ${formatRef(document)} to revision ${revision}`;
        return this.ready(
          tx,
          actor,
          { environment, title, reason, revertsId: null, pins: [{ documentId, op: 'PUT', revision }] },
          now,
        );
      },
    });
  }

  private async ready(
    tx: Tx,
    actor: Actor,
    rollback: { environment: string; title: string; reason: string; revertsId: string | null; pins: Pin[] },
    now: Date,
  ): Promise<ReadyRelease> {
    const release = await this.releases.insert(tx, actor, { ...rollback, type: 'ROLLBACK' });
    return this.planner.ready(tx, release, now);
  }
}
