import type { Redis } from 'ioredis';
import type { Logger } from '@paddock/runtime';
import { announceLegacyRoutes, isGone, legacyHeaders, LegacyRoutes, TrafficCounters } from '@paddock/traffic';
import { Problem } from '../http/problem.js';
import type { MarketRoute } from './market-streams.js';

/** The pattern of the old route, and what counters call it. */
export const LEGACY_EVENT = '/v1/odds/events/:event/markets';
/** The page about the move; RFC 9745 and RFC 8594 want links to one. */
const HOME = '/v1/odds';
const SUCCESSOR = '/v2/events/:event/markets';
const RETRY_MS = 1_000;
const DEPRECATED_AT = new Date('2026-01-01T00:00:00Z');

/** The old routes for markets: announced as such, counted by client beside the new ones, and gone after their day. */
export class LegacyMarketRoutes {
  private readonly routes: LegacyRoutes;
  private readonly counters: TrafficCounters;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly logger: Logger,
    sunsetAt: Date,
  ) {
    this.routes = new LegacyRoutes([
      {
        route: LEGACY_EVENT,
        version: 'v1',
        successor: SUCCESSOR,
        deprecatedAt: DEPRECATED_AT,
        sunsetAt,
        documentation: HOME,
      },
    ]);
    this.counters = new TrafficCounters(redis, prefix, (error) =>
      logger.debug({ err: error }, 'traffic is counted later'),
    );
  }

  /** Tells the migration board which old routes there are, as soon as Redis takes it. */
  announce(): void {
    announceLegacyRoutes(this.redis, this.prefix, this.routes).catch((error: unknown) => {
      this.logger.debug({ err: error }, 'legacy routes are announced later');
      this.retry = setTimeout(() => this.announce(), RETRY_MS).unref();
    });
  }

  /** The content of the migration page. */
  home(): string {
    const moves = this.routes.all.map(
      ({ route, successor, deprecatedAt, sunsetAt }) =>
        `<p><code>${route}</code> is deprecated since ${dayOf(deprecatedAt)} and answers 410 from ${dayOf(sunsetAt)} on. Ask <code>${successor}</code>: prices are integer thousandths there, and its <code>clk</code> leads on to <code>/v2/changes</code> and the stream.</p>`,
    );
    return `<!doctype html><html lang="en"><title>Odds, version 1</title><h1>Version 1 of the odds API ends</h1>${moves.join('')}</html>`;
  }

  /** For the migration board, by the name of the key's holder. */
  count(client: string, asked: MarketRoute): void {
    this.counters.count({ client, ...asked });
  }

  /** Headers of an answer. @throws Problem 410 from its last day on */
  headersFor(route: string, successor: string, now: number): Readonly<Record<string, string>> {
    const legacy = this.routes.find(route);
    if (!legacy) return {};
    const headers = legacyHeaders(legacy, successor);
    if (isGone(legacy, now))
      throw new Problem(410, 'ROUTE_GONE', `this route ended on ${dayOf(legacy.sunsetAt)}; ask ${successor}`, {
        headers,
      });
    return headers;
  }

  close(): Promise<void> {
    clearTimeout(this.retry);
    return this.counters.close();
  }
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
