import { createUnionType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Frame, FrameEntry } from '../markets/collected.js';

export enum MarketStatus {
  INACTIVE = 'INACTIVE',
  OPEN = 'OPEN',
  SUSPENDED = 'SUSPENDED',
}
registerEnumType(MarketStatus, {
  name: 'MarketStatus',
  description: 'A market has prices only while it is OPEN. Markets that are over are not listed.',
});

export enum SuspensionReason {
  FEED = 'FEED',
  BETSTOP = 'BETSTOP',
  OPS = 'OPS',
}
registerEnumType(SuspensionReason, {
  name: 'SuspensionReason',
  description: 'FEED: the feed is down, prices are unknown; BETSTOP: the source says so; OPS: a market rule says so.',
});

@InputType({
  description: 'Chooses markets: any value within a member, and all members together. Empty: all visible markets.',
})
export class MarketFilterInput {
  @Field(() => [ID], { nullable: true, description: 'Ids of events.' }) events?: string[] | null;
  @Field(() => [ID], { nullable: true, description: 'Ids of markets.' }) markets?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'Names of sports.' }) sports?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'Names of competitions.' }) competitions?: string[] | null;
  @Field(() => [String], { nullable: true, description: "The source's market types: `MATCH_ODDS`." }) types?:
    string[] | null;
}

@ObjectType({
  description: 'A runner. In a change, what is absent is unchanged. Prices are thousandths: 2380 is 2.38.',
})
export class MarketRunner {
  @Field(() => ID, { description: 'The id of the source within the market.' }) id: string;
  @Field(() => Float, { nullable: true, description: 'Part of its identity where a market has handicaps.' }) handicap:
    number | null;
  @Field(() => String, { nullable: true, description: 'The name of the runner, such as a team.' }) name: string | null;
  @Field(() => String, { nullable: true, description: 'ACTIVE, INACTIVE, REMOVED, WINNER, PLACED, LOSER or HIDDEN.' })
  status: string | null;
  @Field(() => Int, { nullable: true, description: 'The price that a bettor can take now.' }) price: number | null;
  @Field(() => Int, { nullable: true, description: 'The best price to lay, on exchanges.' }) lay: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'The price last traded, in thousandths of decimal odds; on exchanges only.',
  })
  lastTraded: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'The starting price, in thousandths of decimal odds, once it is known.',
  })
  startingPrice: number | null;
  @Field(() => [String], {
    description: 'Which of the fields above this answer contains: a price that is named here and null was removed.',
  })
  changed: string[];
}

@ObjectType({ description: 'The event, type and runners of a market.' })
export class MarketAbout {
  @Field(() => ID, { description: 'The global id of the event.' }) event: string;
  @Field(() => String, { nullable: true, description: 'The name of the event, such as the two teams.' }) eventName:
    string | null;
  @Field({ description: 'The sport.' }) sport: string;
  @Field(() => String, { nullable: true, description: 'The competition, where the source names one.' }) competition:
    string | null;
  @Field({ description: 'The market type of the source, such as MATCH_ODDS.' }) type: string;
  @Field(() => String, { nullable: true, description: 'The name of the market.' }) name: string | null;
  @Field(() => String, { nullable: true, description: 'RFC 3339, UTC.' }) startTime: string | null;
  @Field(() => String, { nullable: true, description: 'Line and the like: `total=2.5`.' }) specifiers: string | null;
}

@ObjectType({ description: 'A complete market, or its changes.' })
export class Market {
  @Field(() => ID, { description: 'The global id: the feed, a colon, the id of the source.' }) id: string;
  @Field(() => Float, { description: 'Rises with every change; a `v` that is not higher is a repetition.' }) v: number;
  @Field({ description: 'Replaces everything known of the market: fields that are absent here have no value.' })
  image: boolean;
  @Field(() => MarketStatus, {
    nullable: true,
    description: 'Absent in a change while the status is unchanged. Any status but OPEN removes all prices.',
  })
  status: MarketStatus | null;
  @Field(() => SuspensionReason, { nullable: true, description: 'Why the market is suspended; null while it is not.' })
  suspensionReason: SuspensionReason | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'False with a status: the prices shown last may stay, marked as not to be bet on.',
  })
  bettable: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Is the event in play? A change leaves it out while it is the same.',
  })
  inPlay: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Shown before others; said in images.' }) featured:
    boolean | null;
  @Field(() => MarketAbout, {
    nullable: true,
    description: 'The definition of the market. A change leaves it out while it is the same.',
  })
  about: MarketAbout | null;
  @Field(() => [MarketRunner], { description: 'In the order in which they are shown.' }) runners: MarketRunner[];
}

