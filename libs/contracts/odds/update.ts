import type { Certainty, FeedDownReason, RunnerResult, SettlementState } from './change.js';
import type {
  MarketDefinition,
  MarketStatus,
  Runner,
  RunnerId,
  SourceStatus,
  SuspensionReason,
  Thousandths,
} from './market.js';

/** The members of every record of the topic `odds.markets`. */
interface Sequenced {
  /** Gap-free within the partition and its epoch, given once, when the market-state service writes the record. */
  readonly seq: number;
  /** Names one history of the partition; a new one begins with an image of every market. */
  readonly epoch: string;
  /** Position in `odds.changes` of its cause: a restarted service continues after it. Absent before the first. */
  readonly in?: string;
  /** When it was written, in milliseconds. */
  readonly at: number;
}

/** The changes of a runner; absent is unchanged. */
export interface RunnerUpdate {
  readonly id: RunnerId;
  readonly hc?: number;
  readonly st?: Runner['st'];
  readonly p?: Thousandths | null;
  readonly lay?: Thousandths | null;
  readonly ltp?: Thousandths | null;
  readonly sp?: Thousandths | null;
}

/** STALE: not heard of since its feed went down; FRESH: heard of, and waiting for the feed to be complete. */
export type Hold = 'STALE' | 'FRESH';

/** The sum of a market's settlement records. */
export interface Outcome {
  /** Number of settlement records so far. */
  readonly revision: number;
  /** The source's clock at the newest of them. */
  readonly pt: number;
  readonly settled: boolean;
  readonly cancelled: boolean;
  /** Hash of the newest record's content: a record with equal content is a repetition. */
  readonly digest: string;
}

/**
 * The changes of a market; absent is unchanged. It carries prices whatever the status: an application that shows them to
 * bettors must withhold `p`, `lay` and `ltp` while `st` is not OPEN.
 */
export interface MarketUpdate extends Sequenced {
  readonly type: 'market';
  readonly id: string;
  readonly event: string;
  readonly feed: string;
  /** Rises by one with every update of the market; lower or equal is a repetition. */
  readonly v: number;
  /** The source's clock, milliseconds; may go back. */
  readonly pt: number;
  /** The record is complete: fields that it does not mention have no value. Sent for new and replaced markets, and when a market reopens. */
  readonly img?: true;
  readonly st?: MarketStatus;
  /** `null` when no longer suspended. */
  readonly sr?: SuspensionReason | null;
  /** In play. */
  readonly ip?: boolean;
  readonly def?: MarketDefinition;
  readonly r?: readonly RunnerUpdate[];
  /** The source's status; `st` is the effective one. For the market-state service alone. */
  readonly source?: SourceStatus;
  /** For the market-state service alone. */
  readonly hold?: Hold | null;
  /** The feed handed the market over and no other feed has reported it since. For the market-state service alone. */
  readonly released?: boolean;
  readonly outcome?: Outcome;
}

/** A result with its revision. A rollback is a higher revision, never a deletion. */
export interface SettlementRecord extends Sequenced {
  readonly type: 'settlement';
  readonly id: string;
  readonly event: string;
  readonly feed: string;
  readonly revision: number;
  readonly state: SettlementState;
  readonly certainty?: Certainty;
  readonly results: readonly RunnerResult[];
  readonly from?: number;
  readonly to?: number;
  readonly reason?: string;
  readonly pt: number;
}

/** A feed went down or is complete again, as seen by one partition; the updates of its markets follow. */
export interface FeedRecord extends Sequenced {
  readonly type: 'feed';
  readonly feed: string;
  readonly up: boolean;
  readonly reason?: FeedDownReason;
}

/** A record of the topic `odds.markets`, keyed by event (by feed for feed records). */
export type OddsUpdate = MarketUpdate | SettlementRecord | FeedRecord;

/**
 * A beat: the keeper of a partition writes it to `odds.markets` about every second while it has no other record, to say
 * that the log is complete up to `at`. It is not part of the history, so it has the `seq` of the record before it. A
 * reader that gets neither records nor beats knows that the partition has no keeper, or that its own connection is broken.
 */
export interface ShardBeat {
  readonly type: 'beat';
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
}

/** A record of `odds.markets` as a beat; `undefined` where it is another. */
export function parseShardBeat(json: string): ShardBeat | undefined {
  const value: unknown = JSON.parse(json);
  return isShardBeat(value) ? value : undefined;
}

function isShardBeat(value: unknown): value is ShardBeat {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'beat' &&
    'at' in value &&
    typeof value.at === 'number'
  );
}

/** The inverse of `JSON.stringify`; `undefined` for what this version does not know. */
export function parseOddsUpdate(json: string): OddsUpdate | undefined {
  const value: unknown = JSON.parse(json);
  return isOddsUpdate(value) ? value : undefined;
}

function isOddsUpdate(value: unknown): value is OddsUpdate {
  if (
    typeof value !== 'object' ||
    value === null ||
    !('type' in value) ||
    !('seq' in value) ||
    typeof value.seq !== 'number'
  )
    return false;
  return value.type === 'market' || value.type === 'settlement' || value.type === 'feed';
}
