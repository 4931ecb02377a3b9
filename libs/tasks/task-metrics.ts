import { Counter, FAST_BUCKETS, Histogram, type Registry } from '@paddock/runtime';

/** How a run ended. `refused`: it can never succeed, so it is not tried again. */
export type TaskResult = 'completed' | 'failed' | 'refused' | 'timed_out';

/** The label of jobs whose name no task of the worker has: a job may have any name, and labels stay in memory. */
export const UNKNOWN_TASK = 'unknown';

/** The metrics of workers' runs. One instance per registry. */
export class TaskMetrics {
  readonly runs: Counter<'queue' | 'task' | 'result'>;
  readonly seconds: Histogram<'queue' | 'task'>;

  constructor(registry: Registry) {
    this.runs = new Counter({
      name: 'paddock_task_runs_total',
      help: 'Runs of jobs by task and result: completed, failed, refused (never tried again) or timed_out',
      labelNames: ['queue', 'task', 'result'],
      registers: [registry],
    });
    this.seconds = new Histogram({
      name: 'paddock_task_seconds',
      help: 'Time that a run of a job took, by task',
      labelNames: ['queue', 'task'],
      buckets: FAST_BUCKETS,
      registers: [registry],
    });
  }
}
