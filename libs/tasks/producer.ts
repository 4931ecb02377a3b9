import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Task } from './define-task.js';
import { type Origin, sealEnvelope } from './envelope.js';

/** One job to be added. */
export interface NewJob<Payload> {
  payload: Payload;
  /** While such a job exists, adding it again adds nothing. No colons, not only digits (BullMQ's rules). */
  jobId?: string;
  delayMs?: number;
  /** Absent: the request and the span that are running now. */
  origin?: Origin;
}

/** Redis cannot be reached, so nothing was added. */
export class QueueUnavailable extends Error {
  constructor(queue: string) {
    super(`queue ${queue} cannot be reached: no connection to Redis`);
  }
}

/**
 * Adds jobs to their queues. It fails fast while Redis cannot be reached: a caller that needs certainty keeps the work in
 * MySQL and tries again. It owns its connection, which should be a {@link failFastConnection}.
 */
export class TaskProducer {
  private readonly queues = new Map<string, Queue>();

  constructor(
    private readonly connection: Redis,
    private readonly prefix: string,
    private readonly onError: (error: Error) => void,
  ) {}

  /** @throws InvalidPayload, QueueUnavailable, or an error of Redis */
  async add<Payload>(
    task: Task<Payload>,
    payload: Payload,
    options: Omit<NewJob<Payload>, 'payload'> = {},
  ): Promise<void> {
    const { name, data, opts } = toJob(task, { ...options, payload });
    await this.queue(task.queue).add(name, data, opts);
  }

  /**
   * Adds many jobs in one round trip.
   * @throws InvalidPayload, QueueUnavailable, or what Redis says; some of them may have been added then
   */
  async addAll<Payload>(task: Task<Payload>, jobs: readonly NewJob<Payload>[]): Promise<void> {
    await this.queue(task.queue).addBulk(jobs.map((job) => toJob(task, job)));
  }

  /** @throws QueueUnavailable: BullMQ itself would wait for the connection, however long that takes */
  queue(name: string): Queue {
    if (this.connection.status !== 'ready') throw new QueueUnavailable(name);
    let queue = this.queues.get(name);
    if (!queue) {
      // The version check could fail in an outage and would leave the queue broken for good.
      queue = new Queue(name, { connection: this.connection, prefix: this.prefix, skipVersionCheck: true });
      queue.on('error', this.onError);
      this.queues.set(name, queue);
    }
    return queue;
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.connection.disconnect();
  }
}

function toJob<Payload>(task: Task<Payload>, { payload, jobId, delayMs, origin }: NewJob<Payload>) {
  const opts: JobsOptions = { ...task.jobOptions, ...(jobId ? { jobId } : {}), ...(delayMs ? { delay: delayMs } : {}) };
  const checked = task.parse(payload);
  const bare = task.alsoBare ? { ...checked } : {};
  return { name: task.name, data: { ...bare, ...sealEnvelope(checked, origin) }, opts };
}
