import { marketId, type OddsChange, type Result, type SettlementChange, type SourceStatus, toThousandths } from '#contracts';
import type { SettledOutcome, UofMarket, UofMarketStatus, UofMessage } from './messages.js';
import type { UofReference } from './reference.js';

/** -2 is handed over to another producer: nobody may bet until that one speaks. */
const STATUSES: Readonly<Record<UofMarketStatus, SourceStatus>> = {
  1: 'OPEN',
  0: 'INACTIVE',
  [-1]: 'SUSPENDED',
  [-2]: 'SUSPENDED',
  [-3]: 'CLOSED',
  [-4]: 'CANCELLED',
};

/** What a message says, in the common vocabulary; words about the feed itself say nothing of markets. */
export function normaliseUof(prefix: string, feed: string, message: UofMessage, reference: UofReference, at: number): OddsChange[] {
  if (!('event' in message)) return [];
  const event = marketId(prefix, message.event);
  const moment = { source: { feed, pt: message.timestamp, ...('requestId' in message && message.requestId ? { clk: message.requestId } : {}) }, at };
  const market = ({ id, specifiers }: UofMarket): string => [event, id, ...(specifiers ? [specifiers] : [])].join('/');
  const settlement = (about: UofMarket, more: Pick<SettlementChange, 'state'> & Partial<SettlementChange>): SettlementChange => ({ type: 'settlement', ...moment, market: market(about), event, ...more });
  switch (message.type) {
    case 'odds_change':
      return message.markets.map((one) => ({
        type: 'market',
        ...moment,
        market: market(one),
        event,
        status: STATUSES[one.status],
        ...(message.inPlay === undefined ? {} : { inPlay: message.inPlay }),
        // A market that is only suspended or withdrawn is sent without its outcomes.
        ...(one.outcomes.length === 0
          ? {}
          : {
              definition: reference.definition({ id: event, native: message.event }, one, one.outcomes.map(({ id }) => id)),
              runners: one.outcomes.map(({ id, odds, active }) => ({ id, st: active ? 'ACTIVE' : 'INACTIVE', p: toThousandths(odds) })),
            }),
      }));
    case 'bet_stop':
      return [{ type: 'bet_stop', ...moment, event, ...(message.groups.includes('all') ? {} : { groups: message.groups }), status: message.status === 0 ? 'INACTIVE' : 'SUSPENDED' }];
    case 'bet_settlement':
      return message.markets.map((one) =>
        settlement(one, { state: 'SETTLED', certainty: message.certainty === 2 ? 'CONFIRMED' : 'LIVE', results: one.outcomes.map(resultOf) }),
      );
    case 'rollback_bet_settlement':
      return message.markets.map((one) => settlement(one, { state: 'ROLLED_BACK' }));
    case 'bet_cancel':
      return message.markets.map((one) => settlement(one, { state: 'CANCELLED', ...periodOf(message), ...(one.voidReason ? { reason: one.voidReason } : {}) }));
    case 'rollback_bet_cancel':
      return message.markets.map((one) => settlement(one, { state: 'CANCEL_ROLLED_BACK', ...periodOf(message) }));
    case 'fixture_change':
      return [];
  }
}

function periodOf({ from, to }: { readonly from: number | undefined; readonly to: number | undefined }): { from?: number; to?: number } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function resultOf({ id, result, voidFactor, deadHeatFactor }: SettledOutcome): { id: string; result: Result; voidFactor?: number; deadHeatFactor?: number } {
  const won = result === 1 ? 'WON' : result === 0 ? 'LOST' : 'UNDECIDED';
  return {
    id,
    result: voidFactor === 1 ? 'VOID' : won,
    ...(voidFactor === undefined ? {} : { voidFactor }),
    ...(deadHeatFactor === undefined ? {} : { deadHeatFactor }),
  };
}
