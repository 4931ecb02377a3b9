import { setTimeout as delay } from 'node:timers/promises';
import type { AuditEntryRow } from '../audit.entity.js';

/** Limit of entries that wait in memory for one follower. Further entries are read from the log later. */
const MAX_WAITING = 1_000;
/** Entries that one run holds. */
const MAX_RUN = 200;
/** How long a follower waits before it reads the log again after a failed read. */
const READ_AGAIN_MS = 500;

/** Entries that follow each other and are shown as one change, the oldest first. */
export type EntryRun = readonly [AuditEntryRow, ...AuditEntryRow[]];

/** The entries that a follower wants, and its way to read entries that were not pushed to it. */
export interface QueueSource {
  /** Names the change that an entry belongs to: neighbours of one name are delivered as one run. `undefined` leaves an entry out. */
  groupOf(entry: AuditEntryRow): string | undefined;
  /** The entries after a number, in order; `undefined` where the log cannot be read. */
  readAfter(number: number): Promise<readonly AuditEntryRow[] | undefined>;
  onClose(): void;
}

/**
 * The pending entries of one follower of the log. A follower that falls behind loses nothing and uses little memory:
 * numbers have no gaps, so the queue detects missing entries and reads them from the log.
 */
export class EntryQueue implements AsyncIterableIterator<EntryRun> {
  private readonly waiting: AuditEntryRow[] = [];
  /** The log holds entries after `seen` that the queue was handed and did not keep. */
  private behind = false;
  private closed = false;
  private wake: () => void = () => undefined;

  /** @param seen entries up to this number are not the follower's */
  constructor(
    private seen: number,
    private readonly source: QueueSource,
  ) {}

  add(entry: AuditEntryRow): void {
    if (this.closed || entry.number <= this.seen) return;
    if (entry.number > this.seen + 1 || this.waiting.length >= MAX_WAITING) this.behind = true;
    else this.keep(entry);
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.source.onClose();
    this.wake();
  }

  async next(): Promise<IteratorResult<EntryRun>> {
    for (;;) {
      const run = this.takeRun();
      if (run) return { done: false, value: run };
      if (this.closed) return { done: true, value: undefined };
      if (this.behind) await this.catchUp();
      else await new Promise<void>((wake) => (this.wake = wake));
    }
  }

  return(): Promise<IteratorResult<EntryRun>> {
    this.waiting.length = 0;
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private keep(entry: AuditEntryRow): void {
    if (entry.number <= this.seen) return;
    this.seen = entry.number;
    if (this.source.groupOf(entry) !== undefined) this.waiting.push(entry);
  }

  private takeRun(): EntryRun | undefined {
    const first = this.waiting.shift();
    if (!first) return undefined;
    const group = this.source.groupOf(first);
    const rest = this.waiting.findIndex((entry, index) => index + 1 >= MAX_RUN || this.source.groupOf(entry) !== group);
    return [first, ...this.waiting.splice(0, rest === -1 ? this.waiting.length : rest)];
  }

  private async catchUp(): Promise<void> {
    // Before the read: an entry that is pushed during the read, and is not in its result, leaves a gap and sets this
    // again.
    this.behind = false;
    const entries = await this.source.readAfter(this.seen);
    if (this.closed) return;
    for (const entry of entries ?? []) this.keep(entry);
    if (entries?.length === 0) return;
    // Further entries may follow; an empty answer says that none do.
    this.behind = true;
    if (!entries) await delay(READ_AGAIN_MS, undefined, { ref: false });
  }
}
