import { isbot } from 'isbot';
import { setTimeout as delay } from 'node:timers/promises';
import { type EventLog, LogUnavailable, Producer, ProducerFull } from '@paddock/eventlog';
import { crashPoint, inPortions } from '@paddock/runtime';
import type { Definitions } from '../definitions/definitions.js';
import { EVENTS_TOPIC } from '../log/topic.js';
import {
  collect,
  type Collected,
  Collection,
  type Received,
  type RejectedEvent,
  type RequestContext,
} from './collect.js';
import { CompiledContracts } from './compiled-contract.js';
import type { Rejection, RejectionCode } from './rejection.js';

/** How much a collector takes. */
export interface CollectorLimits {
  maxBodyBytes: number;
  maxEvents: number;
  /** Bytes that may wait for the log before senders get 503 and have to retry. */
  maxBufferedBytes: number;
}

/** The log is slower than the senders. Nothing of the request was accepted, and the sender must retry later. */
export class Overloaded extends Error {}

/** The answer to a sender. */
export interface CollectAnswer {
  accepted: number;
  rejected: RejectedEvent[];
}

/** Events checked before other requests get their turn: about 10 ms with ordinary events. */
const AT_ONCE = 1_000;

/** How long a write is retried while the log refuses it. */
const RETRY_MS = 1_000;
/** The longest that a sender waits for the log, also where the log does not answer. */
const LONGEST_WAIT_MS = 1_500;

/** Ingests events: checks each one, and acknowledges it only after it is in the log. */
export class Collector {
  contracts = new CompiledContracts([]);
  /** Events of senders since the start. */
  readonly counts = { accepted: 0, refused: new Map<RejectionCode, number>() };
  private readonly producer: Producer;

  constructor(
    private readonly log: EventLog,
    readonly limits: CollectorLimits,
    private readonly clock: () => number = Date.now,
  ) {
    this.producer = new Producer(log, EVENTS_TOPIC, {
      lingerMs: 5,
      maxBufferedBytes: limits.maxBufferedBytes,
      timeoutMs: RETRY_MS,
    });
  }

  /** The time by the collector's clock, in milliseconds. */
  now(): number {
    return this.clock();
  }

  apply(definitions: Definitions): void {
    this.contracts = new CompiledContracts(definitions.events);
  }

  /**
   * Ingests the events of one request.
   * @throws Overloaded, LogUnavailable; the sender must then repeat the request, which does no harm
   */
  async take(
    events: readonly Received[],
    from: { producer: string; userAgent?: string | undefined; sentAt?: number | Rejection | undefined },
  ): Promise<CollectAnswer> {
    const receivedAt = this.clock();
    const bot = from.userAgent !== undefined && isbot(from.userAgent);
    const context = {
      receivedAt,
      producer: from.producer,
      bot,
      ...(from.sentAt === undefined ? {} : { sentAt: from.sentAt }),
    };
    const { accepted, rejected, records } = await this.collect(events, context);
    crashPoint('analytics.collected');
    try {
      await inTime(Promise.all(records.map((record) => this.producer.send(record))));
    } catch (error) {
      if (error instanceof ProducerFull) throw new Overloaded(error.message, { cause: error });
      throw error;
    }
    crashPoint('analytics.logged');
    this.count(accepted, rejected);
    return { accepted, rejected };
  }

  /** Bytes that wait to be written to the log. */
  get bufferedBytes(): number {
    return this.producer.bufferedBytes;
  }

  private count(accepted: number, rejected: readonly RejectedEvent[]): void {
    const { counts } = this;
    counts.accepted += accepted;
    for (const { code } of rejected) counts.refused.set(code, (counts.refused.get(code) ?? 0) + 1);
  }

  /** All events of a request are checked by the contracts that were live at its start. */
  private async collect(events: readonly Received[], context: RequestContext): Promise<Collected> {
    if (events.length <= AT_ONCE) return collect(this.contracts, events, context);
    const collection = new Collection(this.contracts, context);
    await inPortions(events, AT_ONCE, (portion) => portion.forEach((event) => collection.add(event)));
    return collection.finish();
  }

  /**
   * Ingests refused events again. Events that are refused again are reported and not stored; with `dryRun` none are
   * stored.
   * @throws LogUnavailable
   */
  async takeAgain(events: readonly Received[], { dryRun }: { dryRun: boolean }): Promise<CollectAnswer> {
    const { accepted, rejected, records } = await this.collect(events, {
      receivedAt: this.clock(),
      producer: '',
      bot: false,
      again: true,
    });
    if (!dryRun) for (const record of records) await this.producer.send(record);
    return { accepted, rejected };
  }

  /** @throws LogUnavailable where events could not be kept now */
  async assertLogWritable(): Promise<void> {
    // Checked by a write command, because a full log still answers all other commands.
    await this.log.identity(EVENTS_TOPIC);
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}

/** @throws LogUnavailable when it takes too long. The events may still arrive; sending them again does no harm. */
async function inTime(work: Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  const late = delay(LONGEST_WAIT_MS, 'late' as const, { signal: abort.signal, ref: false }).catch(
    () => 'aborted' as const,
  );
  try {
    if ((await Promise.race([work, late])) === 'late')
      throw new LogUnavailable(new Error(`no answer within ${LONGEST_WAIT_MS} ms`));
  } finally {
    abort.abort();
  }
}
