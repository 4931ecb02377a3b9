import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HEALTH, type Health, LOGGER, type Logger } from './process.js';
import { BlobSweep } from './publishing/artefacts/blob-sweep.js';
import { Watchdog } from './publishing/artefacts/watchdog.js';
import { FailureLog } from './publishing/failure-log.js';
import { QueueWorkers } from './publishing/queue-workers.js';
import { ReceiptPruning } from './publishing/receipts/receipt-pruning.js';
import { PeriodicTask } from './publishing/periodic-task.js';
import { Sweeper } from './publishing/sweeper.js';
import { ListingBackfill } from './releases/listing-backfill.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** An outbox that nobody swept for so long makes the worker not ready. */
const SWEEP_SILENCE_MS = 5 * SECOND;

/** What the worker does again and again. Plain timers: they need nothing but this process, and Redis cannot lose them. */
@Injectable()
export class WorkerRoutines implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly routines: PeriodicTask[];

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) health: Health,
    queues: QueueWorkers,
    sweeper: Sweeper,
    watchdog: Watchdog,
    blobs: BlobSweep,
    receipts: ReceiptPruning,
    listing: ListingBackfill,
  ) {
    const sweep = this.every(SECOND, 'outbox sweep', () => sweeper.sweep());
    this.routines = [
      sweep,
      this.every(SECOND, 'canaries', () => queues.sendCanaries()),
      this.every(5 * SECOND, 'count of jobs', () => queues.countJobs()),
      this.every(2 * SECOND, 'watchdog', () => watchdog.look()),
      this.every(SECOND / 2, 'handling of rejections', () => watchdog.handleRejections()),
      this.every(5 * SECOND, 'comparison of settings', () => watchdog.compareSettings()),
      this.every(30 * SECOND, 'sampling of artefacts', () => watchdog.sample()),
      this.every(10 * MINUTE, 'verification of artefacts', () => watchdog.verify()),
      this.every(10 * MINUTE, 'completion of the document listing', () => listing.run()),
      this.every(HOUR, 'sweep of blobs', () => blobs.daily()),
      this.every(HOUR, 'pruning of the outbox', () => sweeper.prune()),
      this.every(HOUR, 'pruning of receipts', () => receipts.run()),
    ];
    health.register('outbox', () => ({
      ok: sweep.sinceSuccessMs < SWEEP_SILENCE_MS,
      sweptMsAgo: Number.isFinite(sweep.sinceSuccessMs) ? Math.round(sweep.sinceSuccessMs) : null,
    }));
  }

  onApplicationBootstrap(): void {
    for (const routine of this.routines) routine.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.routines.map((routine) => routine.stop()));
  }

  private every(ms: number, name: string, work: () => Promise<unknown>): PeriodicTask {
    return new PeriodicTask(ms, new FailureLog(this.logger, name), work);
  }
}
