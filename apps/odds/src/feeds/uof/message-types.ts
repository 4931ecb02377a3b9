import type { Thousandths } from '@paddock/contracts';

/** The members of every message. */
export interface FromProducer {
  /** Number of the producer: 1 live odds, 3 pre-match, … */
  readonly product: number;
  /** Milliseconds, by Sportradar's clock. */
  readonly timestamp: number;
}

/** The members of messages about one event. */
interface OfEvent extends FromProducer {
  readonly event: string;
  /** Markets in it that cannot be read: they may have changed in any way. */
  readonly flaws: readonly UofFlaw[];
}

/** A market that cannot be read, and why. Without `market` it may be any market of the event. */
export interface UofFlaw {
  readonly market?: UofMarket;
  readonly reason: string;
}

/** A price is `null` where the outcome has none. */
export interface UofOutcome {
  readonly id: string;
  readonly price: Thousandths | null;
  readonly active: boolean;
}

export interface UofMarket {
  readonly id: string;
  /** Sorted by name, see {@link canonicalSpecifiers}. */
  readonly specifiers?: string;
}

/** 1 active, 0 inactive, -1 suspended, -2 handed over, -3 settled, -4 cancelled. */
export type UofMarketStatus = 1 | 0 | -1 | -2 | -3 | -4;

export interface OddsMarket extends UofMarket {
  readonly status: UofMarketStatus;
  /** All outcomes that the market has now; none where only its status was sent. */
  readonly outcomes: readonly UofOutcome[];
}

export interface SettledOutcome {
  readonly id: string;
  /** 1 won, 0 lost, -1 undecided. */
  readonly result: 1 | 0 | -1;
  readonly voidFactor?: number;
  readonly deadHeatFactor?: number;
}

interface OfPeriod extends OfEvent {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export interface OddsChangeMessage extends OfEvent {
  readonly type: 'odds_change';
  readonly inPlay: boolean | undefined;
  readonly requestId: string | undefined;
  readonly markets: readonly OddsMarket[];
}

export interface BetStopMessage extends OfEvent {
  readonly type: 'bet_stop';
  readonly groups: readonly string[];
  readonly deactivates: boolean;
}

export type UofEventMessage =
  | OddsChangeMessage
  | BetStopMessage
  | (OfEvent & {
      readonly type: 'bet_settlement';
      readonly certainty: 1 | 2;
      readonly markets: readonly (UofMarket & { readonly outcomes: readonly SettledOutcome[] })[];
    })
  | (OfPeriod & {
      readonly type: 'rollback_bet_settlement' | 'rollback_bet_cancel';
      readonly markets: readonly UofMarket[];
    })
  | (OfPeriod & {
      readonly type: 'bet_cancel';
      readonly markets: readonly (UofMarket & { readonly voidReason?: string })[];
    })
  | (OfEvent & { readonly type: 'fixture_change'; readonly cancelled: boolean })
  /** Cash-out probabilities: no odds. */
  | (OfEvent & { readonly type: 'cashout' });

export type UofMessage =
  | UofEventMessage
  | (FromProducer & { readonly type: 'alive'; readonly subscribed: boolean })
  | (FromProducer & { readonly type: 'snapshot_complete'; readonly requestId: string });
