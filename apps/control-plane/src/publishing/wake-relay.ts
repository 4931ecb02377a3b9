import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER, type Logger } from '../process.js';
import { FailureLog } from './failure-log.js';
import { Outbox } from './outbox.js';
import { Relay } from './relay.js';

/**
 * Relays the commits of this process at once. Wake-ups during a pass lead to one more pass. Rows that it cannot relay
 * are left to the worker's sweep.
 */
@Injectable()
export class WakeRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly failures: FailureLog;
  private stopListening = (): unknown => undefined;
  private relaying: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly relay: Relay,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.failures = new FailureLog(logger, 'relay');
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.outbox.onWake(() => this.wake());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopListening();
    await this.relaying;
  }

  private wake(): void {
    this.again = true;
    this.relaying ??= this.passes().finally(() => (this.relaying = undefined));
  }

  private async passes(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.failures.run(() => this.relay.relayNew());
    }
  }
}
