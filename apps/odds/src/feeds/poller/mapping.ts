import {
  type MarketChange,
  type MarketDefinition,
  marketId,
  type Place,
  type PollMapping,
  type RunnerChange,
} from '@paddock/contracts';
import { isRunnerId, readAmericanPrice, readPrice, RUNNER_ID_RULE } from '../source-values.js';

/** One market of an answer cannot be used; the others can. */
export class UnusableMarket extends Error {
  constructor(
    readonly market: unknown,
    reason: string,
  ) {
    super(reason);
  }
}

/** Every market of an answer as an image, and the unusable ones. A market that is listed twice is unusable. @throws Error when the answer has no list of markets */
export function mapAnswer(
  mapping: PollMapping,
  feed: string,
  answer: unknown,
  at: number,
): { readonly changes: MarketChange[]; readonly unusable: UnusableMarket[] } {
  const list = valueAt(answer, mapping.markets);
  if (!Array.isArray(list)) throw new Error(`the answer has no list at ${JSON.stringify(mapping.markets)}`);
  const changes: MarketChange[] = [];
  const unusable: UnusableMarket[] = [];
  for (const market of list) {
    try {
      changes.push(mapMarket(mapping, feed, market, at));
    } catch (error) {
      unusable.push(new UnusableMarket(market, error instanceof Error ? error.message : String(error)));
    }
  }
  const counts = Map.groupBy(changes, ({ market }) => market);
  const [once, repeated] = [
    changes.filter(({ market }) => counts.get(market)?.length === 1),
    [...counts].filter(([, same]) => same.length > 1),
  ];
  return {
    changes: once,
    unusable: [
      ...unusable,
      ...repeated.map(([market, same]) => new UnusableMarket(same, `market ${market} is there ${same.length} times`)),
    ],
  };
}

function mapMarket(mapping: PollMapping, feed: string, market: unknown, at: number): MarketChange {
  const { market: places } = mapping;
  const event = marketId(feed, required(market, places.event, 'event'));
  const runners = valueAt(market, mapping.runners);
  if (!Array.isArray(runners)) throw new Error(`no list of runners at ${JSON.stringify(mapping.runners)}`);
  const names = {
    ...optional('eventName', market, places.eventName),
    ...optional('competition', market, places.competition),
    ...optional('name', market, places.name),
    ...startTime(market, places.startTime),
  };
  const mapped = runners.map((runner) => mapRunner(mapping, runner));
  const definition: MarketDefinition = {
    event,
    sport: text(market, places.sport) ?? 'unknown',
    type: text(market, places.type) ?? 'UNKNOWN',
    ...names,
    runners: mapped.map(({ change: { id }, name }) => (name ? { id, name } : { id })),
  };
  const word = text(market, places.status);
  const status = word === undefined ? 'OPEN' : (mapping.statuses?.[word] ?? 'SUSPENDED');
  const offered = mapped.some(({ change: { st } }) => st === 'ACTIVE');
  return {
    type: 'market',
    source: { feed, pt: at },
    at,
    market: marketId(feed, required(market, places.id, 'id')),
    event,
    img: true,
    status: status === 'OPEN' && !offered ? 'SUSPENDED' : status,
    inPlay: ['true', '1'].includes(text(market, places.inPlay) ?? ''),
    definition,
    runners: mapped.map(({ change }) => change),
  };
}

/** @throws Error when the runner cannot be read: its market is then suspended */
function mapRunner(
  { runner: places, prices }: PollMapping,
  runner: unknown,
): { readonly change: RunnerChange & { id: string }; readonly name: string | undefined } {
  const id = required(runner, places.id, 'id of a runner');
  if (!isRunnerId(id)) throw new Error(RUNNER_ID_RULE);
  const written = raw(runner, places.price);
  const p = prices === 'american' ? readAmericanPrice(written) : readPrice(written);
  if (p === undefined)
    throw new Error(
      `the price of runner ${id.slice(0, 60)} cannot be read: a plain decimal number up to 100,000 was expected`,
    );
  const active = !['false', '0'].includes(text(runner, places.active) ?? 'true');
  return { change: { id, st: active && p !== null ? 'ACTIVE' : 'INACTIVE', p }, name: text(runner, places.name) };
}

function startTime(market: unknown, place: Place | undefined): { startTime?: string } {
  const at = Date.parse(text(market, place) ?? '');
  return Number.isNaN(at) ? {} : { startTime: new Date(at).toISOString() };
}

function optional<Name extends string>(
  name: Name,
  from: unknown,
  place: Place | undefined,
): { [key in Name]?: string } {
  const found: { [key in Name]?: string } = {};
  const value = text(from, place);
  if (value) found[name] = value;
  return found;
}

function required(from: unknown, place: Place, what: string): string {
  const value = text(from, place);
  if (value) return value;
  throw new Error(`no ${what}`);
}

function raw(from: unknown, place: Place): unknown {
  return typeof place === 'string' ? valueAt(from, place) : place.value;
}

function text(from: unknown, place: Place | undefined): string | undefined {
  if (place === undefined) return undefined;
  const value = raw(from, place);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function valueAt(from: unknown, path: string): unknown {
  return path === ''
    ? from
    : path
        .split('.')
        .reduce<unknown>(
          (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
          from,
        );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
