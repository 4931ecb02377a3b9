import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Worker } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  TaskProducer,
  type TaskRun,
  workerConnection,
} from '@paddock/tasks';
import { HEALTH, type Health, LOGGER, type Logger } from '../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { Canary } from './canary.js';
import { Deliveries } from './deliveries.js';
import { DELIVERIES_QUEUE, deliveryTask } from './delivery-task.js';
import { PublishingMetrics } from './metrics.js';
import { FailureLog } from './failure-log.js';
import { ReceiptWriter } from './receipts/receipt-writer.js';

/** Environments that are brought up side by side; within one, deliveries wait for each other. */
const DELIVERIES_AT_ONCE = 8;
/** Many, because they are written in batches. */
const RECEIPTS_AT_ONCE = 200;
const JOB_STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
/** Jobs that take longer are left to the worker that finds them stalled. */
const CLOSING_MS = 3_000;

/** The BullMQ side of the worker process. */
@Injectable()
export class QueueWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly canaries = [new Canary(DELIVERIES_QUEUE), new Canary(RECEIPTS_QUEUE)];
  private workers: Worker[] = [];
  private readonly deadLetters = new Map<string, number>();

  constructor(
    @Inject(SETTINGS) private readonly settings: ControlPlaneSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) health: Health,
    private readonly producer: TaskProducer,
    private readonly deliveries: Deliveries,
    private readonly receipts: ReceiptWriter,
    private readonly metrics: PublishingMetrics,
  ) {
    health.register('queues', () => ({
      ok: this.canaries.every(({ isHealthy }) => isHealthy),
      silent: this.canaries.filter(({ isHealthy }) => !isHealthy).map(({ queue }) => queue),
      deadLetters: Object.fromEntries(this.deadLetters),
    }));
  }

  onApplicationBootstrap(): void {
    this.workers = [
      this.start(DELIVERIES_QUEUE, DELIVERIES_AT_ONCE, [
        implementTask(deliveryTask, ({ payload }) => this.deliveries.deliver(payload)),
      ]),
      this.start(RECEIPTS_QUEUE, RECEIPTS_AT_ONCE, [
        implementTask(receiptTask, ({ payload }) => this.receipts.receipt(payload)),
        implementTask(heartbeatTask, ({ payload }) => this.receipts.heartbeat(payload)),
      ]),
    ];
  }

  async beforeApplicationShutdown(): Promise<void> {
    const closed = Promise.all(this.workers.map((worker) => worker.close()));
    await Promise.race([closed, delay(CLOSING_MS, undefined, { ref: false })]);
  }

  /** Sends a canary through every queue. */
  async sendCanaries(): Promise<void> {
    await Promise.all(this.canaries.map((canary) => canary.send(this.producer)));
  }

  /** How many jobs each queue has, by state. Finally failed jobs are kept for an operator; they block no other job. */
  async countJobs(): Promise<void> {
    for (const { queue } of this.canaries) {
      const counts = await this.producer.queue(queue).getJobCounts(...JOB_STATES);
      for (const state of JOB_STATES) this.metrics.jobs.set({ queue, state }, counts[state] ?? 0);
      this.deadLetters.set(queue, counts['failed'] ?? 0);
      this.metrics.deadLetters.set({ queue }, counts['failed'] ?? 0);
    }
  }

  private start(queue: string, concurrency: number, runs: TaskRun[]): Worker {
    const failures = new FailureLog(this.logger, `queue ${queue}`);
    const canary = this.canaries.find((one) => one.queue === queue);
    const worker = startWorker(queue, canary ? [...runs, canary.run] : runs, {
      connection: workerConnection(this.settings.redis.url),
      prefix: this.settings.redis.prefix,
      concurrency,
      onError: (error) => failures.failed(error),
      logger: this.logger,
      metrics: this.metrics.tasks,
    });
    worker.on('completed', () => failures.recovered());
    worker.on('failed', (job, error) => {
      this.metrics.failedJobs.inc({ queue });
      this.logger.warn({ queue, job: job?.id, name: job?.name, attempt: job?.attemptsMade, err: error }, 'job failed');
    });
    return worker;
  }
}
