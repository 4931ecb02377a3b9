import {
  type FeedDownReason,
  ODDS_CHANGES,
  ODDS_QUARANTINE,
  type OddsChange,
  type QuarantinedMessage,
} from '@paddock/contracts';
import { type EventLog, Fenced, type Lease, Producer } from '@paddock/eventlog';
import type { Logger } from '@paddock/runtime';
import { checkChange } from './check-change.js';
import type { FeedOutlet } from './feed.js';

const ALIVE_EVERY_MS = 1_000;
/** More than this in flight makes a feed wait, which its source then notices. */
const BACKPRESSURE_BYTES = 4 << 20;
const MAX_MESSAGE = 64 * 1024;

export interface LogOutletParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly now: () => number;
  /** The right to run the feed: writes after its loss are refused. */
  readonly lease?: Lease;
  readonly onQuarantine?: () => void;
  /** Changes could not be written: the feed has to report everything again. */
  readonly onLost: () => void;
}

/** A feed's outlet into the event log: changes go to their event's partition, records about the feed to every partition. */
export class LogOutlet implements FeedOutlet {
  private readonly changes: Producer;
  private readonly quarantined: Producer;
  private readonly aliveAt = new Map<string, number>();

  constructor(
    private readonly feed: string,
    private readonly parts: LogOutletParts,
  ) {
    this.changes = new Producer(parts.log, ODDS_CHANGES, parts.lease ? { lease: parts.lease } : {});
    this.quarantined = new Producer(parts.log, ODDS_QUARANTINE, { maxBufferedBytes: 1 << 20 });
  }

  async write(changes: readonly OddsChange[]): Promise<void> {
    for (const said of changes) {
      const { change, problems } = checkChange(said);
      if (problems.length > 0) this.quarantine(JSON.stringify(said), problems.join('; '));
      if (!change) continue;
      const value = JSON.stringify(change);
      if ('event' in change) this.send({ key: change.event, value });
      else
        for (let partition = 0; partition < ODDS_CHANGES.partitions; partition += 1)
          this.send({ key: this.feed, value, partition });
    }
    if (this.changes.bufferedBytes > BACKPRESSURE_BYTES) await this.changes.flush();
  }

  alive(feed = this.feed): void {
    const at = this.parts.now();
    if (at - (this.aliveAt.get(feed) ?? -Infinity) < ALIVE_EVERY_MS) return;
    this.aliveAt.set(feed, at);
    void this.write([{ type: 'feed_alive', source: { feed, pt: at }, at }]);
  }

  down(reason: FeedDownReason, feed = this.feed): Promise<void> {
    const at = this.parts.now();
    return this.write([{ type: 'feed_down', source: { feed, pt: at }, at, reason }]);
  }

  complete(feed = this.feed): Promise<void> {
    const at = this.parts.now();
    return this.write([{ type: 'feed_up', source: { feed, pt: at }, at }]);
  }

  quarantine(message: string, reason: unknown): void {
    const entry: QuarantinedMessage = {
      feed: this.feed,
      reason: reason instanceof Error ? reason.message : String(reason),
      message: message.slice(0, MAX_MESSAGE),
      at: this.parts.now(),
    };
    this.parts.onQuarantine?.();
    this.parts.logger.warn({ feed: this.feed, reason: entry.reason }, 'message set aside');
    this.quarantined.send({ key: this.feed, value: JSON.stringify(entry) }).catch((error: unknown) => {
      this.parts.logger.error({ err: error, feed: this.feed }, 'message could not be set aside');
    });
  }

  /** Resolves when everything is in the log. */
  async close(): Promise<void> {
    await Promise.all([this.changes.close(), this.quarantined.close()]);
  }

  private send(record: { key: string; value: string; partition?: number }): void {
    this.changes.send(record).catch((error: unknown) => {
      // Another process runs the feed now and reports everything again.
      if (error instanceof Fenced) return;
      this.parts.logger.error({ err: error, feed: this.feed }, 'changes were lost on their way to the log');
      this.parts.onLost();
    });
  }
}
