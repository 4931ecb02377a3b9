import type { Logger } from '@paddock/runtime';

/** Tells of an outage once when it begins and once when it is over, however often it is met in between. */
export class Outage {
  private beganAt: number | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly what: string,
  ) {}

  met(error: unknown): void {
    if (this.beganAt !== undefined) return;
    this.beganAt = performance.now();
    this.logger.warn({ err: error }, `${this.what}: failing`);
  }

  over(): void {
    if (this.beganAt === undefined) return;
    const lastedMs = Math.round(performance.now() - this.beganAt);
    this.beganAt = undefined;
    this.logger.info({ lastedMs }, `${this.what}: works again`);
  }

  /** Runs `work`; logs a failure and returns `undefined`. For loops that repeat by themselves. */
  async during<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.over();
      return result;
    } catch (error) {
      this.met(error);
      return undefined;
    }
  }
}
