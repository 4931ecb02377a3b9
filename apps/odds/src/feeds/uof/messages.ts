import { isRunnerId, isSourceId, readPrice, RUNNER_ID_RULE } from '../source-values.js';
import type {
  FromProducer,
  OddsMarket,
  SettledOutcome,
  UofEventMessage,
  UofFlaw,
  UofMarket,
  UofMessage,
  UofOutcome,
} from './message-types.js';
import { childrenOf, parseXml, UnusableXml, type XmlElement } from './parse-xml.js';
import { canonicalSpecifiers } from './specifiers.js';
import { integer, named, oneOf, required, share } from './xml-attributes.js';

/** A message that cannot be read, with what can be said of it all the same. */
export class UnusableMessage extends UnusableXml {
  constructor(
    reason: string,
    /** The event that it is about, as far as that can be read. */
    readonly event: string | undefined,
    readonly product: number | undefined,
    /** Whether it may have been about odds: documents of Sportradar's API are not. */
    readonly lost: boolean,
  ) {
    super(reason);
  }
}

const ABOUT_EVENTS = [
  'odds_change',
  'bet_stop',
  'bet_settlement',
  'rollback_bet_settlement',
  'bet_cancel',
  'rollback_bet_cancel',
  'fixture_change',
  'cashout',
];
const SYSTEM = ['alive', 'snapshot_complete'];

/**
 * One message of the Unified Odds Feed. A market in it that cannot be read is a flaw of the message, not its end.
 * @throws UnusableMessage naming what is wrong
 */
export function parseUofMessage(text: string): UofMessage {
  let root: XmlElement | undefined;
  try {
    root = parseXml(text);
    return messageOf(root);
  } catch (error) {
    if (!(error instanceof UnusableXml)) throw error;
    const event = root?.attributes['event_id'];
    const product = /^\d{1,9}$/.exec(root?.attributes['product'] ?? '')?.[0];
    throw new UnusableMessage(
      error.message,
      event && isSourceId(event) ? event : undefined,
      product === undefined ? undefined : Number(product),
      root === undefined || ABOUT_EVENTS.includes(root.name) || event !== undefined,
    );
  }
}

function messageOf(root: XmlElement): UofMessage {
  if (![...ABOUT_EVENTS, ...SYSTEM].includes(root.name)) throw new UnusableXml(`unknown message ${root.name}`);
  // Rollbacks of old recordings name no producer.
  const head: FromProducer = { product: integer(root, 'product', 0), timestamp: integer(root, 'timestamp') };
  if (root.name === 'alive') return { type: 'alive', ...head, subscribed: integer(root, 'subscribed', 1) === 1 };
  if (root.name === 'snapshot_complete')
    return { type: 'snapshot_complete', ...head, requestId: required(root, 'request_id') };
  return eventMessageOf(root, { ...head, event: eventId(root) });
}

function eventMessageOf(root: XmlElement, head: FromProducer & { readonly event: string }): UofEventMessage {
  switch (root.name) {
    case 'odds_change':
      return {
        type: 'odds_change',
        ...head,
        inPlay: inPlayOf(root),
        requestId: root.attributes['request_id'],
        ...readMarkets(childrenOf(root, 'odds')[0], oddsMarket),
      };
    case 'bet_stop':
      return {
        type: 'bet_stop',
        ...head,
        flaws: [],
        groups: (root.attributes['groups'] || 'all').split('|'),
        deactivates: root.attributes['market_status'] === '0',
      };
    case 'bet_settlement':
      return {
        type: 'bet_settlement',
        ...head,
        certainty: oneOf(root, 'certainty', [1, 2] as const),
        ...readMarkets(childrenOf(root, 'outcomes')[0], settledMarket),
      };
    case 'bet_cancel':
      return {
        type: 'bet_cancel',
        ...head,
        ...period(root),
        ...readMarkets(root, (market, about) => ({ ...about, ...named(market, 'void_reason', 'voidReason') })),
      };
    case 'rollback_bet_settlement':
    case 'rollback_bet_cancel':
      return { type: root.name, ...head, ...period(root), ...readMarkets(root, (_market, about) => about) };
    case 'fixture_change':
      return { type: 'fixture_change', ...head, flaws: [], cancelled: root.attributes['change_type'] === '3' };
    default:
      return { type: 'cashout', ...head, flaws: [] };
  }
}

