import { scheduleInstants } from '@paddock/audience';
import {
  type Audience,
  counter,
  DEVICES,
  flag,
  type Json,
  type LayoutBody,
  type LayoutItem,
  list,
  type MarketMatch,
  type MarketRuleBody,
  number,
  type OddsFeedBody,
  oneOf,
  type PromoBody,
  type Reader,
  RULE_EFFECTS,
  type RuleAudience,
  type Schedule,
  Shape,
  ShapeError,
  SUSPENDED_DISPLAYS,
  text,
} from '@paddock/contracts';

/** A body that this edge renders from. Everything else that is live is carried along as bytes. */
export type DecodedBody =
  { kind: 'promo'; body: PromoBody } | { kind: 'layout'; body: LayoutBody } | MarketDocument | { kind: 'other' };

/** What says how markets are shown. Of a feed, only what readers notice. */
export type MarketDocument =
  | { kind: 'market-rule'; body: MarketRuleBody }
  | { kind: 'odds-feed'; body: Pick<OddsFeedBody, 'suspendedDisplay' | 'conflateMs'> };

/**
 * Reads a body as far as it is used here: strict about that, blind to the rest, so that a newer control plane may add
 * fields and kinds.
 * @throws ShapeError naming what does not fit; SyntaxError where it is no JSON
 */
export function decodeBody(kind: string, bytes: Buffer): DecodedBody {
  const shape = (): Shape => new Shape(JSON.parse(bytes.toString('utf8')));
  switch (kind) {
    case 'promo':
      return { kind, body: promo(shape()) };
    case 'layout':
      return { kind, body: layout(shape()) };
    case 'market-rule':
      return { kind, body: marketRule(shape()) };
    case 'odds-feed':
      return { kind, body: oddsFeed(shape()) };
    default:
      return { kind: 'other' };
  }
}

/** What can be shown of a body; with the reason where that is nothing, because it does not fit. */
export interface ReadBody {
  readonly decoded: DecodedBody;
  readonly refused?: string;
}

/** As {@link decodeBody}, for documents that come from outside: one that does not fit is refused alone. */
export function readBody(kind: string, bytes: Buffer): ReadBody {
  try {
    return { decoded: decodeBody(kind, bytes) };
  } catch (error) {
    return { decoded: { kind: 'other' }, refused: error instanceof Error ? error.message : String(error) };
  }
}

function marketRule(from: Shape): MarketRuleBody {
  return {
    match: from.get('match', marketMatch),
    effect: from.get('effect', oneOf(RULE_EFFECTS)),
    ...from.optional('audience', ruleAudience),
    ...from.optional('schedule', schedule),
    reason: from.get('reason', text),
  };
}

/** A rule that is narrower than this version can see would hide too much or show too much: it is refused. */
const marketMatch: Reader<MarketMatch> = (value, path) => {
  const from = new Shape(value, path);
  refuseUnknown(from, path, MATCH_FIELDS);
  return {
    ...from.optional('sport', text),
    ...from.optional('competition', text),
    ...from.optional('event', text),
    ...from.optional('marketType', text),
    ...from.optional('market', text),
    ...from.optional('everything', flag),
    ...from.optional('expected', flag),
  };
};

const MATCH_FIELDS = new Set(['sport', 'competition', 'event', 'marketType', 'market', 'everything', 'expected']);

const ruleAudience: Reader<RuleAudience> = (value, path) => {
  const from = new Shape(value, path);
  refuseUnknown(from, path, RULE_AUDIENCE_FIELDS);
  return { ...from.optional('sites', list(text)), ...from.optional('jurisdictions', list(text)) };
};

const RULE_AUDIENCE_FIELDS = new Set(['sites', 'jurisdictions']);

function oddsFeed(from: Shape): Pick<OddsFeedBody, 'suspendedDisplay' | 'conflateMs'> {
  return {
    suspendedDisplay: from.get('suspendedDisplay', oneOf(SUSPENDED_DISPLAYS)),
    ...from.optional('conflateMs', counter),
  };
}

