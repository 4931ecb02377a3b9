import { setTimeout as delay } from 'node:timers/promises';

/** Changes within this time are conflated. */
const CONFLATION_MS = 50;

/** The signal that one subscription waits for: a possible change since its last read. */
export class Watch {
  private readonly closing = new AbortController();
  private marked = false;
  private wake: () => void = () => undefined;

  constructor(private readonly onClose: (watch: Watch) => void) {}

  /** Something may have changed. */
  mark(): void {
    this.marked = true;
    this.wake();
  }

  /** Waits for the next mark, at least the conflation time after the last one. `false` once it is closed. */
  async next(): Promise<boolean> {
    const { signal } = this.closing;
    await delay(CONFLATION_MS, undefined, { signal }).catch(() => undefined);
    while (!this.marked && !signal.aborted) await new Promise<void>((wake) => (this.wake = wake));
    this.marked = false;
    return !signal.aborted;
  }

  close(): void {
    this.closing.abort();
    this.onClose(this);
    this.wake();
  }
}

/**
 * Makes a generator that waits on a watch into an iterator that ends at once on `return()`: a generator alone would
 * first wait for the next change, perhaps for ever.
 */
export function untilClosed<T>(watch: Watch, generator: AsyncGenerator<T, void>): AsyncIterableIterator<T, void> {
  return {
    next: () => generator.next(),
    return: () => {
      watch.close();
      return generator.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
