import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { RequestMistake } from '../http/problem.js';
import { withCaller } from './caller-query.js';
import { LEGACY_EVENT, LegacyMarketRoutes } from './legacy-routes.js';
import { secretOf } from '../http/client-access.js';
import { MarketFilter } from './market-filter.js';
import { visibleMarkets } from './market-list.js';
import { assertNoMistakes, MarketStreams } from './market-streams.js';
import { parseQuery } from './subscription-request.js';

/** Markets in the format of version 1: decimal odds, and no `clk` to resume from. */
@Controller('v1/odds')
export class LegacyMarketsController {
  constructor(
    private readonly streams: MarketStreams,
    private readonly legacy: LegacyMarketRoutes,
  ) {}

  /** The page about the move, to which every answer links. */
  @Get()
  home(@Res() reply: FastifyReply): void {
    void reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/html; charset=utf-8')
      .send(this.legacy.home());
  }

  @Get('events/:event/markets')
  event(
    @Param('event') event: string,
    @Query() query: Record<string, unknown>,
    @Headers() headers: Readonly<Record<string, string | string[] | undefined>>,
    @Res() reply: FastifyReply,
  ): void {
    const mistakes: RequestMistake[] = [];
    const { caller } = parseQuery(query, mistakes);
    assertNoMistakes(mistakes);
    const { view } = this.streams.authorize(
      { ...caller, secret: secretOf(headers, caller.clientKey) },
      { version: 'v1', route: LEGACY_EVENT },
    );
    reply.headers(
      this.legacy.headersFor(
        LEGACY_EVENT,
        withCaller(`/v2/events/${encodeURIComponent(event)}/markets`, [], caller),
        Date.now(),
      ),
    );
    const { hub } = this.streams.markets;
    const markets = visibleMarkets(hub, view, new MarketFilter({ events: [event] })).flatMap((market) => {
      const shown = view.show(market, hub.isSilent(market));
      const runners = Object.values(market.book.runners).map(({ id, p }) => ({
        id,
        odds: shown?.st === 'OPEN' && p !== null ? p / 1_000 : null,
      }));
      return shown ? [{ id: market.id, status: shown.st, runners }] : [];
    });
    void reply
      .header('cache-control', 'private, max-age=1')
      .header('vary', 'Paddock-Client-Key')
      .send({ event, markets });
  }
}
