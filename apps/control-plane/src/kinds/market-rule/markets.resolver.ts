import {
  Args,
  ArgsType,
  Context,
  Field,
  ID,
  Int,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { IsBoolean, IsOptional } from 'class-validator';
import { MAX_KEY_LENGTH, parseRef } from '@paddock/contracts';
import { type CompiledRule, MarketView } from '@paddock/visibility';
import type { Actor } from '../../access/actor.js';
import { mayRead, mayReadSite, readerOf } from '../../access/reading.js';
import { Requires } from '../../access/policy.js';
import { Document } from '../../documents/document.object.js';
import { Documents } from '../../documents/documents.js';
import { type Connection, ConnectionOf, connectionOf } from '../../graphql/connection.js';
import { IsName, NamePipe } from '../../graphql/is-name.js';
import { IsText } from '../../graphql/is-text.js';
import { PageArgs } from '../../graphql/page-args.js';
import { PerRequest, RequestScope } from '../../graphql/request-scope.js';
import { type LiveMarket, LiveMarkets } from './live-markets.js';
import { LiveRules } from './live-rules.js';
import { RuleEffectEnum } from './market-rule.enums.js';
import { compareTexts, positionOf, searchMarkets } from './search-markets.js';

/** The effect on a market without a matching rule. */
const UNRULED = 'SHOW';

@ObjectType({ description: 'The effect on a market for the visitors of one site in one jurisdiction.' })
export class MarketVisibility {
  @Field(() => RuleEffectEnum, { description: 'The effect on it; SHOW where no rule matches.' }) effect: string;
  @Field(() => Document, {
    nullable: true,
    description: 'The deciding market rule; null where no rule matches, or the caller may not read it.',
  })
  rule: Document | null;

  environment: string;
  /** Rules that match too, by precedence, without the one that decides. */
  beaten: readonly CompiledRule[];
}

@ObjectType({ description: 'A market that the odds service knows at this moment.' })
export class Market {
  @Field(() => ID, { description: 'Its global id: what `match.market` of a market rule takes.' }) id: string;
  @Field(() => ID, { description: 'The global id of its event: what `match.event` takes.' }) event: string;
  @Field(() => String, { nullable: true, description: 'The name of the event.' }) eventName: string | null;
  @Field(() => String, { nullable: true, description: 'The name of the market.' }) name: string | null;
  @Field(() => String, { nullable: true, description: 'What `match.sport` takes.' }) sport: string | null;
  @Field(() => String, { nullable: true, description: 'What `match.competition` takes.' }) competition: string | null;
  @Field(() => String, { nullable: true, description: 'What `match.marketType` takes.' }) marketType: string | null;
  @Field(() => Date, { nullable: true, description: 'When the event starts.' }) startTime: Date | null;
  @Field({ description: 'Status from the source: OPEN, SUSPENDED, INACTIVE, CLOSED, SETTLED or CANCELLED.' })
  status: string;
  @Field(() => [String], { description: 'The names of its runners: teams, players, outcomes.' }) runners: string[];

  subject: LiveMarket;

  static of(market: LiveMarket): Market {
    const { id, event, def, about, status } = market;
    const { name, eventName, startTime, runners } = about;
    return Object.assign(new Market(), {
      ...{ id, event, status, subject: market, runners: [...runners] },
      ...{ name: name ?? null, eventName: eventName ?? null },
      ...{ sport: def?.sport ?? null, competition: def?.competition ?? null, marketType: def?.type ?? null },
      startTime: startTime === undefined ? null : new Date(startTime),
    });
  }
}

@ObjectType({ description: 'A sports event with markets that the odds service knows at this moment.' })
export class MarketEvent {
  @Field(() => ID, { description: 'Its global id: what `match.event` of a market rule takes.' }) id: string;
  @Field(() => String, { nullable: true, description: 'Its name.' }) name: string | null;
  @Field(() => String, { nullable: true, description: 'What `match.sport` takes.' }) sport: string | null;
  @Field(() => String, { nullable: true, description: 'What `match.competition` takes.' }) competition: string | null;
  @Field(() => Date, { nullable: true, description: 'When it starts.' }) startTime: Date | null;
  @Field(() => Int, { description: 'How many of its markets the search found.' }) markets: number;
}

@ObjectType({ description: 'A page of markets.' })
export class MarketConnection extends ConnectionOf(Market) {
  @Field(() => Int, { description: 'How many markets the search found.' }) totalCount: number;
  @Field({ description: 'Whether the markets are known: false while the odds service or Redis cannot be read.' })
  known: boolean;
}

@ObjectType({ description: 'A page of sports events.' })
export class MarketEventConnection extends ConnectionOf(MarketEvent) {
  @Field(() => Int, { description: 'How many events the search found.' }) totalCount: number;
  @Field({ description: 'Whether the markets are known: false while the odds service or Redis cannot be read.' })
  known: boolean;
}

@ArgsType()
export class MarketsArgs extends PageArgs {
  @Field(() => String, {
    nullable: true,
    description:
      'Words of the names of the event, the market, the competition or the runners, each by its beginning, or a global id. Case and accents do not matter.',
  })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  text?: string | null;

  @Field(() => String, { nullable: true, description: 'A sport, as the feeds spell it.' })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  sport?: string | null;

  @Field(() => String, { nullable: true, description: 'A competition, as the feeds spell it.' })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  competition?: string | null;

  @Field(() => ID, { nullable: true, description: 'The global id of an event.' })
  @IsOptional()
  @IsName()
  event?: string | null;

  @Field({ defaultValue: false, description: 'Also markets on which no bets will be taken any more.' })
  @IsBoolean()
  withOver: boolean;

  search() {
    const { text, sport, competition, event, withOver } = this;
    return {
      withOver,
      ...(text ? { text } : {}),
      ...(sport ? { sport } : {}),
      ...(competition ? { competition } : {}),
      ...(event ? { event } : {}),
    };
  }
}

/** Finds markets by what people call them. Everyone who reads documents may search: markets are no documents, and visitors see them. */
@Resolver(() => Market)
export class MarketsResolver {
  constructor(
    private readonly live: LiveMarkets,
    private readonly rules: LiveRules,
    private readonly documents: Documents,
  ) {}

  /** The rules of an environment, and views of them, once per operation. */
  private readonly rulesIn = new PerRequest(() => new Map<string, ReturnType<LiveRules['of']>>());
  private readonly views = new PerRequest(() => new Map<string, Promise<MarketView>>());

  @Query(() => MarketConnection, {
    description:
      'Markets that the odds service knows at this moment, the next event first, with the ids that market rules take.',
  })
  @Requires('document:read')
  async markets(@Args() args: MarketsArgs): Promise<MarketConnection> {
    const { known, found } = await this.find(args);
    const page = pageOf(args, found, positionOf, Market.of);
    return { ...page, totalCount: found.length, known };
  }

  @Query(() => MarketEventConnection, {
    description: 'Sports events of the markets that a search finds, the next one first.',
  })
  @Requires('document:read')
  async events(@Args() args: MarketsArgs): Promise<MarketEventConnection> {
    const { known, found } = await this.find(args);
    const events = [...Map.groupBy(found, ({ event }) => event).values()];
    const page = pageOf(args, events, ([first]) => (first ? positionOf({ ...first, id: '' }) : ''), eventOf);
    return { ...page, totalCount: events.length, known };
  }

  @ResolveField(() => MarketVisibility, {
    nullable: true,
    description:
      'The current view of it by visitors of a site in a jurisdiction, under the live market rules of an environment; null where the caller may read nothing of the site.',
  })
  async visibility(
    @Parent() { subject }: Market,
    @Args('environment', NamePipe) environment: string,
    @Args('site', NamePipe) site: string,
    @Args('jurisdiction', NamePipe) jurisdiction: string,
    @Context() scope: RequestScope,
  ): Promise<MarketVisibility | null> {
    const reader = readerOf(scope);
    if (
      !mayReadSite(reader, site.slice(0, MAX_KEY_LENGTH)) ||
      !mayRead(reader, { kind: 'market-rule', site, environment })
    )
      return null;
    const view = await this.viewOf(scope, environment, site, jurisdiction);
    const [decided, ...beaten] = view.matchingRules(subject);
    const [rule] = decided ? await readableRules(this.documents, reader, environment, [decided]) : [];
    const effect = decided?.effect ?? UNRULED;
    return Object.assign(new MarketVisibility(), { effect, rule: rule ?? null, environment, beaten });
  }

  private viewOf(scope: RequestScope, environment: string, site: string, jurisdiction: string): Promise<MarketView> {
    const views = this.views.of(scope);
    const name = JSON.stringify([environment, site, jurisdiction]);
    const known = views.get(name) ?? this.makeView(scope, environment, { site, jurisdiction });
    views.set(name, known);
    return known;
  }

  private async makeView(scope: RequestScope, environment: string, view: { site: string; jurisdiction: string }) {
    const rulesIn = this.rulesIn.of(scope);
    const rules = rulesIn.get(environment) ?? this.rules.of(environment);
    rulesIn.set(environment, rules);
    return new MarketView((await rules).values(), view, Date.now());
  }

  private async find(args: MarketsArgs): Promise<{ known: boolean; found: LiveMarket[] }> {
    await this.live.look();
    const { current } = this.live;
    return { known: current !== undefined, found: searchMarkets(current ?? [], args.search()) };
  }
}

/** Returns the overridden rules, if a client selects them. */
@Resolver(() => MarketVisibility)
export class MarketVisibilityResolver {
  constructor(private readonly documents: Documents) {}

  @ResolveField(() => [Document], {
    description:
      'Market rules that match the market for the same visitors, and that `rule` takes precedence over: the strongest first. Those that the caller may read.',
  })
  overridden(@Parent() { environment, beaten }: MarketVisibility, @Context() scope: RequestScope): Promise<Document[]> {
    return readableRules(this.documents, readerOf(scope), environment, beaten);
  }
}

/** The documents of rules, of those that the reader may read in an environment. */
async function readableRules(
  documents: Documents,
  reader: Actor,
  environment: string,
  rules: readonly CompiledRule[],
): Promise<Document[]> {
  const rows = await Promise.all(
    rules.map(async ({ name }) => {
      const ref = parseRef(name);
      return ref && (await documents.byRef(ref.kind, ref.site, ref.key));
    }),
  );
  return rows.flatMap((row) => (row && mayRead(reader, { ...row, environment }) ? [Document.of(row)] : []));
}

function eventOf(markets: readonly LiveMarket[]): MarketEvent {
  const [first] = markets;
  return Object.assign(new MarketEvent(), {
    id: first?.event ?? '',
    name: first?.about.eventName ?? null,
    sport: first?.def?.sport ?? null,
    competition: first?.def?.competition ?? null,
    startTime: first?.about.startTime === undefined ? null : new Date(first.about.startTime),
    markets: markets.length,
  });
}

/** A page of results that are in memory, in their order. */
function pageOf<Found, Node>(
  args: PageArgs,
  found: readonly Found[],
  position: (one: Found) => string,
  toNode: (one: Found) => Node,
): Connection<Node> {
  const after = args.position;
  const rest = after === undefined ? found : found.filter((one) => compareTexts(position(one), after) > 0);
  return connectionOf(args, rest.slice(0, args.limit), toNode, position);
}
