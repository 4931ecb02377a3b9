import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER, type Logger } from '../process.js';
import { FailureLog } from '../publishing/failure-log.js';
import { PeriodicTask } from '../publishing/periodic-task.js';
import { Scheduler } from './scheduler.js';

/** Maximum delay of a scheduled release in normal operation. */
const EVERY_MS = 500;

/** Keeps the {@link Scheduler} looking. A question to an index twice a second; no queue that could lose a schedule. */
@Injectable()
export class SchedulerRoutine implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly routine: PeriodicTask;

  constructor(scheduler: Scheduler, @Inject(LOGGER) logger: Logger) {
    this.routine = new PeriodicTask(EVERY_MS, new FailureLog(logger, 'scheduled releases'), () =>
      scheduler.fireDue(logger),
    );
  }

  onApplicationBootstrap(): void {
    this.routine.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.routine.stop();
  }
}
