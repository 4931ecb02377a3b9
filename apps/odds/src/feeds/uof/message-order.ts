import { LRUCache } from 'lru-cache';
import { sha256Hex } from '@paddock/contracts';
import type { OddsChangeMessage, OddsMarket, UofEventMessage, UofMarket } from './message-types.js';

/** The messages of one producer about one event that were admitted. */
interface ProducerHistory {
  /** Newest timestamp by market. */
  readonly markets: Map<string, number>;
  newest: number;
  /** Digests of the messages with the newest timestamp. */
  readonly digests: Set<string>;
}

interface EventHistory {
  readonly producers: Map<number, ProducerHistory>;
  /** Timestamp up to which a group, `all`, or a single market (`=` and its key) is stopped, whichever producer reports it. */
  readonly stops: Map<string, number>;
}

/** Events that are remembered per feed: more than any producer offers at once. */
const MAX_EVENTS = 20_000;

/**
 * The order of what producers report about one event: that of Sportradar's timestamps, not that of arrival, because a
 * broker delivers a message again when it does not know that it was received. Odds that are older than the newest odds of
 * the same producer for the same market are dropped. Odds from before a stop, or from before something that could not be
 * read, open no market. The same message again is ignored. Messages with equal timestamps apply in the order of arrival.
 *
 * Nothing is kept over a restart: a feed that starts recovers everything first.
 */
export class MessageOrder {
  private readonly events = new LRUCache<string, EventHistory>({ max: MAX_EVENTS });

  constructor(
    /** The groups of a market, as far as they are known. */
    private readonly groupsOf: (market: UofMarket) => readonly string[] | undefined,
  ) {}

  /** What of a message is to be applied; `undefined` where it is a repetition. */
  admit(message: UofEventMessage, text: string): UofEventMessage | undefined {
    const history = this.historyOf(message.event);
    const ordered = message.type === 'odds_change' || message.type === 'bet_stop';
    if (ordered && isRepetition(producerOf(history, message.product), message.timestamp, text)) return undefined;
    for (const { market } of message.flaws) stop(history, market ? `=${keyOf(market)}` : 'all', message);
    if (!ordered) return message;
    if (message.type === 'odds_change') return this.admitOdds(message, history);
    for (const group of message.groups) stop(history, group, message);
    return message;
  }

  /**
   * Something about an event could not be read, not even when it was said.
   * @returns the newest known timestamp of the producer, 0 where none is known
   */
  distrust(event: string, product: number): number {
    const history = this.historyOf(event);
    stop(history, 'all', { product: undefined, timestamp: 0 });
    return history.producers.get(product)?.newest ?? 0;
  }

  private historyOf(event: string): EventHistory {
    let history = this.events.get(event);
    if (!history) this.events.set(event, (history = { producers: new Map(), stops: new Map() }));
    return history;
  }

  private admitOdds(message: OddsChangeMessage, history: EventHistory): OddsChangeMessage {
    const { timestamp } = message;
    const { markets } = producerOf(history, message.product);
    const admitted = message.markets.flatMap((market): OddsMarket[] => {
      const key = keyOf(market);
      if (timestamp < (markets.get(key) ?? 0)) return [];
      markets.set(key, timestamp);
      return [market.status === 1 && this.isStopped(market, timestamp, history) ? { ...market, status: -1 } : market];
    });
    return { ...message, markets: admitted };
  }

  /** A market whose groups are not known may be in any group. */
  private isStopped(market: UofMarket, timestamp: number, { stops }: EventHistory): boolean {
    const groups = this.groupsOf(market);
    const concerns = (key: string): boolean =>
      key.startsWith('=') ? key === `=${keyOf(market)}` : key === 'all' || !groups || groups.includes(key);
    return [...stops].some(([key, at]) => at > timestamp && concerns(key));
  }
}

/** Stops what was reported until now: of the same producer by its own timestamp, of others whatever is known of them. */
function stop(
  { producers, stops }: EventHistory,
  key: string,
  { product, timestamp }: { readonly product: number | undefined; readonly timestamp: number },
): void {
  const others = [...producers].flatMap(([number, { newest }]) => (number === product ? [] : [newest + 0.5]));
  stops.set(key, Math.max(timestamp, stops.get(key) ?? 0, ...others));
}

function producerOf({ producers }: EventHistory, product: number): ProducerHistory {
  let history = producers.get(product);
  if (!history) producers.set(product, (history = { markets: new Map(), newest: 0, digests: new Set() }));
  return history;
}

function isRepetition(history: ProducerHistory, timestamp: number, text: string): boolean {
  if (timestamp < history.newest) return false;
  if (timestamp > history.newest) {
    history.newest = timestamp;
    history.digests.clear();
  }
  const digest = sha256Hex(text);
  if (history.digests.has(digest)) return true;
  history.digests.add(digest);
  return false;
}

function keyOf({ id, specifiers = '' }: UofMarket): string {
  return `${id}/${specifiers}`;
}
