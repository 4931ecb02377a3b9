import { childrenOf, parseXml, UnusableXml, type XmlElement } from './parse-xml.js';

interface FromProducer {
  /** Number of the producer: 1 live odds, 3 pre-match, … */
  readonly product: number;
  /** Milliseconds, by Sportradar's clock. */
  readonly timestamp: number;
}

interface OfEvent extends FromProducer {
  readonly event: string;
}

export interface UofOutcome {
  readonly id: string;
  readonly odds?: number;
  readonly active: boolean;
}

export interface UofMarket {
  readonly id: string;
  readonly specifiers?: string;
}

/** 1 active, 0 inactive, -1 suspended, -2 handed over, -3 settled, -4 cancelled. */
export type UofMarketStatus = 1 | 0 | -1 | -2 | -3 | -4;

export interface OddsMarket extends UofMarket {
  readonly status: UofMarketStatus;
  readonly outcomes: readonly UofOutcome[];
}

export interface SettledOutcome {
  readonly id: string;
  /** 1 won, 0 lost, -1 undecided. */
  readonly result: 1 | 0 | -1;
  readonly voidFactor?: number;
  readonly deadHeatFactor?: number;
}

export type UofMessage =
  | (OfEvent & { readonly type: 'odds_change'; readonly inPlay: boolean | undefined; readonly requestId: string | undefined; readonly markets: readonly OddsMarket[] })
  | (OfEvent & { readonly type: 'bet_stop'; readonly groups: readonly string[]; readonly status: UofMarketStatus })
  | (OfEvent & { readonly type: 'bet_settlement'; readonly certainty: 1 | 2; readonly markets: readonly (UofMarket & { readonly outcomes: readonly SettledOutcome[] })[] })
  | (OfEvent & { readonly type: 'rollback_bet_settlement' | 'rollback_bet_cancel'; readonly from: number | undefined; readonly to: number | undefined; readonly markets: readonly UofMarket[] })
  | (OfEvent & { readonly type: 'bet_cancel'; readonly from: number | undefined; readonly to: number | undefined; readonly markets: readonly (UofMarket & { readonly voidReason?: string })[] })
  | (OfEvent & { readonly type: 'fixture_change' })
  | (FromProducer & { readonly type: 'alive'; readonly subscribed: boolean })
  | (FromProducer & { readonly type: 'snapshot_complete'; readonly requestId: string });

/**
 * One message of the Unified Odds Feed.
 * @throws UnusableXml naming what is wrong
 */
export function parseUofMessage(text: string): UofMessage {
  const root = parseXml(text);
  // Rollbacks of old recordings name no producer.
  const product = integer(root, 'product', 0);
  const timestamp = integer(root, 'timestamp');
  if (root.name === 'alive') return { type: 'alive', product, timestamp, subscribed: integer(root, 'subscribed', 1) === 1 };
  if (root.name === 'snapshot_complete') return { type: 'snapshot_complete', product, timestamp, requestId: required(root, 'request_id') };
  const head = { product, timestamp, event: required(root, 'event_id') };
  switch (root.name) {
    case 'odds_change':
      return { type: 'odds_change', ...head, inPlay: inPlayOf(root), requestId: root.attributes['request_id'], markets: childrenOf(childrenOf(root, 'odds')[0], 'market').map(oddsMarket) };
    case 'bet_stop':
      return { type: 'bet_stop', ...head, groups: (root.attributes['groups'] ?? 'all').split('|'), status: oneOf(root, 'market_status', STATUSES, -1) };
    case 'bet_settlement':
      return { type: 'bet_settlement', ...head, certainty: oneOf(root, 'certainty', [1, 2] as const), markets: childrenOf(childrenOf(root, 'outcomes')[0], 'market').map(settledMarket) };
    case 'bet_cancel':
      return { type: 'bet_cancel', ...head, ...period(root), markets: childrenOf(root, 'market').map((market) => ({ ...marketOf(market), ...named(market, 'void_reason', 'voidReason') })) };
    case 'rollback_bet_settlement':
    case 'rollback_bet_cancel':
      return { type: root.name, ...head, ...period(root), markets: childrenOf(root, 'market').map(marketOf) };
    case 'fixture_change':
      return { type: 'fixture_change', ...head };
    default:
      throw new UnusableXml(`unknown message ${root.name}`);
  }
}

const STATUSES = [1, 0, -1, -2, -3, -4] as const;

function oddsMarket(market: XmlElement): OddsMarket {
  return { ...marketOf(market), status: oneOf(market, 'status', STATUSES, 1), outcomes: childrenOf(market, 'outcome').map(outcomeOf) };
}

function outcomeOf(outcome: XmlElement): UofOutcome {
  return { id: required(outcome, 'id'), ...decimal(outcome, 'odds', 'odds'), active: integer(outcome, 'active', 1) === 1 };
}

function settledMarket(market: XmlElement): UofMarket & { outcomes: SettledOutcome[] } {
  return {
    ...marketOf(market),
    outcomes: childrenOf(market, 'outcome').map((outcome) => ({
      id: required(outcome, 'id'),
      result: oneOf(outcome, 'result', [1, 0, -1] as const),
      ...decimal(outcome, 'void_factor', 'voidFactor'),
      ...decimal(outcome, 'dead_heat_factor', 'deadHeatFactor'),
    })),
  };
}

function marketOf(market: XmlElement): UofMarket {
  return { id: required(market, 'id'), ...named(market, 'specifiers', 'specifiers') };
}

/** `status` of the event: 0 not started, 1 live, 2 suspended, 3 ended, 4 closed. */
function inPlayOf(root: XmlElement): boolean | undefined {
  const [status] = childrenOf(root, 'sport_event_status');
  return status ? [1, 2].includes(integer(status, 'status', 0)) : undefined;
}

function period(root: XmlElement): { from: number | undefined; to: number | undefined } {
  const at = (name: string): number | undefined => (root.attributes[name] === undefined ? undefined : integer(root, name));
  return { from: at('start_time'), to: at('end_time') };
}

function required(element: XmlElement, name: string): string {
  const value = element.attributes[name];
  if (value) return value;
  throw new UnusableXml(`${element.name} has no ${name}`);
}

function integer(element: XmlElement, name: string, fallback?: number): number {
  const text = element.attributes[name];
  if (text === undefined && fallback !== undefined) return fallback;
  if (text !== undefined && /^-?\d{1,15}$/.test(text)) return Number(text);
  throw new UnusableXml(`${element.name}: ${name} must be an integer`);
}

function oneOf<const T extends number>(element: XmlElement, name: string, allowed: readonly T[], fallback?: T): T {
  const value = integer(element, name, fallback);
  const known = allowed.find((option) => option === value);
  if (known !== undefined) return known;
  throw new UnusableXml(`${element.name}: ${name} must be one of ${allowed.join(', ')}`);
}

function decimal<Name extends string>(element: XmlElement, attribute: string, name: Name): { [key in Name]?: number } {
  const text = element.attributes[attribute];
  const found: { [key in Name]?: number } = {};
  if (text === undefined || text === '') return found;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new UnusableXml(`${element.name}: ${attribute} must be a number`);
  found[name] = value;
  return found;
}

function named<Name extends string>(element: XmlElement, attribute: string, name: Name): { [key in Name]?: string } {
  const found: { [key in Name]?: string } = {};
  const value = element.attributes[attribute];
  if (value) found[name] = value;
  return found;
}
