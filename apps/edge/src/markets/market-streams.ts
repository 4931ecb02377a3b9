import { invalidParameters, Problem, type RequestMistake } from '../http/problem.js';
import type { MarketAccess, MarketCaller, OpenedMarkets } from './market-access.js';
import { conflationOf } from './market-policy.js';
import type { Markets } from './markets.js';
import type { Sink } from './sink.js';
import type { SubscribeOptions } from './subscription-request.js';

/** The label of a request in counters: the route's pattern, never the path. */
export interface MarketRoute {
  readonly version: 'v1' | 'v2';
  readonly route: string;
}

/** For WebSockets and server-sent events. */
export const STREAM_ROUTE: MarketRoute = { version: 'v2', route: '/v2/markets/stream' };

/** The open connections that get market frames, over any transport. */
export class MarketStreams {
  private readonly open = new Map<Sink, OpenedMarkets>();
  private closed = false;

  constructor(
    readonly markets: Markets,
    private readonly access: MarketAccess,
    private readonly max: number,
    private readonly count: (opened: OpenedMarkets, asked: MarketRoute) => void,
  ) {
    markets.onSettings(() => this.dropLapsed());
  }

  get size(): number {
    return this.open.size;
  }

  /** Authorizes a caller to read markets, and counts the request. @throws Problem 400, 401, 403, 404 or 503 */
  authorize(caller: MarketCaller, asked: MarketRoute): OpenedMarkets {
    const opened = this.access.open(caller);
    this.count(opened, asked);
    return opened;
  }

  /** The same for a stream. @throws Problem also when the limit of open streams is reached */
  admit(caller: MarketCaller, asked: MarketRoute): OpenedMarkets {
    if (this.closed || this.open.size >= this.max) {
      throw new Problem(503, 'TOO_MANY_STREAMS', 'this edge has as many open streams as it takes', {
        headers: { 'Retry-After': '5' },
      });
    }
    return this.authorize(caller, asked);
  }

  add(sink: Sink, opened: OpenedMarkets): void {
    this.open.set(sink, opened);
  }

  remove(sink: Sink): void {
    this.open.delete(sink);
  }

  /** @returns a function that ends the subscription */
  subscribe({ view, environment }: OpenedMarkets, id: number, wishes: SubscribeOptions, sink: Sink): () => void {
    const { filter, hbMs, clk } = wishes;
    const feeds = [...(filter.values.events ?? []), ...(filter.values.markets ?? [])].map(
      (global) => global.split(':', 1)[0] ?? '',
    );
    const conflateMs = wishes.conflateMs ?? conflationOf(this.markets.rulesOf(environment), [...new Set(feeds)]);
    return this.markets.hub.subscribe(
      view,
      { id, filter, conflateMs, hbMs, clk },
      sink,
      `"conflateMs":${conflateMs},"hbMs":${hbMs},`,
    );
  }

  /** Ends every stream and refuses new ones. */
  drain(): void {
    this.closed = true;
    this.markets.hub.drain();
    for (const sink of [...this.open.keys()]) sink.end('DRAIN');
  }

  /** Ends the streams whose key was revoked or now opens another view. */
  private dropLapsed(): void {
    for (const [sink, opened] of [...this.open]) if (!opened.stillHolds()) sink.end('KEY');
  }
}

/** @throws Problem 400 naming every mistake */
export function assertNoMistakes(mistakes: RequestMistake[]): void {
  if (mistakes.length > 0) throw invalidParameters(mistakes);
}
