import { LogUnavailable } from './errors.js';
import type { EventLog, Lease, NewRecord } from './event-log.js';
import { pauseAfterFailure } from './pause.js';
import type { Topic } from './topic.js';

/** The buffer is full: the log is slower than its senders, which have to wait. */
export class ProducerFull extends Error {
  constructor(bytes: number) {
    super(`${bytes} bytes wait for the event log already`);
  }
}

/** The batching options of a producer. */
export interface ProducerOptions {
  /** Waits so long for more before it sends; 0, the default, sends at once and gathers only while a batch is under way. */
  readonly lingerMs?: number;
  /** Most bytes that may wait; 32 MiB when left out. */
  readonly maxBufferedBytes?: number;
  /** For how long after its first record a batch is retried while the log is unreachable; 30,000 when left out. */
  readonly timeoutMs?: number;
  /** Refuses to append once the lease is lost. */
  readonly lease?: Lease;
}

interface Batch {
  readonly records: NewRecord[];
  bytes: number;
  readonly begunAt: number;
  readonly appended: PromiseWithResolvers<null>;
}

/** Most records that one append carries, so that a long outage does not end in one huge request. */
const MAX_RECORDS = 20_000;

/**
 * Appends single records of one topic in batches, one batch under way at a time, so that order per key holds also when
 * a batch has to be tried again. While one is under way the next gathers: under load batches grow by themselves.
 */
export class Producer {
  private readonly batches: Batch[] = [];
  private readonly closing = new AbortController();
  private waitingBytes = 0;
  private working: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly topic: Topic,
    private readonly options: ProducerOptions = {},
  ) {}

  /** Bytes that were sent and are not yet in the log. */
  get bufferedBytes(): number {
    return this.waitingBytes;
  }

  /**
   * Resolves when the record is in the log; records sent in the same moment share one promise.
   * @throws ProducerFull at once
   */
  send(record: NewRecord): Promise<unknown> {
    if (this.waitingBytes >= (this.options.maxBufferedBytes ?? 32 << 20))
      return Promise.reject(new ProducerFull(this.waitingBytes));
    let batch = this.batches.at(-1);
    if (!batch || batch.records.length >= MAX_RECORDS) {
      batch = { records: [], bytes: 0, begunAt: performance.now(), appended: Promise.withResolvers<null>() };
      // A sender may check only the outcome of a flush.
      batch.appended.promise.catch(() => undefined);
      this.batches.push(batch);
    }
    const bytes = record.key.length + record.value.length;
    batch.records.push(record);
    batch.bytes += bytes;
    this.waitingBytes += bytes;
    this.working ??= this.work();
    return batch.appended.promise;
  }

  /** Resolves when no record waits any more, whether it was sent or failed. */
  async flush(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Sends what waits, without trying again. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.flush();
  }

  private async work(): Promise<void> {
    const { lingerMs = 0 } = this.options;
    if (lingerMs > 0) await new Promise((resolve) => setTimeout(resolve, lingerMs));
    else await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.batches.shift(); batch; batch = this.batches.shift()) await this.append(batch);
    this.working = undefined;
  }

  private async append({ records, bytes, begunAt, appended }: Batch): Promise<void> {
    // Counted from its first record and not from its turn: behind failing batches it would wait their time as well.
    const deadline = begunAt + (this.options.timeoutMs ?? 30_000);
    for (let failures = 0; ; failures += 1) {
      try {
        await this.log.append(this.topic, records, this.options.lease ? { lease: this.options.lease } : {});
        appended.resolve(null);
        break;
      } catch (error) {
        if (!(error instanceof LogUnavailable) || this.closing.signal.aborted || performance.now() > deadline) {
          appended.reject(error);
          break;
        }
        await pauseAfterFailure(failures, this.closing.signal);
      }
    }
    this.waitingBytes -= bytes;
  }
}