/** Reads each market by itself. Two that are one market contradict each other, so neither is believed. */
function readMarkets<T extends UofMarket>(
  parent: XmlElement | undefined,
  read: (market: XmlElement, about: UofMarket) => T,
): { readonly markets: T[]; readonly flaws: UofFlaw[] } {
  const markets = new Map<string, T>();
  const flaws: UofFlaw[] = [];
  const repeated = new Set<string>();
  for (const element of childrenOf(parent, 'market')) {
    let about: UofMarket | undefined;
    try {
      about = marketOf(element);
      const key = `${about.id}/${about.specifiers ?? ''}`;
      if (markets.has(key)) repeated.add(key);
      markets.set(key, read(element, about));
    } catch (error) {
      if (!(error instanceof UnusableXml)) throw error;
      flaws.push({ ...(about ? { market: about } : {}), reason: error.message });
    }
  }
  for (const key of repeated) {
    const market = markets.get(key);
    markets.delete(key);
    if (market) flaws.push({ market: identityOf(market), reason: `market ${key} is there twice` });
  }
  return { markets: [...markets.values()], flaws };
}

function identityOf({ id, specifiers }: UofMarket): UofMarket {
  return { id, ...(specifiers ? { specifiers } : {}) };
}

const STATUSES = [1, 0, -1, -2, -3, -4] as const;

function oddsMarket(market: XmlElement, about: UofMarket): OddsMarket {
  return { ...about, status: oneOf(market, 'status', STATUSES, 1), outcomes: outcomesOf(market, outcomeOf) };
}

function outcomeOf(outcome: XmlElement, id: string): UofOutcome {
  const price = readPrice(outcome.attributes['odds']);
  if (price === undefined) throw new UnusableXml('outcome: odds must be a plain decimal number up to 100,000');
  return { id, price, active: oneOf(outcome, 'active', [1, 0] as const, 1) === 1 };
}

function settledMarket(market: XmlElement, about: UofMarket): UofMarket & { outcomes: SettledOutcome[] } {
  return {
    ...about,
    outcomes: outcomesOf(market, (outcome, id) => ({
      id,
      result: oneOf(outcome, 'result', [1, 0, -1] as const),
      ...share(outcome, 'void_factor', 'voidFactor'),
      ...share(outcome, 'dead_heat_factor', 'deadHeatFactor'),
    })),
  };
}

function outcomesOf<T extends { readonly id: string }>(
  market: XmlElement,
  read: (outcome: XmlElement, id: string) => T,
): T[] {
  const outcomes = childrenOf(market, 'outcome').map((outcome) => {
    const id = required(outcome, 'id');
    if (!isRunnerId(id)) throw new UnusableXml(RUNNER_ID_RULE);
    return read(outcome, id);
  });
  if (new Set(outcomes.map(({ id }) => id)).size < outcomes.length) throw new UnusableXml('an outcome is there twice');
  return outcomes;
}

/** Only id and specifiers name a market: `extended_specifiers` inform. */
function marketOf(market: XmlElement): UofMarket {
  const id = required(market, 'id');
  const specifiers = canonicalSpecifiers(market.attributes['specifiers']);
  if (!/^\d{1,9}$/.test(id)) throw new UnusableXml('market: id must be a number');
  if (specifiers === undefined || !isSourceId(`${id}/${specifiers}`))
    throw new UnusableXml('market: specifiers must be name=value, joined by |, each name once');
  return { id, ...(specifiers ? { specifiers } : {}) };
}

function eventId(root: XmlElement): string {
  const id = required(root, 'event_id');
  if (isSourceId(id)) return id;
  throw new UnusableXml(`${root.name}: event_id must be a URN such as sr:match:1`);
}

/** `status` of the event: 0 not started, 1 live, 2 suspended, 3 ended, 4 closed. */
function inPlayOf(root: XmlElement): boolean | undefined {
  const status = childrenOf(root, 'sport_event_status')[0]?.attributes['status'];
  return status === undefined ? undefined : ['1', '2'].includes(status);
}

function period(root: XmlElement): { from: number | undefined; to: number | undefined } {
  const at = (name: string): number | undefined =>
    root.attributes[name] === undefined ? undefined : integer(root, name);
  return { from: at('start_time'), to: at('end_time') };
}
