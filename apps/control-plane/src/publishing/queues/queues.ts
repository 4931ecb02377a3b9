import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { QUEUES } from '@paddock/contracts';
import { isUnreachable } from '@paddock/runtime';
import { openEnvelope, QueueUnavailable, TaskProducer } from '@paddock/tasks';
import type { Actor } from '../../access/actor.js';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];
export const QUEUE_NAMES: readonly QueueName[] = Object.values(QUEUES);

/** How many jobs of a queue are in which state. */
export interface QueueDepth {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}

/** A job that failed for good, kept for seven days. */
export interface DeadJob {
  id: string;
  name: string;
  reason: string;
  attempts: number;
  payload: unknown;
  addedAt: Date;
  failedAt: Date | null;
}

/** The queues, as operators see them. */
@Injectable()
export class Queues {
  constructor(
    private readonly producer: TaskProducer,
    private readonly db: Database,
    private readonly audit: Audit,
  ) {}

  /** `null` while Redis cannot be reached. */
  async depth(name: QueueName): Promise<QueueDepth | null> {
    return whileReachable(async () => {
      const counts = await this.producer.queue(name).getJobCounts('wait', 'active', 'delayed', 'failed');
      const { wait = 0, active = 0, delayed = 0, failed = 0 } = counts;
      return { waiting: wait, active, delayed, failed };
    });
  }

  /** The newest first. */
  async dead(name: QueueName, offset: number, limit: number): Promise<DeadJob[] | null> {
    return whileReachable(async () => {
      const jobs = await this.producer.queue(name).getFailed(offset, offset + limit - 1);
      return jobs.map(toDeadJob);
    });
  }

  /** Lets a dead job run again, with all its attempts. */
  retry(actor: Actor, name: QueueName, id: string): Promise<DeadJob> {
    return this.change(actor, 'job.retried', name, id, (job) => job.retry('failed', { resetAttemptsMade: true }));
  }

  /** Removes a dead job. Its work is stored in MySQL; a delivery is repeated automatically. */
  remove(actor: Actor, name: QueueName, id: string): Promise<DeadJob> {
    return this.change(actor, 'job.removed', name, id, (job) => job.remove());
  }

  /**
   * The entry is written before the job is changed, and taken back where that fails. The two are no one transaction: a
   * commit that fails afterwards leaves a changed job without an entry.
   */
  private async change(
    actor: Actor,
    action: string,
    name: QueueName,
    id: string,
    work: (job: Job) => Promise<unknown>,
  ): Promise<DeadJob> {
    const job = await this.findDeadOrThrow(name, id);
    const shown = toDeadJob(job);
    const details = { queue: name, job: id, name: shown.name, reason: shown.reason };
    await this.db.tx(async (tx) => {
      await this.audit.append(tx, {
        actor,
        action,
        targetType: 'job',
        targetId: `${name}/${id}`.slice(0, 200),
        details,
      });
      // The lock of the audit log admits one operator at a time: another operator may have handled the job before.
      if (!(await job.isFailed())) throw noFailedJob(name, id);
      await work(job);
    });
    return shown;
  }

  /** @throws ProblemError where the job does not exist, or has not failed */
  private async findDeadOrThrow(name: QueueName, id: string): Promise<Job> {
    const job = await whileReachable(() => this.producer.queue(name).getJob(id));
    if (job === null) {
      const message = 'the queues cannot be reached at this moment; try again';
      throw new ProblemError(new ValidationProblem([new FieldProblem('queue', 'UNAVAILABLE', message)]));
    }
    if (!job || !(await job.isFailed())) throw noFailedJob(name, id);
    return job;
  }
}

function noFailedJob(name: QueueName, id: string): ProblemError {
  return new ProblemError(
    new NotFoundProblem(`id: there is no failed job ${JSON.stringify(id.slice(0, 60))} in ${name}`),
  );
}

function toDeadJob({ id, name, failedReason, attemptsMade, data, timestamp, finishedOn }: Job): DeadJob {
  return {
    id: id ?? '',
    name,
    reason: failedReason ?? '',
    attempts: attemptsMade,
    payload: payloadOf(data),
    addedAt: new Date(timestamp),
    failedAt: finishedOn === undefined ? null : new Date(finishedOn),
  };
}

/** The payload of a job without its envelope; the whole data if this version cannot open the envelope. */
function payloadOf(data: unknown): unknown {
  try {
    return openEnvelope(data).payload;
  } catch {
    return data;
  }
}

async function whileReachable<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    // The connection may end after the queue was found to be there.
    if (error instanceof QueueUnavailable || isUnreachable(error)) return null;
    throw error;
  }
}
