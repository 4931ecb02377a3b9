import { type ConnectionOptions, type Job, UnrecoverableError, Worker, type WorkerOptions } from 'bullmq';
import { continueTrace, createLogger, type Logger, withRequestContext } from '@paddock/runtime';
import type { Task } from './define-task.js';
import { type Origin, openEnvelope } from './envelope.js';
import { InvalidPayload } from './payload.js';
import { type TaskMetrics, type TaskResult, UNKNOWN_TASK } from './task-metrics.js';

/** The job that a run is about. */
export interface RunningJob {
  readonly id: string;
  readonly queue: string;
  readonly task: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly addedAt: Date;
}

/** The context of a run. */
export interface Run<Payload> {
  readonly payload: Payload;
  readonly job: RunningJob;
  /** Says in every line which job and attempt it is about. */
  readonly logger: Logger;
  /** Aborts when the worker closes or the task's time is over. A run that does not listen is waited for, up to its timeout. */
  readonly signal: AbortSignal;
}

/** A task with what runs it. */
export interface TaskRun {
  readonly name: string;
  readonly timeoutMs: number;
  /** @throws InvalidPayload before it runs */
  readonly run: (raw: unknown, context: Omit<Run<unknown>, 'payload'>) => Promise<void>;
}

/** Pairs a task with what runs it. */
export function implementTask<Payload>(task: Task<Payload>, run: (run: Run<Payload>) => Promise<void>): TaskRun {
  const { name, timeoutMs } = task;
  return { name, timeoutMs, run: (raw, context) => run({ ...context, payload: task.parse(raw) }) };
}

/** Settings under which a killed worker's job runs again after about four seconds. */
export const WORKER_DEFAULTS = {
  lockDuration: 5_000,
  stalledInterval: 2_000,
  maxStalledCount: 5,
} satisfies Partial<WorkerOptions>;

/** How a worker connects, and where it reports. */
export interface TaskWorkerOptions {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  /** So many jobs run side by side. */
  readonly concurrency: number;
  readonly onError: (error: Error) => void;
  /** The parent of each run's logger. Absent: runs log nothing. */
  readonly logger?: Logger;
  /** Absent: runs are not counted. */
  readonly metrics?: TaskMetrics;
}

/**
 * Starts a worker for one queue. A payload that is wrong, and a task that is unknown, fail for good at once and stay
 * visible: no retry would change them. Closing the worker aborts the signals of its runs and waits for them.
 */
export function startWorker(queue: string, runs: readonly TaskRun[], options: TaskWorkerOptions): Worker {
  const { connection, prefix, concurrency, onError, metrics, logger = createLogger('tasks', 'silent') } = options;
  const byName = new Map(runs.map((run) => [run.name, run]));
  const running = new Set<AbortController>();
  const worker = new Worker(
    queue,
    async (job) => {
      const task = byName.get(job.name);
      const ended = metrics?.seconds.startTimer({ queue, task: task?.name ?? UNKNOWN_TASK });
      const count = (result: TaskResult) => metrics?.runs.inc({ queue, task: task?.name ?? UNKNOWN_TASK, result });
      try {
        if (!task) throw new UnrecoverableError(`queue ${queue} has no task ${job.name}`);
        await runJob(task, job, logger, running);
        count('completed');
      } catch (error) {
        const final = finalError(job.name, error);
        count(final instanceof UnrecoverableError ? 'refused' : final instanceof TimedOut ? 'timed_out' : 'failed');
        throw final;
      } finally {
        ended?.();
      }
    },
    { ...WORKER_DEFAULTS, connection, prefix, concurrency },
  );
  worker.on('error', onError);
  worker.on('closing', () => {
    for (const run of running) run.abort(new Error(`the worker of queue ${queue} closes`));
  });
  return worker;
}

/** A run took longer than its task allows. */
class TimedOut extends Error {}

async function runJob(task: TaskRun, job: Job, parent: Logger, all: Set<AbortController>): Promise<void> {
  const { payload, ...origin } = openEnvelope(job.data);
  const about: RunningJob = {
    id: job.id ?? '',
    queue: job.queueName,
    task: task.name,
    attempt: job.attemptsMade + 1,
    addedAt: new Date(job.timestamp),
  };
  const { id, queue, attempt } = about;
  const logger = parent.child({ queue, job: id, task: task.name, attempt });
  const controller = new AbortController();
  all.add(controller);
  try {
    await withinTime(task.timeoutMs, controller, (signal) =>
      inOrigin(origin, about, () => task.run(payload, { job: about, logger, signal })),
    );
  } finally {
    all.delete(controller);
  }
}

/** Runs within the request and the trace that the job comes from. Without a trace there is no span: it would be one of its own per job. */
function inOrigin({ requestId, traceparent }: Origin, job: RunningJob, run: () => Promise<void>): Promise<void> {
  const { id, queue, task, attempt } = job;
  const traced = traceparent ? () => continueTrace(traceparent, task, { queue, job: id, attempt }, run) : run;
  return requestId ? withRequestContext({ requestId }, traced) : traced();
}

/** @throws TimedOut, also where the run itself continues: it has lost its job by then */
async function withinTime(
  timeoutMs: number,
  controller: AbortController,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const late = new TimedOut(`took longer than ${timeoutMs} ms`);
    controller.abort(late);
    over.reject(late);
  }, timeoutMs);
  try {
    await Promise.race([run(controller.signal), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A run that can never succeed is not retried. */
function finalError(task: string, error: unknown): unknown {
  return error instanceof InvalidPayload ? new UnrecoverableError(`task ${task}: ${error.message}`) : error;
}
