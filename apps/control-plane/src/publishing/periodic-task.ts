import { type FailureLog } from './failure-log.js';

/**
 * Runs `work` again and again, `everyMs` after it ended, never twice at once. A failure is logged once and does not
 * end the loop.
 */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = true;
  private succeededAt = -Infinity;

  constructor(
    private readonly everyMs: number,
    private readonly failures: FailureLog,
    private readonly work: () => Promise<unknown>,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Milliseconds since it last succeeded. */
  get sinceSuccessMs(): number {
    return performance.now() - this.succeededAt;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.once();
    }, afterMs);
  }

  private async once(): Promise<void> {
    await this.failures.run(async () => {
      await this.work();
      this.succeededAt = performance.now();
    });
    if (!this.stopped) this.schedule(this.everyMs);
  }
}
