import { continuesFrom } from '@paddock/contracts';
import {
  type ConfigPosition,
  type LiveConfig,
  ReceiptOutbox,
  ReceiptReporter,
  RedisSource,
} from '@paddock/live-config';
import type { Logger } from '@paddock/runtime';
import { failFastConnection, TaskProducer } from '@paddock/tasks';
import { FOLLOWED_KINDS } from './definitions-of.js';

const CHECK_MS = 200;

export interface BackfillOptions {
  environment: string;
  instance: string;
  redis: { url: URL; prefix: string };
  logger: Logger;
  config: Pick<LiveConfig, 'proved' | 'refusalsIn'>;
  /** Metrics whose newest definition is not computed for all windows yet. */
  catchingUp: () => readonly string[];
}

/**
 * Sends a receipt when every metric that a release changed is computed for the time before the release. Applied and
 * caught up are different facts, so they have receipts of different consumers: `analytics` and `analytics-backfill`.
 */
export class BackfillReceipts {
  private readonly producer: TaskProducer;
  private readonly reporter: ReceiptReporter;
  private readonly source: RedisSource;
  private readonly connection: ReturnType<typeof failFastConnection>;
  private timer: NodeJS.Timeout | undefined;
  private standing: ConfigPosition | undefined;
  private checking = false;

  constructor(private readonly options: BackfillOptions) {
    const { redis, environment, instance, logger } = options;
    const onError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    this.connection = failFastConnection(redis.url, onError);
    this.source = new RedisSource(this.connection, redis.prefix, environment);
    this.producer = new TaskProducer(failFastConnection(redis.url, onError), redis.prefix, onError);
    // A separate job name, because waiting heartbeats of the same name replace each other.
    const standings = () => (this.standing ? [{ environment, ...this.standing }] : []);
    this.reporter = new ReceiptReporter({
      consumer: 'analytics-backfill',
      instance: `${instance}-backfill`,
      logger,
      standings,
      producer: this.producer,
      outbox: new ReceiptOutbox(this.producer, logger),
    });
  }

  /** The newest release whose metrics are all computed. */
  get caughtUpSeq(): number | undefined {
    return this.standing?.seq;
  }

  start(): void {
    this.reporter.start();
    this.timer = setInterval(() => void this.check(), CHECK_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.reporter.stop();
    this.connection.disconnect();
    await this.producer.close();
  }

  private async check(): Promise<void> {
    const position = this.options.config.proved;
    const reported = this.standing;
    if (
      this.checking ||
      !position ||
      (reported?.epoch === position.epoch && reported.seq === position.seq && reported.stateHash === position.stateHash)
    )
      return;
    if (this.options.catchingUp().length > 0) return;
    this.checking = true;
    try {
      const changes =
        reported?.epoch === position.epoch
          ? await this.source.changes(reported.seq + 1, position.seq).catch(() => null)
          : null;
      this.standing = position;
      const { environment } = this.options;
      const concerns = (kind: string): boolean => FOLLOWED_KINDS.some((followed) => followed === kind);
      if (!reported || !changes || !continuesFrom(reported, changes)) this.reporter.caughtUp(environment, position);
      else {
        // Refused documents are never computed; the consumer `analytics` reports the rejection.
        const computed = changes.filter(
          (change) =>
            change.items.some(({ kind }) => concerns(kind)) && this.options.config.refusalsIn(change) === undefined,
        );
        this.reporter.applied(environment, computed, Date.now());
      }
    } finally {
      this.checking = false;
    }
  }
}
