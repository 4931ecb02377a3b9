import type { Redis } from 'ioredis';

export interface RedisWatchOptions {
  pollMs: number;
  /** Checks everything once; it may throw Redis's error when Redis is unreachable. */
  check: () => Promise<void>;
  /** Something was published on a channel that {@link RedisWatch.subscribe} named. */
  heard: (channel: string) => void;
  /** How a check ended: `undefined`, or what went wrong. */
  ended: (error: unknown) => void;
}

/** How long a connection may take before its absence is worth a line in the log. */
const FIRST_CHECK_MS = 1_000;
/** Longest that the subscriber may be silent to a question before its connection counts as dead. */
const PING_MS = 2_000;

/**
 * Checks Redis periodically. A notice causes a check at once; its own poll finds changes whose notice was lost, because a
 * notice is a hint and may be lost with the connection that would have carried it.
 */
export class RedisWatch {
  private timer: NodeJS.Timeout | undefined;
  private started = false;
  private closed = false;
  private checking = false;

  constructor(
    private readonly connections: { reader: Redis; subscriber: Redis },
    private readonly options: RedisWatchOptions,
  ) {
    const { reader, subscriber } = connections;
    subscriber.on('message', (channel: string) => options.heard(channel));
    // Messages published during the outage of a connection are lost.
    subscriber.on('ready', () => void this.check());
    reader.on('ready', () => void this.check());
  }

  /** The first check runs on connection; without a connection it fails a moment later. */
  start(): void {
    this.started = true;
    if (this.connections.reader.status === 'ready') void this.check();
    else this.timer = setTimeout(() => void this.check(), FIRST_CHECK_MS);
  }

  /** Waits until there is a connection, and is repeated by the client after every outage. */
  async subscribe(channel: string): Promise<void> {
    await this.connections.subscriber.subscribe(channel);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.connections.subscriber.disconnect();
    this.connections.reader.disconnect();
  }

  private async check(): Promise<void> {
    // A connection may be ready while the disk is still being read; its state must not replace a newer one.
    if (!this.started || this.checking || this.closed) return;
    this.checking = true;
    clearTimeout(this.timer);
    try {
      await this.options.check();
      await this.checkSubscriber();
      this.options.ended(undefined);
    } catch (error) {
      this.options.ended(error);
      // Commands that go unanswered mean a connection whose other end is gone: waiting would not bring it back.
      if (error instanceof Error && error.message === 'Command timed out') this.connections.reader.disconnect(true);
    }
    this.checking = false;
    // Jitter: many instances that were started together must not ask together for ever.
    if (!this.closed)
      this.timer = setTimeout(() => void this.check(), this.options.pollMs * (0.75 + Math.random() / 2));
  }

  /** A connection whose peer vanished reports no error by itself; a ping does. */
  private async checkSubscriber(): Promise<void> {
    const { subscriber } = this.connections;
    if (subscriber.status !== 'ready') return;
    const answered = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => answered.resolve(false), PING_MS);
    subscriber.ping().then(
      () => answered.resolve(true),
      () => answered.resolve(false),
    );
    if (!(await answered.promise)) subscriber.disconnect(true);
    clearTimeout(timer);
  }
}
