import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Gauge, type Registry } from '@paddock/runtime';
import { HEALTH, type Health, LOGGER, type Logger, METRICS } from '../../process.js';
import { FailureLog } from '../../publishing/failure-log.js';
import { PeriodicTask } from '../../publishing/periodic-task.js';
import { HeadSigner } from './head-signer.js';

/** An entry is signed so long after it was written, at the latest. */
const EVERY_MS = 1_000;

/** Keeps the {@link HeadSigner} signing. Tampering stops no other work: it is logged, and shown by a gauge and `/readyz`. */
@Injectable()
export class AuditSigningRoutine implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly routine: PeriodicTask;
  private trouble: string | undefined;

  constructor(
    private readonly signer: HeadSigner,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) health: Health,
    @Inject(METRICS) registry: Registry,
  ) {
    this.routine = new PeriodicTask(EVERY_MS, new FailureLog(logger, 'signing of the audit log'), () => this.sign());
    health.tell('audit', () =>
      signer.signs ? (this.trouble ?? 'signed') : 'not signed: AUDIT_SIGNING_KEY is not set',
    );
    const { routine } = this;
    new Gauge({
      name: 'paddock_audit_signed_age_seconds',
      help: 'Seconds since everything in the audit log was signed; grows while signing fails or the log was tampered with; -1 before',
      registers: [registry],
      collect() {
        this.set(Number.isFinite(routine.sinceSuccessMs) ? routine.sinceSuccessMs / 1_000 : -1);
      },
    });
  }

  onApplicationBootstrap(): void {
    if (this.signer.signs) this.routine.start();
    else this.logger.info('the audit log is not signed: AUDIT_SIGNING_KEY is not set');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.routine.stop();
  }

  private async sign(): Promise<void> {
    try {
      await this.signer.sign();
      this.trouble = undefined;
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }
}
