import type { MarketDefinition, RunnerId, RunnerStatus, SourceStatus, Thousandths } from './market.js';

/** When the source says that something happened, by its own clock, which may go back. */
export interface SourceClock {
  /** Key of the feed. */
  readonly feed: string;
  /** Milliseconds. */
  readonly pt: number;
  /** The source's own position, where it has one (Betfair's `clk`, UOF's request id). */
  readonly clk?: string;
}

interface FromSource {
  readonly source: SourceClock;
  /** When Paddock received it, in milliseconds. */
  readonly at: number;
}

/** The changes of a runner; absent is unchanged, `null` is "no price". */
export interface RunnerChange {
  readonly id: RunnerId;
  readonly hc?: number;
  readonly st?: RunnerStatus;
  readonly p?: Thousandths | null;
  readonly lay?: Thousandths | null;
  readonly ltp?: Thousandths | null;
  readonly sp?: Thousandths | null;
}

/**
 * One source message about one market, also when nothing visible changed: it proves that the market is fresh.
 * With `img` it is everything that the source knows: fields that it does not mention have no value.
 */
export interface MarketChange extends FromSource {
  readonly type: 'market';
  readonly market: string;
  readonly event: string;
  readonly img?: true;
  readonly status?: SourceStatus;
  readonly inPlay?: boolean;
  readonly definition?: MarketDefinition;
  readonly runners?: readonly RunnerChange[];
  /**
   * The feed hands the market over to another feed. Where another feed has it already, the change is ignored; otherwise
   * `status` holds until another feed reports the market.
   */
  readonly handedOver?: true;
  /** The feed ranks below others (pre-match below live): it does not take a market that another feed has not handed over. */
  readonly yields?: true;
}

/**
 * Suspends the open markets of an event at once, whichever feed reports them; each reopens with its next change that
 * says OPEN. A market of the same feed that has a later `pt` than the stop is left as it is.
 */
export interface BetStop extends FromSource {
  readonly type: 'bet_stop';
  readonly event: string;
  /** Only markets of one of these groups; all where absent. */
  readonly groups?: readonly string[];
  /** Only these markets; all where absent. */
  readonly markets?: readonly string[];
  /** INACTIVE holds for the markets of the same feed; those of another feed are suspended. */
  readonly status: 'SUSPENDED' | 'INACTIVE';
}

export type Result = 'WON' | 'LOST' | 'PLACED' | 'VOID' | 'UNDECIDED';

export interface RunnerResult {
  readonly id: RunnerId;
  readonly hc?: number;
  readonly result: Result;
  /** The share of the stake that is refunded, 0 to 1. */
  readonly voidFactor?: number;
  /** The share of the stake that won where runners tied, 0 to 1. */
  readonly deadHeatFactor?: number;
}

/** LIVE: seen on the pitch; CONFIRMED: by the official result (UOF certainty 1 and 2). */
export type Certainty = 'LIVE' | 'CONFIRMED';

/** A result, or that one no longer holds. Without `from` and `to` a cancellation is of the whole market. */
export interface SettlementChange extends FromSource {
  readonly type: 'settlement';
  readonly market: string;
  readonly event: string;
  readonly state: SettlementState;
  readonly certainty?: Certainty;
  readonly results?: readonly RunnerResult[];
  /** Bets placed between these instants, in milliseconds. */
  readonly from?: number;
  readonly to?: number;
  /** The source's reason for a void. */
  readonly reason?: string;
}

export type SettlementState = 'SETTLED' | 'ROLLED_BACK' | 'CANCELLED' | 'CANCEL_ROLLED_BACK';

/**
 * RESTART: it begins again; SILENT: nothing was received; LAG: received, but too late to be trusted; LATE: the source says
 * that its data are late; UNREADABLE: a message could not be read, so any market may have changed.
 */
export type FeedDownReason = 'RESTART' | 'DISCONNECTED' | 'SILENT' | 'LAG' | 'LATE' | 'UNREADABLE';

/** Written to every partition. `feed_alive`: its source was heard; `feed_up`: everything was reported again since it was down. */
export type FeedChange =
  | (FromSource & { readonly type: 'feed_alive' | 'feed_up' })
  | (FromSource & { readonly type: 'feed_down'; readonly reason: FeedDownReason });

/** The one vocabulary into which every feed is put: a record of the topic `odds.changes`, keyed by event. */
export type OddsChange = MarketChange | BetStop | SettlementChange | FeedChange;

const TYPES: readonly string[] = [
  'market',
  'bet_stop',
  'settlement',
  'feed_alive',
  'feed_up',
  'feed_down',
] satisfies OddsChange['type'][];

/** The inverse of `JSON.stringify`; `undefined` for what this version does not know. */
export function parseOddsChange(json: string): OddsChange | undefined {
  const value: unknown = JSON.parse(json);
  return isOddsChange(value) ? value : undefined;
}

function isOddsChange(value: unknown): value is OddsChange {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    TYPES.includes(value.type) &&
    'source' in value
  );
}
