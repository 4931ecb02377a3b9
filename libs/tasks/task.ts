import {
  type ConnectionOptions,
  type JobsOptions,
  Queue,
  UnrecoverableError,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * A kind of work that travels through BullMQ: its queue, its payload, and the guard that both ends run on it, so that
 * a job written by an older or newer release is refused with a reason instead of half understood.
 */
export interface Task<Payload> {
  readonly queue: string;
  readonly name: string;
  /** The next message replaces this one: it is not retried, and not kept where it fails. */
  readonly transient?: true;
  /** @throws Error saying what is wrong with the payload */
  readonly parse: (payload: unknown) => Payload;
}

export function defineTask<Payload>(task: Task<Payload>): Task<Payload> {
  return task;
}

/** One job to be added. The same `jobId` while such a job exists adds nothing. No colons, not only digits (BullMQ's rules). */
export interface NewJob<Payload> {
  payload: Payload;
  jobId?: string;
  delayMs?: number;
}

/** Redis is away, so nothing was added. */
export class QueueUnavailable extends Error {
  constructor(queue: string) {
    super(`queue ${queue} cannot be reached: no connection to Redis`);
  }
}

/**
 * Adds tasks to their queues. Fails fast when Redis is away: who needs certainty keeps the work in MySQL and tries again.
 * It owns its connection, which should be a {@link failFastConnection}.
 */
export class TaskProducer {
  private readonly queues = new Map<string, Queue>();

  constructor(
    private readonly connection: Redis,
    private readonly prefix: string,
    private readonly onError: (error: Error) => void,
  ) {}

  /** @throws QueueUnavailable, or what Redis says */
  async add<Payload>(
    task: Task<Payload>,
    payload: Payload,
    options: Omit<NewJob<Payload>, 'payload'> = {},
  ): Promise<void> {
    await this.queue(task.queue).add(task.name, task.parse(payload), jobOptions(task, options));
  }

  /**
   * Adds many jobs in one round trip.
   * @throws QueueUnavailable, or what Redis says; some of them may have been added then
   */
  async addAll<Payload>(task: Task<Payload>, jobs: readonly NewJob<Payload>[]): Promise<void> {
    await this.queue(task.queue).addBulk(
      jobs.map((job) => ({ name: task.name, data: task.parse(job.payload), opts: jobOptions(task, job) })),
    );
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

function jobOptions(
  { transient }: { transient?: true },
  { jobId, delayMs }: { jobId?: string; delayMs?: number },
): JobsOptions {
  const own = { ...(jobId ? { jobId } : {}), ...(delayMs ? { delay: delayMs } : {}) };
  if (transient) return { ...own, attempts: 1, removeOnComplete: true, removeOnFail: true };
  return {
    ...own,
    attempts: 5,
    backoff: { type: 'exponential', delay: 200, jitter: 0.5 },
    // A kept job would swallow a later one with its id; what happened stands in MySQL.
    removeOnComplete: true,
    removeOnFail: { age: 7 * 24 * 3600, count: 1000 },
  };
}

/** What runs one task; its payload is parsed before it runs. */
export interface TaskRun {
  readonly name: string;
  readonly run: (payload: unknown) => Promise<void>;
}

/** Pairs a task with what runs it. A payload that does not parse fails for good: no retry would mend it. */
export function implementTask<Payload>(task: Task<Payload>, run: (payload: Payload) => Promise<void>): TaskRun {
  return {
    name: task.name,
    run: (raw) => run(parseOrGiveUp(task, raw)),
  };
}

function parseOrGiveUp<Payload>(task: Task<Payload>, raw: unknown): Payload {
  try {
    return task.parse(raw);
  } catch (error) {
    throw new UnrecoverableError(`task ${task.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Settings under which a killed worker's job runs again after about four seconds. */
export const WORKER_DEFAULTS = {
  lockDuration: 5_000,
  stalledInterval: 2_000,
  maxStalledCount: 5,
} satisfies Partial<WorkerOptions>;

/** Starts a worker for one queue. Unknown task names fail for good and stay visible. */
export function startWorker(
  queue: string,
  runs: TaskRun[],
  options: { connection: ConnectionOptions; prefix: string; concurrency: number; onError: (error: Error) => void },
): Worker {
  const byName = new Map(runs.map((run) => [run.name, run]));
  const worker = new Worker(
    queue,
    async (job) => {
      const found = byName.get(job.name);
      if (!found) throw new UnrecoverableError(`queue ${queue} has no task ${job.name}`);
      await found.run(job.data);
    },
    { ...WORKER_DEFAULTS, connection: options.connection, prefix: options.prefix, concurrency: options.concurrency },
  );
  worker.on('error', options.onError);
  return worker;
}