@ObjectType({ description: 'A market of a list.' })
export class MarketEdge {
  @Field({ description: 'Pass as `after` to get the next page.' }) cursor: string;
  @Field(() => Market, { description: 'The market.' }) node: Market;
}

@ObjectType({ description: 'Markets, featured ones first, then by start.' })
export class MarketConnection {
  @Field({ description: 'Pass as `sinceClk`: a subscription with it and the same filter misses nothing.' }) clk: string;
  @Field(() => [MarketEdge], { description: 'The markets of this page.' }) edges: MarketEdge[];
  @Field({ description: 'Are there more?' }) hasNextPage: boolean;
}

@ObjectType({
  description:
    'Everything that the subscription is about; what a client has of before is void. Long ones come in segments.',
})
export class MarketsImage {
  @Field(() => String, { nullable: true, description: 'Absent but in the last segment: keep it only then.' }) clk:
    string | null;
  @Field(() => String, { nullable: true, description: '`S`, `M` or `E` where there are several.' }) segment:
    string | null;
  @Field(() => String, { nullable: true, description: 'Why `sinceClk` could not be honoured, where one was given.' })
  reason: string | null;
  @Field(() => [Market], { description: 'Every market of the filter, whole.' }) markets: Market[];
}

@ObjectType({ description: 'What changed.' })
export class MarketsDelta {
  @Field(() => String, { nullable: true, description: 'For `sinceClk` of the next subscription.' }) clk: string | null;
  @Field({ description: 'Several changes of a market were gathered into one.' }) conflated: boolean;
  @Field(() => [Market], { description: 'What changed of each market.' }) markets: Market[];
  @Field(() => [ID], { description: 'Markets that are over or no longer visible.' }) removed: string[];
}

@ObjectType({
  description: 'Nothing changed. A client that gets neither this nor a change for twice `hbMs` must hide its prices.',
})
export class MarketsHeartbeat {
  @Field({ description: 'Continue from here after a reconnection.' }) clk: string;
}

export const MarketsMessage = createUnionType({
  name: 'MarketsMessage',
  description: 'A message of a subscription to markets.',
  types: () => [MarketsImage, MarketsDelta, MarketsHeartbeat] as const,
});

/** A frame of the protocol as the member of the union that it is. */
export function toMessage(frame: Frame): MarketsImage | MarketsDelta | MarketsHeartbeat {
  const { op, ct, clk = null, seg, reason, con, m = [] } = frame;
  if (op === 'hb') return Object.assign(new MarketsHeartbeat(), { clk: clk ?? '' });
  const markets = m.filter(({ rm }) => !rm).map(toMarket);
  if (ct === 'IMG')
    return Object.assign(new MarketsImage(), { clk, segment: seg ?? null, reason: reason ?? null, markets });
  return Object.assign(new MarketsDelta(), {
    clk,
    conflated: con === true,
    markets,
    removed: m.flatMap(({ id, rm }) => (rm ? [id] : [])),
  });
}

/** An entry of a frame or of a snapshot. */
export function toMarket(entry: FrameEntry): Market {
  const { id, v, img, st, sr, ip, bettable, featured, def, r } = entry;
  return Object.assign(new Market(), {
    id,
    v,
    image: img === true,
    status: st ?? null,
    suspensionReason: sr ?? null,
    bettable: bettable ?? null,
    inPlay: ip ?? null,
    featured: img === true ? featured === true : null,
    about: def ? Object.assign(new MarketAbout(), NO_ABOUT, def) : null,
    runners: Array.isArray(r) ? r.map((runner: Record<string, unknown>) => toRunner(runner, namesOf(def))) : [],
  });
}

const NO_ABOUT = { eventName: null, competition: null, name: null, startTime: null, specifiers: null };

const NAMES: Readonly<Record<string, string>> = {
  st: 'status',
  p: 'price',
  lay: 'lay',
  ltp: 'lastTraded',
  sp: 'startingPrice',
};

function toRunner(runner: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>): MarketRunner {
  const { id, hc = null, st = null, p = null, lay = null, ltp = null, sp = null } = runner;
  const key = hc ? `${String(id)}/${String(hc)}` : String(id);
  const changed = Object.keys(runner).flatMap((member) => NAMES[member] ?? []);
  return Object.assign(new MarketRunner(), {
    id: String(id),
    handicap: hc,
    name: names.get(key) ?? null,
    status: st,
    price: p,
    lay,
    lastTraded: ltp,
    startingPrice: sp,
    changed,
  });
}

/** Names are said with what a market is about. */
function namesOf(def: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  if (typeof def !== 'object' || def === null || !('runners' in def) || !Array.isArray(def.runners)) return names;
  for (const { id, hc, name } of def.runners)
    if (typeof name === 'string') names.set(hc ? `${String(id)}/${String(hc)}` : String(id), name);
  return names;
}
