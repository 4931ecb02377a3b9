import { PositionLost } from './errors.js';
import type { LogRecord, Position } from './event-log.js';
import type { LogReader } from './log-store.js';
import { pauseAfterFailure } from './pause.js';

const WAIT_MS = 1_000;

/** The callbacks of a {@link PartitionLoop}. */
export interface PartitionWork {
  readonly limit: number;
  readonly openReader: (after: Position | undefined) => LogReader;
  /** Called again with the same records and the next attempt when it rejects. */
  readonly records: (records: readonly LogRecord[], attempt: number) => void | Promise<void>;
  /** Where to continue after records were lost. */
  readonly lost: () => Promise<Position | undefined>;
  readonly onError: (error: unknown) => void;
}

/** Reads one partition and hands its records over, one call at a time, until it is closed. */
export class PartitionLoop {
  private readonly closing = new AbortController();
  private reader: LogReader | undefined;
  private readonly ended: Promise<void>;

  constructor(
    begin: () => Promise<Position | undefined>,
    private readonly work: PartitionWork,
  ) {
    this.ended = this.run(begin);
  }

  /** Resolves when the running call of `records` has ended. */
  async close(): Promise<void> {
    this.closing.abort();
    this.reader?.close();
    await this.ended;
  }

  private async run(begin: () => Promise<Position | undefined>): Promise<void> {
    let after = await this.insist(begin);
    while (!this.closing.signal.aborted) {
      const records = await this.insist(() => this.nextAfter(after));
      if (!records || records.length === 0) continue;
      let attempt = 0;
      await this.insist(() => Promise.resolve(this.work.records(records, (attempt += 1))));
      after = records.at(-1)?.position ?? after;
    }
    this.reader?.close();
  }

  private async nextAfter(after: Position | undefined): Promise<LogRecord[]> {
    this.reader ??= this.work.openReader(after);
    try {
      return await this.reader.next(this.work.limit, WAIT_MS);
    } catch (error) {
      this.reader.close();
      this.reader = undefined;
      if (!(error instanceof PositionLost)) throw error;
      this.reader = this.work.openReader(await this.work.lost());
      return [];
    }
  }

  /** Tries until it succeeds or the loop is closed; `undefined` in the latter case. */
  private async insist<T>(act: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; !this.closing.signal.aborted; failures += 1) {
      try {
        return await act();
      } catch (error) {
        if (this.closing.signal.aborted) return undefined;
        this.work.onError(error);
        await pauseAfterFailure(failures, this.closing.signal);
      }
    }
    return undefined;
  }
}
