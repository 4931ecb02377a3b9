import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Database } from '../../database/database.js';
import { LOGGER, type Logger } from '../../process.js';
import { FailureLog } from '../../publishing/failure-log.js';
import { CHAIN } from '../audit.js';
import { AuditChainRow, AuditEntryRow } from '../audit.entity.js';
import { EntryQueue, type EntryRun } from './entry-queue.js';

/** Interval of reads of the end of the log while it has followers: one row by its key, for all followers together. */
const LOOK_EVERY_MS = 500;
const ENTRIES_PER_LOOK = 200;

/**
 * Follows the audit log as it grows. Every change is an entry, written in the transaction of the change, and entries
 * are numbered in the order of their commits without a gap: a reader that follows the numbers sees every committed
 * change of every process, and no other. It needs only MySQL, so it works while Redis is unreachable.
 */
@Injectable()
export class AuditTail implements BeforeApplicationShutdown {
  private readonly followers = new Set<EntryQueue>();
  private readonly failures: FailureLog;
  private timer: NodeJS.Timeout | undefined;
  private position = 0;

  constructor(
    private readonly db: Database,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.failures = new FailureLog(logger, 'reads of the audit log for subscriptions');
  }

  beforeApplicationShutdown(): void {
    for (const follower of this.followers) follower.close();
  }

  /**
   * Every entry from now on, in order.
   * @param groupOf names the change that an entry belongs to: waiting neighbours of one name are delivered as one run.
   * `undefined` leaves an entry out.
   */
  async follow(groupOf: (entry: AuditEntryRow) => string | undefined): Promise<AsyncIterableIterator<EntryRun>> {
    const head = await this.head();
    const follower: EntryQueue = new EntryQueue(head, {
      groupOf,
      readAfter: (number) => this.failures.run(() => this.entriesAfter(number)),
      onClose: () => this.forget(follower),
    });
    // Each follower skips earlier entries: another follower may have started at a later entry while this one read the
    // head.
    this.position = this.followers.size === 0 ? head : Math.min(this.position, head);
    this.followers.add(follower);
    this.timer ??= setTimeout(() => void this.look(), LOOK_EVERY_MS);
    return follower;
  }

  private async look(): Promise<void> {
    const entries = await this.failures.run(() => this.newEntries());
    for (const entry of entries ?? []) {
      for (const follower of this.followers) follower.add(entry);
    }
    const more = entries?.length === ENTRIES_PER_LOOK;
    this.timer = this.followers.size > 0 ? setTimeout(() => void this.look(), more ? 0 : LOOK_EVERY_MS) : undefined;
  }

  private async newEntries(): Promise<AuditEntryRow[]> {
    if ((await this.head()) <= this.position) return [];
    const entries = await this.entriesAfter(this.position);
    this.position = entries.at(-1)?.number ?? this.position;
    return entries;
  }

  private entriesAfter(number: number): Promise<AuditEntryRow[]> {
    return this.db.manager.find(AuditEntryRow, {
      where: { number: MoreThan(number) },
      order: { number: 'ASC' },
      take: ENTRIES_PER_LOOK,
    });
  }

  private async head(): Promise<number> {
    return (await this.db.manager.findOneByOrFail(AuditChainRow, { id: CHAIN })).number;
  }

  private forget(follower: EntryQueue): void {
    this.followers.delete(follower);
  }
}
