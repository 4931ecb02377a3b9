import { Args, Context, ID, Int, Query, Resolver, Subscription } from '@nestjs/graphql';
import { invalidParameters, type RequestMistake } from '../http/problem.js';
import { CollectingSink, type FrameEntry } from '../markets/collected.js';
import { secretOf } from '../http/client-access.js';
import type { MarketCaller } from '../markets/market-access.js';
import { visibleMarkets } from '../markets/market-list.js';
import { assertNoMistakes, MarketStreams } from '../markets/market-streams.js';
import { parseSubscribeOptions } from '../markets/subscription-request.js';
import { image } from '../markets/write-market.js';
import { answering } from './answering.js';
import type { EdgeContext } from './layout.resolver.js';
import {
  MarketConnection,
  MarketEdge,
  MarketFilterInput,
  MarketsDelta,
  MarketsHeartbeat,
  MarketsImage,
  MarketsMessage,
  toMarket,
  toMessage,
} from './market.object.js';

const MAX_PAGE = 200;

type Message = MarketsImage | MarketsDelta | MarketsHeartbeat;

@Resolver()
export class MarketResolver {
  constructor(private readonly streams: MarketStreams) {}

  @Query(() => MarketConnection, { description: 'Markets as the client key may see them now.' })
  markets(
    @Context() context: EdgeContext,
    @Args('filter', { type: () => MarketFilterInput, nullable: true }) filter: MarketFilterInput | undefined,
    @Args('first', { type: () => Int, defaultValue: 50, description: `At most ${MAX_PAGE}.` }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | undefined,
    @Args('site', { type: () => String, nullable: true, description: 'Only with a key that is bound to no site.' })
    site: string | undefined,
    @Args('environment', { type: () => String, nullable: true }) environment: string | undefined,
  ): MarketConnection {
    return answering(() => {
      const mistakes: RequestMistake[] = [];
      const wishes = parseSubscribeOptions({ filter }, mistakes);
      if (first < 1 || first > MAX_PAGE)
        mistakes.push({ field: 'first', message: `must be a whole number from 1 to ${MAX_PAGE}` });
      assertNoMistakes(mistakes);
      const { view } = this.streams.authorize(callerOf(context, site, environment), {
        version: 'v2',
        route: '/graphql markets',
      });
      const { hub } = this.streams.markets;
      const all = visibleMarkets(hub, view, wishes.filter);
      const start = after === undefined || after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      if (after && start === 0)
        throw invalidParameters([{ field: 'after', message: 'is no longer in this list: read it from the start' }]);
      const edges = all.slice(start, start + first).flatMap((market) => {
        const shown = view.show(market, hub.isSilent(market));
        const entry: FrameEntry | undefined = shown && JSON.parse(image(market, shown));
        return entry ? [Object.assign(new MarketEdge(), { cursor: market.id, node: toMarket(entry) })] : [];
      });
      return Object.assign(new MarketConnection(), {
        clk: hub.clk(view, wishes.filter),
        edges,
        hasNextPage: start + first < all.length,
      });
    });
  }

  @Subscription(() => MarketsMessage, {
    description:
      'An image, or what was missed since `sinceClk`, then every change: `odds/1` as GraphQL. To reconnect, subscribe with the newest `clk`.',
    resolve: (message: Message) => message,
  })
  marketChanges(
    @Context() context: EdgeContext,
    @Args('filter', { type: () => MarketFilterInput, nullable: true }) filter: MarketFilterInput | undefined,
    @Args('sinceClk', { type: () => ID, nullable: true }) sinceClk: string | undefined,
    @Args('conflateMs', {
      type: () => Int,
      nullable: true,
      description: '0 to 120000; defaults to the window of the feeds.',
    })
    conflateMs: number | undefined,
    @Args('hbMs', { type: () => Int, nullable: true, description: '500 to 5000; 2000 where it is left out.' })
    hbMs: number | undefined,
    @Args('site', { type: () => String, nullable: true }) site: string | undefined,
    @Args('environment', { type: () => String, nullable: true }) environment: string | undefined,
  ): AsyncIterableIterator<Message> {
    return answering(() => {
      const mistakes: RequestMistake[] = [];
      const wishes = parseSubscribeOptions({ filter, conflateMs, hbMs, clk: sinceClk }, mistakes);
      assertNoMistakes(
        mistakes.map(({ field, message }) => ({ field: field === 'clk' ? 'sinceClk' : field, message })),
      );
      const opened = this.streams.admit(callerOf(context, site, environment), {
        version: 'v2',
        route: '/graphql marketChanges',
      });
      const sink = new CollectingSink();
      this.streams.add(sink, opened);
      const end = this.streams.subscribe(opened, 1, wishes, sink);
      return messagesOf(sink, () => {
        end();
        this.streams.remove(sink);
      });
    });
  }
}

/** Ends when the client leaves, also while it waits. */
function messagesOf(sink: CollectingSink, leave: () => void): AsyncIterableIterator<Message> {
  const finish = (): Promise<IteratorResult<Message>> => {
    sink.end('DRAIN');
    leave();
    return Promise.resolve({ done: true, value: undefined });
  };
  return {
    async next() {
      const frame = await sink.next();
      return frame ? { done: false, value: toMessage(frame) } : finish();
    },
    return: finish,
    throw: finish,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function callerOf({ request }: EdgeContext, site: string | undefined, environment: string | undefined): MarketCaller {
  return {
    secret: secretOf(request.headers, undefined),
    site: site ?? undefined,
    environment: environment ?? undefined,
  };
}
