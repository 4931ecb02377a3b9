import { mkdir } from 'node:fs/promises';
import { artefactKeys, type LandedChange } from '@paddock/contracts';
import type { Logger } from '@paddock/runtime';
import { failFastConnection, subscriberConnection, TaskProducer } from '@paddock/tasks';
import type { ConfigPosition, ConfigState } from './config-state.js';
import { DocumentTarget } from './document-target.js';
import { Follower } from './follower.js';
import type { Apply } from './refused-documents.js';
import { ReceiptOutbox } from './receipt-outbox.js';
import { ReceiptReporter } from './receipt-reporter.js';
import { RedisSource } from './redis-source.js';
import { RedisWatch } from './redis-watch.js';

/** What a consumer follows, and how it applies it. */
export interface LiveConfigOptions {
  /** The environment whose releases are followed. */
  environment: string;
  /** The kinds that concern this consumer, as they are named on the wire; releases without them are SKIPPED. */
  kinds: readonly string[];
  /** The class of consumer, as it appears in receipts: `odds`. */
  consumer: string;
  /** See `instanceId`. */
  instance: string;
  redis: { url: URL; prefix: string };
  /** Where the last known good state is kept; one folder per instance. */
  stateDir: string;
  pollMs: number;
  logger: Logger;
  /**
   * Applies a state, all of it or nothing. Called once at a time: first with the state on disk, then with the state after
   * every release. Where documents are at fault it throws {@link RefusedDocuments}, and is called again with the last good
   * version of these, or without them, so that they block nothing else. Any other error becomes the reason of a REJECTED
   * receipt, and the state before stays in force. Refused documents are tried again from time to time, because the reason
   * may lie outside.
   */
  apply: Apply;
}

/** How a consumer stands, for its health check. */
export interface ConfigStanding {
  /** The newest release without a refused document; absent before the first. */
  readonly seq?: number;
  /** Since when upstream has not answered, in epoch milliseconds. */
  readonly heardAt: number | undefined;
  /** Why the head is not reached; else the newest release with a document that is still refused. */
  readonly rejection: { readonly seq: number; readonly reason: string } | undefined;
  /** The live documents that are refused here, and why; their last good versions stay in force. */
  readonly leftOut?: string;
}

/**
 * Follows the live config of one environment: what a consumer other than an edge needs. It starts from disk when Redis
 * is unreachable, and keeps a {@link DocumentTarget} at the head by a {@link Follower}. The control plane gets a receipt
 * for every release: APPLIED, REJECTED or SKIPPED.
 */
export class LiveConfig {
  private readonly target: DocumentTarget;
  private readonly follower: Follower<unknown>;
  private readonly watch: RedisWatch;
  private readonly producer: TaskProducer;
  private readonly reporter: ReceiptReporter;
  private outage: string | undefined;

  private constructor(private readonly options: LiveConfigOptions) {
    const { environment, redis, logger, consumer, instance, pollMs } = options;
    const onError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    const reader = failFastConnection(redis.url, onError);
    const source = new RedisSource(reader, redis.prefix, environment);
    this.producer = new TaskProducer(failFastConnection(redis.url, onError), redis.prefix, onError);
    this.reporter = new ReceiptReporter({
      consumer,
      instance,
      logger,
      standings: () => (this.proved ? [{ environment, ...this.proved }] : []),
      producer: this.producer,
      outbox: new ReceiptOutbox(this.producer, logger),
    });
    const healed = (epoch: string, seqs: readonly number[]): void => this.reporter.healed(environment, epoch, seqs);
    const target = new DocumentTarget({ ...options, source, healed });
    this.target = target;
    const follower = new Follower({ environment, consumer, source, target, reporter: this.reporter, logger });
    this.follower = follower;
    this.watch = new RedisWatch(
      { reader, subscriber: subscriberConnection(redis.url, onError) },
      {
        pollMs,
        check: () => follower.pull(),
        heard: () => void follower.hear().catch((error: unknown) => this.note(error)),
        ended: (error) => this.note(error),
      },
    );
  }

  /** Applies the state on disk, if there is one, and begins to follow. It does not wait for Redis. */
  static async start(options: LiveConfigOptions): Promise<LiveConfig> {
    const config = new LiveConfig(options);
    await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
    await config.target.recover();
    config.watch
      .subscribe(artefactKeys(options.redis.prefix, options.environment).notices)
      .catch((error: unknown) => config.note(error));
    config.watch.start();
    config.reporter.start();
    return config;
  }

  get standing(): ConfigStanding {
    const { heardAt, ledger, rejection } = this.target;
    const { proved, remark } = ledger;
    return {
      ...(proved ? { seq: proved.seq } : {}),
      heardAt,
      rejection: rejection ? { seq: rejection.seq, reason: rejection.reason } : ledger.newest,
      ...(remark === undefined ? {} : { leftOut: remark }),
    };
  }

  /** The state that was applied last, with its refused documents; `undefined` before the first. */
  get current(): ConfigState | undefined {
    return this.target.state;
  }

  /** The newest position whose release brought no refused document. */
  get proved(): ConfigPosition | undefined {
    return this.target.ledger.proved;
  }

  /** Why a release is not applied here: documents that it brought are refused. `undefined` where none is. */
  refusalsIn(change: Pick<LandedChange, 'items'>): string | undefined {
    return this.target.ledger.refusalsIn(change);
  }

  async close(): Promise<void> {
    this.reporter.stop();
    this.watch.close();
    await this.follower.close();
    await this.producer.close();
  }

  /** Logged once per cause, however often it is met, and once when it is over. */
  private note(error: unknown): void {
    const reason = error === undefined ? undefined : error instanceof Error ? error.message : String(error);
    if (reason === this.outage) return;
    this.outage = reason;
    const { environment, logger } = this.options;
    if (reason === undefined) logger.info({ environment }, 'live config can be read again');
    else logger.warn({ err: error, environment }, 'live config cannot be read; the last good state stays in force');
  }
}
