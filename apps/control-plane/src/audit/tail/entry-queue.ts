import type { AuditEntryRow } from '../audit.entity.js';

/** Entries that wait for one follower. One that falls further behind is ended, and reads its list again. */
const MAX_WAITING = 1_000;

/** What one follower of the log has not taken yet. */
export class EntryQueue implements AsyncIterableIterator<AuditEntryRow> {
  private readonly waiting: AuditEntryRow[] = [];
  private closed = false;
  private wake: () => void = () => undefined;

  /** @param after entries up to this number are not the follower's */
  constructor(
    private readonly after: number,
    private readonly onClose: () => void,
  ) {}

  add(entry: AuditEntryRow): void {
    if (this.closed || entry.number <= this.after) return;
    if (this.waiting.length >= MAX_WAITING) this.close();
    else this.waiting.push(entry);
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.onClose();
    this.wake();
  }

  async next(): Promise<IteratorResult<AuditEntryRow>> {
    while (this.waiting.length === 0 && !this.closed) await new Promise<void>((wake) => (this.wake = wake));
    const entry = this.waiting.shift();
    return entry ? { done: false, value: entry } : { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<AuditEntryRow>> {
    this.waiting.length = 0;
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
