import type { Logger } from '@paddock/runtime';

/** Logs the first failure of a series and the recovery after it, not the failures in between. */
export class FailureLog {
  private beganAt: number | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly what: string,
  ) {}

  failed(error: unknown): void {
    if (this.beganAt !== undefined) return;
    this.beganAt = performance.now();
    this.logger.warn({ err: error }, `${this.what}: failing`);
  }

  recovered(): void {
    if (this.beganAt === undefined) return;
    const lastedMs = Math.round(performance.now() - this.beganAt);
    this.beganAt = undefined;
    this.logger.info({ lastedMs }, `${this.what}: works again`);
  }

  /** Runs `work`; logs a failure and returns `undefined`. For loops that repeat by themselves. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.recovered();
      return result;
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }
}
