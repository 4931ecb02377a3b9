import { hostname } from 'node:os';
import type { Head, HeldPosition, LandedChange, Receipt } from '@paddock/contracts';
import { type Logger, VERSION } from '@paddock/runtime';
import { heartbeatTask, MAX_RECEIPT_ERROR, type TaskProducer } from '@paddock/tasks';
import type { ReceiptOutbox } from './receipt-outbox.js';

const HEARTBEAT_MS = 5_000;
const LEASE_MS = 3 * HEARTBEAT_MS;
/** So many receipts at once; of a longer series the newest speak for the others. */
const MAX_AT_ONCE = 20;
/** Heartbeats must not pile up while no worker runs: at most one per minute waits in the queue. */
const HEARTBEAT_SLOT_MS = 60_000;

/** What is known of a release that is refused; where everything was to be read, only its seq. */
export type RefusedRelease = Pick<LandedChange, 'seq'> & Partial<LandedChange>;

/** Where an instance stands. */
export type Standing = Pick<Head, 'epoch' | 'seq' | 'stateHash'>;

/** Who reports, and how. */
export interface ReporterParts {
  /** The class of consumer, `edge`. */
  consumer: string;
  instance: string;
  outbox: ReceiptOutbox;
  producer: TaskProducer;
  logger: Logger;
  /** Where the instance stands in every environment that it follows. */
  standings: () => HeldPosition[];
}

/** Tells the control plane what an instance applied, refused or had no use for, and that it is alive. */
export class ReceiptReporter {
  private readonly startedAt = Date.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ReporterParts) {}

  start(): void {
    void this.beat();
    this.timer = setInterval(() => void this.beat(), HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.parts.outbox.close();
  }

  /**
   * @param traceparent the last release's, as continued here
   * @param leftOut what of the state is refused, though not by these releases
   */
  applied(
    environment: string,
    changes: readonly LandedChange[],
    at: number,
    traceparent?: string,
    leftOut?: string,
  ): void {
    const last = changes.at(-1);
    for (const change of changes.slice(-MAX_AT_ONCE)) {
      const remarks = { ...(change === last && traceparent ? { traceparent } : {}), ...errorOf(leftOut) };
      this.send({ ...this.timed(environment, change, 'APPLIED', at), ...remarks });
    }
  }

  /** Nothing in them concerns this consumer. */
  skipped(environment: string, changes: readonly LandedChange[], at: number): void {
    for (const change of changes.slice(-MAX_AT_ONCE)) this.send(this.timed(environment, change, 'SKIPPED', at));
  }

  /**
   * @param held the state hash that the instance keeps instead; without a state it sends no heartbeats for the
   * environment, so the receipt itself says that it is alive
   */
  rejected(environment: string, releases: readonly RefusedRelease[], reason: string, held: string | undefined): void {
    for (const release of releases.slice(-MAX_AT_ONCE)) {
      const alive = held ? { stateHash: held } : { leaseMs: LEASE_MS };
      this.send({ ...this.receipt(environment, release, 'REJECTED', Date.now()), ...errorOf(reason), ...alive });
    }
  }

  /** Releases that were rejected for documents which are in force by now. */
  healed(environment: string, epoch: string, seqs: readonly number[]): void {
    for (const seq of seqs.slice(-MAX_AT_ONCE))
      this.send({ ...this.receipt(environment, { seq }, 'APPLIED', Date.now()), epoch });
    void this.beat();
  }

  /** A state was read in full: releases that led to it are not known one by one. */
  caughtUp(environment: string, { epoch, seq, stateHash }: Standing, leftOut?: string): void {
    this.send({ ...this.receipt(environment, { seq }, 'APPLIED', Date.now()), epoch, stateHash, ...errorOf(leftOut) });
    void this.beat();
  }

  private timed(environment: string, change: LandedChange, state: Receipt['state'], at: number): Receipt {
    const landedAt = Date.parse(change.landedAt);
    const epoch = this.parts.standings().find((held) => held.environment === environment)?.epoch;
    return {
      ...this.receipt(environment, change, state, at),
      ...(epoch === undefined ? {} : { epoch }),
      stateHash: change.stateHash,
      // A release from before the start of this process is no measure of its speed.
      ...(landedAt >= this.startedAt ? { ms: Math.max(0, at - landedAt) } : {}),
    };
  }

  private receipt(environment: string, release: RefusedRelease, state: Receipt['state'], at: number): Receipt {
    const { seq, requestId, traceparent } = release;
    const { consumer, instance } = this.parts;
    return {
      ...{ environment, seq, consumer, instance, state },
      appliedAt: new Date(at).toISOString(),
      ...(requestId ? { requestId } : {}),
      ...(traceparent ? { traceparent } : {}),
    };
  }

  private send(receipt: Receipt): void {
    void this.parts.outbox.send(receipt);
  }

  private async beat(): Promise<void> {
    const { consumer, instance, producer, logger } = this.parts;
    const environments = this.parts.standings();
    const startedAt = new Date(this.startedAt).toISOString();
    const slot = Math.floor(Date.now() / HEARTBEAT_SLOT_MS);
    try {
      await producer.add(
        heartbeatTask,
        { consumer, instance, leaseMs: LEASE_MS, startedAt, host: hostname(), version: VERSION, environments },
        { jobId: `heartbeat-${instance}-${slot}` },
      );
    } catch (error) {
      // The next one comes soon; until then the lease holds.
      logger.debug({ err: error }, 'heartbeat not sent');
    }
  }
}

/** A reason as a receipt can carry it. */
function errorOf(reason: string | undefined): { error?: string } {
  if (reason === undefined) return {};
  return { error: reason.length > MAX_RECEIPT_ERROR ? `${reason.slice(0, MAX_RECEIPT_ERROR - 1)}…` : reason };
}
