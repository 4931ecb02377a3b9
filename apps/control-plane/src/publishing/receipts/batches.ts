/**
 * Gathers single pieces of work into batches: a piece waits only as long as the batch before it takes, so a lone one
 * is not delayed and many at once share one write. Of a batch that fails, each piece is written by itself, so that one
 * bad piece fails alone.
 */
export class Batches<T> {
  private waiting: Waiting<T>[] = [];
  private writing = false;

  constructor(
    private readonly size: number,
    private readonly write: (pieces: readonly T[]) => Promise<void>,
  ) {}

  add(piece: T): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ piece, done, failed });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.size);
      if (!(await this.tryAll(batch))) for (const one of batch) await this.tryOne(one);
    }
    this.writing = false;
  }

  private async tryAll(batch: readonly Waiting<T>[]): Promise<boolean> {
    if (batch.length === 1) return false;
    try {
      await this.write(batch.map(({ piece }) => piece));
    } catch {
      return false;
    }
    for (const { done } of batch) done();
    return true;
  }

  private async tryOne({ piece, done, failed }: Waiting<T>): Promise<void> {
    try {
      await this.write([piece]);
      done();
    } catch (error) {
      failed(error);
    }
  }
}

interface Waiting<T> {
  piece: T;
  done: () => void;
  failed: (error: unknown) => void;
}
