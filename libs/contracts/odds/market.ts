/**
 * The status that a source reports for a market. INACTIVE: announced or withdrawn, no bets; CLOSED: over, whatever the result;
 * CANCELLED: void.
 */
export type SourceStatus = 'INACTIVE' | 'OPEN' | 'SUSPENDED' | 'CLOSED' | 'CANCELLED';

/** The status that Paddock publishes: a settled market stays SETTLED until its settlement is rolled back, whatever the source sends. */
export type MarketStatus = SourceStatus | 'SETTLED';

/**
 * Why a market is SUSPENDED. FEED: its feed is down, so its prices are unknown; BETSTOP: the source says so; OPS: a market
 * rule says so, which is decided where views are made, never here.
 */
export type SuspensionReason = 'FEED' | 'BETSTOP' | 'OPS';

export type RunnerStatus = 'ACTIVE' | 'INACTIVE' | 'REMOVED' | 'WINNER' | 'PLACED' | 'LOSER' | 'HIDDEN';

/** Odds in integer thousandths: 2380 is 2.38. */
export type Thousandths = number;

/** The largest decimal price that Paddock carries. */
export const MAX_DECIMAL_ODDS = 100_000;

/**
 * Decimal odds as integer thousandths, rounded. `null` for what is no price: absent, not finite, 1.0 or below after
 * rounding, above {@link MAX_DECIMAL_ODDS}.
 */
export function toThousandths(decimal: number | null | undefined): Thousandths | null {
  if (typeof decimal !== 'number' || !Number.isFinite(decimal)) return null;
  const thousandths = Math.round(decimal * 1_000);
  return isPrice(thousandths) ? thousandths : null;
}

/** Whether a number can be a price: an integer above 1,000 and up to {@link MAX_DECIMAL_ODDS} in thousandths. */
export function isPrice(thousandths: number): boolean {
  return Number.isInteger(thousandths) && thousandths > 1_000 && thousandths <= MAX_DECIMAL_ODDS * 1_000;
}

/** The source's id within its market; numbers where the source has numbers. */
export type RunnerId = number | string;

/** The definition of a market. Fields that the source does not give are absent. */
export interface MarketDefinition {
  /** Global event id, see {@link marketId}. */
  readonly event: string;
  readonly eventName?: string;
  readonly sport: string;
  readonly competition?: string;
  /** The source's market type: `MATCH_ODDS`, `WIN`, a UOF market number. */
  readonly type: string;
  readonly name?: string;
  /** RFC 3339, UTC. */
  readonly startTime?: string;
  readonly country?: string;
  readonly venue?: string;
  /** Line and the like: `total=2.5`. */
  readonly specifiers?: string;
  /** Market groups by which a bet stop may be limited (UOF). */
  readonly groups?: readonly string[];
  readonly winners?: number;
  readonly betDelay?: number;
  /** In display order. */
  readonly runners: readonly RunnerDefinition[];
}

export interface RunnerDefinition {
  readonly id: RunnerId;
  /** Handicap; part of the runner's identity where a market has one. */
  readonly hc?: number;
  readonly name?: string;
}

/** The current state of a runner. */
export interface Runner {
  readonly id: RunnerId;
  readonly hc?: number;
  readonly st: RunnerStatus;
  /** The price that a bettor can take now: fixed odds, or the best price available to back; the last traded one where a source has no other. */
  readonly p: Thousandths | null;
  /** The best price available to lay, on exchanges. */
  readonly lay?: Thousandths | null;
  /** Last traded, on exchanges. */
  readonly ltp?: Thousandths | null;
  /** Starting price, once reconciled. */
  readonly sp?: Thousandths | null;
}

/** Key of a runner within its market: `58805`, or `58805/-1.5` with a handicap. */
export function runnerKey({ id, hc }: { readonly id: RunnerId; readonly hc?: number }): string {
  return hc ? `${id}/${hc}` : String(id);
}

/** Ids of markets and events name their feed, because two sources may use the same: `betfair:1.241629436`. */
export function marketId(feed: string, native: string): string {
  return `${feed}:${native}`;
}
