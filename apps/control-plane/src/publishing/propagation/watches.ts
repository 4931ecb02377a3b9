import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { subscriberConnection } from '@paddock/tasks';
import { LOGGER, type Logger } from '../../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../../settings.js';
import { hintsChannel, parseHint } from '../change-notifier.js';
import { FailureLog } from '../failure-log.js';
import { Outbox } from '../outbox.js';
import { Watch } from './watch.js';

/** ChangeNotifier may get lost, and Redis may be unreachable: while there are watchers, everything is read again after this time. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Wakes subscriptions: at once on a hint from another process or a landing in this one, and every second in any case.
 * It wakes all of them together, so that they share their reads.
 */
@Injectable()
export class Watches implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly watches = new Map<Watch, string>();
  private readonly failures: FailureLog;
  private timer: NodeJS.Timeout | undefined;
  private redis: Redis | undefined;
  private stopListening: () => unknown = () => undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: ControlPlaneSettings,
    @Inject(LOGGER) logger: Logger,
    private readonly outbox: Outbox,
  ) {
    this.failures = new FailureLog(logger, 'hints for subscriptions');
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.outbox.onWake(() => this.mark());
  }

  beforeApplicationShutdown(): void {
    this.stopListening();
    for (const watch of this.watches.keys()) watch.close();
    this.redis?.disconnect();
  }

  open(environment: string): Watch {
    const watch = new Watch((closed) => this.forget(closed));
    this.watches.set(watch, environment);
    this.timer ??= setInterval(() => this.mark(), LOOK_AGAIN_MS);
    this.redis ??= this.listen();
    return watch;
  }

  private forget(watch: Watch): void {
    this.watches.delete(watch);
    if (this.watches.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private mark(environment?: string): void {
    for (const [watch, watched] of this.watches) if (environment === undefined || watched === environment) watch.mark();
  }

  private listen(): Redis {
    const redis = subscriberConnection(this.settings.redis.url, (error) => this.failures.failed(error));
    redis.on('ready', () => this.failures.recovered());
    redis.on('message', (_channel: string, message: string) => {
      const hint = parseHint(message);
      if (hint) this.mark(hint.environment);
    });
    redis.subscribe(hintsChannel(this.settings.redis.prefix)).catch((error: unknown) => this.failures.failed(error));
    return redis;
  }
}
