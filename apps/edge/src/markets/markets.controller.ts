import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HttpPort } from '@paddock/http-server';
import { matchesEtag } from '@paddock/runtime';
import { quote, type RequestMistake } from '../http/problem.js';
import { EventSnapshots } from './event-snapshots.js';
import { pollChanges } from './long-poll.js';
import { secretOf } from '../http/client-access.js';
import type { MarketCaller } from './market-access.js';
import { filterNamed, MarketFilter } from './market-filter.js';
import { assertNoMistakes, MarketStreams, STREAM_ROUTE } from './market-streams.js';
import { openEvents } from './stream-events.js';
import { parseQuery, type SubscribeQuery } from './subscription-request.js';

const MAX_ID_LENGTH = 200;
const MAX_WAIT_MS = 30_000;
const DEFAULT_WAIT_MS = 25_000;

type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Markets for those who ask again and again, and as server-sent events. */
@Controller('v2')
export class MarketsController {
  constructor(
    private readonly streams: MarketStreams,
    private readonly snapshots: EventSnapshots,
    private readonly port: HttpPort,
  ) {}

  @Get('events/:event/markets')
  event(
    @Param('event') event: string,
    @Query() query: Record<string, unknown>,
    @Headers() headers: RequestHeaders,
    @Res() reply: FastifyReply,
  ): void {
    const mistakes: RequestMistake[] = [];
    const { caller, hasFilter } = parseQuery(query, mistakes);
    if (hasFilter)
      mistakes.push({ field: 'events', message: 'the path says which event; filters are for /v2/markets' });
    if (event.length > MAX_ID_LENGTH)
      mistakes.push({ field: 'event', message: `has more than ${MAX_ID_LENGTH} characters` });
    assertNoMistakes(mistakes);
    this.snapshot(
      '/v2/events/:event/markets',
      new MarketFilter({ events: [event] }),
      callerOf(headers, caller),
      headers,
      reply,
    );
  }

  @Get('markets')
  list(@Query() query: Record<string, unknown>, @Headers() headers: RequestHeaders, @Res() reply: FastifyReply): void {
    const mistakes: RequestMistake[] = [];
    const { filter, caller } = parseQuery(query, mistakes);
    assertNoMistakes(mistakes);
    this.snapshot('/v2/markets', filter, callerOf(headers, caller), headers, reply);
  }

  @Get('markets/stream')
  stream(
    @Query() query: Record<string, unknown>,
    @Headers() headers: RequestHeaders,
    @Res() reply: FastifyReply,
  ): void {
    const mistakes: RequestMistake[] = [];
    const { caller, ...wishes } = parseQuery(query, mistakes);
    assertNoMistakes(mistakes);
    const opened = this.streams.admit(callerOf(headers, caller), STREAM_ROUTE);
    this.port.openStream(reply.request.raw);
    const last = headers['last-event-id'];
    reply.hijack();
    openEvents(reply.raw, this.streams, opened, {
      ...wishes,
      clk: typeof last === 'string' && last !== '' ? last : wishes.clk,
    });
  }

  @Get('changes')
  async changes(
    @Query() query: Record<string, unknown>,
    @Headers() headers: RequestHeaders,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const mistakes: RequestMistake[] = [];
    const parsed = parseQuery(query, mistakes, ['since', 'wait']);
    const waitMs = waitOf(parsed, mistakes);
    const since = parsed.text('since') ?? '';
    const read = this.streams.markets.hub.placeOf(since);
    if (read === 'MALFORMED') mistakes.push({ field: 'since', message: `${quote(since)} is not a clk` });
    const named = typeof read === 'string' ? parsed.filter : filterNamed(read.filter);
    if (!named && !parsed.hasFilter)
      mistakes.push({
        field: 'since',
        message: 'is of a filter too long to be read from it: say the filter again beside it',
      });
    assertNoMistakes(mistakes);
    const opened = this.streams.admit(callerOf(headers, parsed.caller), { version: 'v2', route: '/v2/changes' });
    const filter = parsed.hasFilter ? parsed.filter : (named ?? parsed.filter);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const changes = await pollChanges(this.streams, opened, {
      filter,
      since,
      waitMs,
      conflateMs: parsed.conflateMs,
      callerQuery: parsed.caller,
      gone: gone.signal,
    });
    void reply.header('cache-control', 'no-store').send(changes);
  }

  private snapshot(
    route: string,
    filter: MarketFilter,
    caller: MarketCaller,
    headers: RequestHeaders,
    reply: FastifyReply,
  ): void {
    const { view } = this.streams.authorize(caller, { version: 'v2', route });
    const { json, etag } = this.snapshots.read(view, filter, Date.now());
    // Whose key it is decides what is in it, and a price is good for as long as nothing else is known.
    reply.header('etag', etag).header('cache-control', 'private, max-age=1').header('vary', 'Paddock-Client-Key');
    const wanted = headers['if-none-match'];
    if (matchesEtag(typeof wanted === 'string' ? wanted : undefined, etag)) void reply.code(304).send();
    else void reply.type('application/json; charset=utf-8').send(json);
  }
}

function callerOf(headers: RequestHeaders, { clientKey, site, environment }: SubscribeQuery['caller']): MarketCaller {
  return { secret: secretOf(headers, clientKey), site, environment };
}

function waitOf({ text }: SubscribeQuery, mistakes: RequestMistake[]): number {
  const given = text('wait');
  if (given === undefined || given === '') return DEFAULT_WAIT_MS;
  const wait = Number(given);
  if (Number.isSafeInteger(wait) && wait >= 0 && wait <= MAX_WAIT_MS) return wait;
  mistakes.push({ field: 'wait', message: `must be a whole number of milliseconds from 0 to ${MAX_WAIT_MS}` });
  return DEFAULT_WAIT_MS;
}
