import {
  type BetStop,
  type MarketChange,
  marketId,
  type OddsChange,
  type Result,
  type SettlementChange,
  type SourceStatus,
} from '@paddock/contracts';
import type {
  OddsChangeMessage,
  OddsMarket,
  SettledOutcome,
  UofEventMessage,
  UofMarket,
  UofMarketStatus,
} from './message-types.js';
import type { UofReference } from './reference.js';

/** -2 is handed over: suspended until another producer reports the market, ignored where one has already. */
const STATUSES: Readonly<Record<UofMarketStatus, SourceStatus>> = {
  1: 'OPEN',
  0: 'INACTIVE',
  [-1]: 'SUSPENDED',
  [-2]: 'SUSPENDED',
  [-3]: 'CLOSED',
  [-4]: 'CANCELLED',
};

/** Betradar Ctrl, the pre-match producer: it ranks below every producer that may offer an event while it is played. */
const PRE_MATCH = 3;

/** The changes of a message in the common vocabulary. Unreadable markets stop first, so that the others may reopen. */
export function normaliseUof(
  prefix: string,
  feed: string,
  message: UofEventMessage,
  reference: UofReference,
  at: number,
): OddsChange[] {
  const event = marketId(prefix, message.event);
  const clk = message.type === 'odds_change' ? message.requestId : undefined;
  const moment: Moment = { source: { feed, pt: message.timestamp, ...(clk ? { clk } : {}) }, at };
  return [...stopsOf(message, event, moment), ...saidBy(message, event, moment, reference)];
}

/** Stops every market of an event, because a message about it could not be read. */
export function stopOfEvent(prefix: string, feed: string, event: string, pt: number, at: number): BetStop {
  return { type: 'bet_stop', source: { feed, pt }, at, event: marketId(prefix, event), status: 'SUSPENDED' };
}

type Moment = Pick<MarketChange, 'source' | 'at'>;

/** Markets that cannot be read, by name where they have one, else the whole event. */
function stopsOf({ flaws }: UofEventMessage, event: string, moment: Moment): BetStop[] {
  if (flaws.length === 0) return [];
  const named = flaws.flatMap(({ market }) => (market ? [idOf(event, market)] : []));
  return [
    {
      type: 'bet_stop',
      ...moment,
      event,
      ...(named.length === flaws.length ? { markets: named } : {}),
      status: 'SUSPENDED',
    },
  ];
}

function saidBy(message: UofEventMessage, event: string, moment: Moment, reference: UofReference): OddsChange[] {
  const settlement = (
    about: UofMarket,
    more: Pick<SettlementChange, 'state'> & Partial<SettlementChange>,
  ): SettlementChange => ({
    type: 'settlement',
    ...moment,
    market: idOf(event, about),
    event,
    ...more,
  });
  switch (message.type) {
    case 'odds_change':
      return message.markets.map((market) => marketChange(message, market, event, moment, reference));
    case 'bet_stop':
      return [
        {
          type: 'bet_stop',
          ...moment,
          event,
          ...(message.groups.includes('all') ? {} : { groups: message.groups }),
          status: message.deactivates ? 'INACTIVE' : 'SUSPENDED',
        },
      ];
    case 'bet_settlement':
      return message.markets.map((market) =>
        settlement(market, {
          state: 'SETTLED',
          certainty: message.certainty === 2 ? 'CONFIRMED' : 'LIVE',
          results: market.outcomes.map(resultOf),
        }),
      );
    case 'rollback_bet_settlement':
      return message.markets.map((market) => settlement(market, { state: 'ROLLED_BACK' }));
    case 'bet_cancel':
      return message.markets.map((market) =>
        settlement(market, {
          state: 'CANCELLED',
          ...periodOf(message),
          ...(market.voidReason ? { reason: market.voidReason } : {}),
        }),
      );
    case 'rollback_bet_cancel':
      return message.markets.map((market) => settlement(market, { state: 'CANCEL_ROLLED_BACK', ...periodOf(message) }));
    case 'fixture_change':
      return message.cancelled ? [{ type: 'bet_stop', ...moment, event, status: 'SUSPENDED' }] : [];
    case 'cashout':
      return [];
  }
}

/**
 * One market of an odds change. With outcomes it is an image: what the message leaves out is not offered any more. Only
 * suspended and withdrawn markets come without; one that is called active without a price is not open.
 */
function marketChange(
  message: OddsChangeMessage,
  market: OddsMarket,
  event: string,
  moment: Moment,
  reference: UofReference,
): MarketChange {
  const offered = market.outcomes.some(({ active, price }) => active && price !== null);
  const status = STATUSES[market.status];
  return {
    type: 'market',
    ...moment,
    market: idOf(event, market),
    event,
    status: status === 'OPEN' && !offered ? 'SUSPENDED' : status,
    ...(message.inPlay === undefined ? {} : { inPlay: message.inPlay }),
    ...(message.product === PRE_MATCH ? { yields: true } : {}),
    ...(market.status === -2 ? { handedOver: true } : {}),
    ...(market.outcomes.length === 0
      ? {}
      : {
          img: true,
          definition: reference.definition(
            { id: event, native: message.event },
            market,
            market.outcomes.map(({ id }) => id),
          ),
          runners: market.outcomes.map(({ id, price, active }) => ({
            id,
            st: active && price !== null ? 'ACTIVE' : 'INACTIVE',
            p: price,
          })),
        }),
  };
}

function idOf(event: string, { id, specifiers }: UofMarket): string {
  return [event, id, ...(specifiers ? [specifiers] : [])].join('/');
}

function periodOf({ from, to }: { readonly from: number | undefined; readonly to: number | undefined }): {
  from?: number;
  to?: number;
} {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function resultOf({ id, result, voidFactor, deadHeatFactor }: SettledOutcome): {
  id: string;
  result: Result;
  voidFactor?: number;
  deadHeatFactor?: number;
} {
  const won = result === 1 ? 'WON' : result === 0 ? 'LOST' : 'UNDECIDED';
  return {
    id,
    result: voidFactor === 1 ? 'VOID' : won,
    ...(voidFactor === undefined ? {} : { voidFactor }),
    ...(deadHeatFactor === undefined ? {} : { deadHeatFactor }),
  };
}
