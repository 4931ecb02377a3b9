/**
 * The changes that one reader has not received yet: only the newest value of each point. So a slow reader costs no more
 * memory than there are points, and gets the current values instead of their history.
 */
export class Subscriber<Change> implements AsyncIterableIterator<Change[]> {
  private readonly pending = new Map<string, Change>();
  private waiting: ((result: IteratorResult<Change[]>) => void) | undefined;
  private ended = false;

  constructor(private readonly onEnd: () => void) {}

  /** How many points wait for the reader. */
  get size(): number {
    return this.pending.size;
  }

  /** Adds changes; a newer change replaces one of the same point. `reset` drops unread changes. */
  push(changes: Iterable<readonly [string, Change]>, { reset = false } = {}): void {
    if (reset) this.pending.clear();
    for (const [point, change] of changes) this.pending.set(point, change);
    this.hand();
  }

  next(): Promise<IteratorResult<Change[]>> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.hand();
    });
  }

  return(): Promise<IteratorResult<Change[]>> {
    if (!this.ended) this.onEnd();
    this.ended = true;
    this.pending.clear();
    this.hand();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private hand(): void {
    const { waiting } = this;
    if (!waiting || (!this.ended && this.pending.size === 0)) return;
    this.waiting = undefined;
    if (this.ended) return waiting({ done: true, value: undefined });
    const changes = [...this.pending.values()];
    this.pending.clear();
    waiting({ done: false, value: changes });
  }
}
