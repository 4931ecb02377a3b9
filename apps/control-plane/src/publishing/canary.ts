import { defineTask, implementTask, object, type TaskProducer, type TaskRun } from '@paddock/tasks';

/** A worker in which no canary finished for so long is unhealthy, even if its connection is up. */
const SILENCE_MS = 15_000;

/**
 * Shows that a queue's worker in this process really finishes jobs: one harmless job a second goes through the queue.
 * With several workers each gets its share of them.
 */
export class Canary {
  private readonly task;
  private finishedAt = -Infinity;

  constructor(readonly queue: string) {
    this.task = defineTask({ queue, name: 'canary', payload: object({}), transient: true });
  }

  /** For the queue's worker. */
  get run(): TaskRun {
    return implementTask(this.task, () => {
      this.finishedAt = performance.now();
      return Promise.resolve();
    });
  }

  /** Sends one. */
  send(producer: TaskProducer): Promise<void> {
    return producer.add(this.task, {});
  }

  get isHealthy(): boolean {
    return performance.now() - this.finishedAt < SILENCE_MS;
  }
}