function refuseUnknown(from: Shape, path: string, known: ReadonlySet<string>): void {
  const unknown = from.names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new ShapeError(`${path}.${unknown}`, 'left out: this version cannot target by it');
}

function promo(from: Shape): PromoBody {
  return {
    title: from.get('title', text),
    ...from.optional('subtitle', text),
    ...from.optional('text', text),
    ...from.optional('image', image),
    ...from.optional('cta', callToAction),
    ...from.optional('badge', text),
    ...from.optional('terms', text),
    ...from.optional('tags', list(text)),
    ...from.optional('priority', number),
    ...from.optional('audience', audience),
    ...from.optional('schedule', schedule),
    ...from.optional('component', text),
    ...from.optional('props', props),
  };
}

const image: Reader<{ url: string; alt: string }> = (value, path) => {
  const from = new Shape(value, path);
  return { url: from.get('url', text), alt: from.get('alt', text) };
};

const callToAction: Reader<{ label: string; href: string }> = (value, path) => {
  const from = new Shape(value, path);
  return { label: from.get('label', text), href: from.get('href', text) };
};

function layout(from: Shape): LayoutBody {
  return { page: from.get('page', text), slots: from.get('slots', list(slot)) };
}

const slot: Reader<{ name: string; items: LayoutItem[] }> = (value, path) => {
  const from = new Shape(value, path);
  return { name: from.get('name', text), items: from.get('items', list(item)) };
};

/** An item of a sort that this version does not know stays in the layout and renders as nothing. */
const item: Reader<LayoutItem> = (value, path) => {
  const from = new Shape(value, path);
  return {
    ...from.optional('promo', text),
    ...from.optional('promos', promos),
    ...from.optional('component', text),
    ...from.optional('props', props),
    ...from.optional('markets', markets),
    ...from.optional('audience', audience),
    ...from.optional('schedule', schedule),
  };
};

const promos: Reader<{ tags: string[]; limit: number }> = (value, path) => {
  const from = new Shape(value, path);
  return { tags: from.get('tags', list(text)), limit: from.get('limit', counter) };
};

const markets: Reader<{ sport: string; competition?: string; limit: number }> = (value, path) => {
  const from = new Shape(value, path);
  return { sport: from.get('sport', text), ...from.optional('competition', text), limit: from.get('limit', counter) };
};

const props: Reader<{ [name: string]: Json }> = (value, path) => {
  if (isJsonObject(value)) return value;
  throw new ShapeError(path, 'an object');
};

/** What `JSON.parse` made is JSON all the way down. */
function isJsonObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A restriction that this version does not know would be shown to visitors from whom it should be kept: such an
 * audience is refused, not read with the unknown part left out.
 */
const audience: Reader<Audience> = (value, path) => {
  const from = new Shape(value, path);
  const read: Audience = {
    ...from.optional('sites', list(text)),
    ...from.optional('jurisdictions', list(text)),
    ...from.optional('locales', list(text)),
    ...from.optional('devices', list(oneOf(DEVICES))),
    ...from.optional('segments', list(text)),
    ...from.optional('percentage', number),
  };
  refuseUnknown(from, path, AUDIENCE_FIELDS);
  return read;
};

const AUDIENCE_FIELDS = new Set(['sites', 'jurisdictions', 'locales', 'devices', 'segments', 'percentage']);

const schedule: Reader<Schedule> = (value, path) => {
  const from = new Shape(value, path);
  const read: Schedule = {
    ...from.optional('from', text),
    ...from.optional('to', text),
    timeZone: from.get('timeZone', text),
  };
  const name = `${read.from ?? ''} ${read.to ?? ''} ${read.timeZone}`;
  if (evaluable.has(name)) return read;
  try {
    scheduleInstants(read);
  } catch (error) {
    throw new ShapeError(
      path,
      `a schedule that can be evaluated (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  if (evaluable.size < MAX_EVALUABLE) evaluable.add(name);
  return read;
};

/** Schedules that were tried before: a campaign's documents share theirs, and time zones are slow to ask. */
const evaluable = new Set<string>();
const MAX_EVALUABLE = 10_000;
