import { Injectable } from '@nestjs/common';
import { advanceStateHash } from '@paddock/contracts';
import { crashPoint } from '@paddock/runtime';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import { Audit } from '../audit/audit.js';
import { Database, type Tx } from '../database/database.js';
import { Listing } from '../documents/listing/listing.js';
import { BlockedProblem, Gate, ProblemError } from '../graphql/problems.js';
import { Outbox } from '../publishing/outbox.js';
import { Environments, type LockedEnvironment } from './environments.js';
import { Idempotency, type KeyedRequest } from './idempotency.js';
import type { PlanGate, PlanInput } from './plan.js';
import { gatesForReader } from './plan-for-reader.js';
import type { ReadyRelease } from './planner.js';
import { EnvironmentRow, ReleaseRow } from './release.entity.js';
import { ReleaseMetrics } from './release-metrics.js';

/** One attempt to make something live. */
export interface LandingRequest {
  actor: Actor;
  environment: string;
  /** Absent for scheduled releases: their row says whether they have landed. */
  keyed?: KeyedRequest;
  /** Action of the audit entry: `release.published`. */
  action: string;
  reason: string;
  /**
   * Under the lock: makes or reads the release and plans it. @throws ProblemError when it may not land; nothing is
   * stored
   */
  prepare(tx: Tx, environment: LockedEnvironment): Promise<ReadyRelease>;
}

/**
 * The only code that makes a release live. Publish, rollback, schedule and auto-rollback all end here, so each gets
 * the same lock, gates, seq, deliveries and audit row in one transaction. No queue and no network inside.
 */
@Injectable()
export class Landing {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
    private readonly idempotency: Idempotency,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly metrics: ReleaseMetrics,
    private readonly listing: Listing,
  ) {}

  /**
   * @returns the landed release; the same one again for a repeated request
   * @throws ProblemError with every gate, or with what `prepare` found
   */
  async land(request: LandingRequest): Promise<ReleaseRow> {
    const { release, repeated } = await this.transact(request);
    crashPoint('land:after-commit');
    if (!repeated) this.metrics.landed(release);
    this.outbox.wake();
    return release;
  }

  private async transact(request: LandingRequest): Promise<{ release: ReleaseRow; repeated: boolean }> {
    try {
      return await this.db.tx(async (tx) => {
        const environment = await this.environments.lock(tx, request.environment);
        const repeated = await this.repeated(tx, request);
        if (repeated) return { release: repeated, repeated: true };
        const ready = await request.prepare(tx, environment);
        if (ready.plan.gates.length > 0) throw new ProblemError(blockedBy(ready.plan.gates, request.environment));
        const landed = await this.makeLive(tx, request, environment, ready);
        crashPoint('land:before-commit');
        return { release: landed, repeated: false };
      });
    } catch (error) {
      // A connection that breaks during COMMIT leaves the outcome unknown; the key knows it.
      const landed =
        error instanceof ProblemError
          ? undefined
          : await this.repeated(this.db.manager, request).catch(() => undefined);
      if (landed) return { release: landed, repeated: false };
      throw error;
    }
  }

  private async repeated(manager: Tx, { keyed }: LandingRequest): Promise<ReleaseRow | undefined> {
    const releaseId = keyed && (await this.idempotency.find(manager, keyed));
    return releaseId ? manager.findOneByOrFail(ReleaseRow, { id: releaseId }) : undefined;
  }

  private async makeLive(
    tx: Tx,
    { actor, keyed, action, reason }: LandingRequest,
    { row: environment, now }: LockedEnvironment,
    { release, input, plan }: ReadyRelease,
  ): Promise<ReleaseRow> {
    const seq = environment.headSeq + 1;
    const stateHash = advanceStateHash(
      environment.stateHash,
      input.items.map((item) => ({
        ref: item.ref,
        before: item.live?.sha256 ?? null,
        after: item.pinned?.sha256 ?? null,
      })),
    );
    const landed = { seq, stateHash, state: 'LANDED', landedAt: now, landedBy: actor.id, pausedBecause: null } as const;
    await tx.update(ReleaseRow, release.id, landed);
    await this.numberItems(tx, release.id, seq, input);
    await this.listing.landed(tx, { environment: environment.name, seq, author: actor.id, landedAt: now }, input.items);
    await tx.update(EnvironmentRow, environment.name, { headSeq: seq, stateHash });
    await this.outbox.write(tx, { environment: environment.name, topic: 'release', version: seq });
    if (keyed) await this.idempotency.remember(tx, keyed, release.id);
    await this.audit.append(tx, {
      actor,
      action,
      targetType: 'release',
      targetId: release.id,
      details: { environment: environment.name, seq, type: release.type, planHash: plan.hash, stateHash, reason },
    });
    return Object.assign(release, landed);
  }

  /** Gives the items the release's seq, and remembers what each of them replaced. */
  private async numberItems(tx: Tx, releaseId: string, seq: number, input: PlanInput): Promise<void> {
    await tx.query(
      `UPDATE release_item i
       LEFT JOIN (
         SELECT live.document_id, live.revision FROM release_item live
         JOIN (
           SELECT document_id, MAX(seq) AS seq FROM release_item
           WHERE environment = ? AND seq < ? AND document_id IN (SELECT document_id FROM release_item WHERE release_id = ?)
           GROUP BY document_id
         ) newest ON newest.document_id = live.document_id AND newest.seq = live.seq
         WHERE live.environment = ?
       ) before_it ON before_it.document_id = i.document_id
       SET i.seq = ?, i.previous_revision = before_it.revision
       WHERE i.release_id = ?`,
      [input.environment, seq, releaseId, input.environment, seq, releaseId],
    );
  }
}

/** The problem with all gates of a plan, reduced to what the caller may read. */
export function blockedBy(gates: readonly PlanGate[], environment: string): BlockedProblem {
  const shown = (some: readonly PlanGate[]) => some.map((gate) => Gate.of(gate));
  return new BlockedProblem(shown(gates), (actor) => {
    return shown(gatesForReader(gates, { document: (ref) => mayRead(actor, { ...ref, environment }) }));
  });
}
