import {
  type MarketChange,
  type MarketDefinition,
  marketId,
  type Result,
  type RunnerChange,
  type RunnerStatus,
  type SettlementChange,
  type SourceClock,
  toThousandths,
} from '@paddock/contracts';
import type { MarketCache, RunnerCache } from './market-cache.js';
import type { BetfairDefinition, BetfairMarketChange, BetfairRunner } from './messages.js';

/** The source's time of a message, and the time of its receipt. */
export interface Moment {
  readonly source: SourceClock;
  readonly at: number;
}

/** Betfair's event types by the names that rules and layouts use; others keep their number. */
const SPORTS: Readonly<Record<string, string>> = {
  1: 'football',
  2: 'tennis',
  4: 'cricket',
  7: 'horse-racing',
  4339: 'greyhound-racing',
  7522: 'basketball',
  7511: 'baseball',
  6423: 'american-football',
};

/** One market of a stream message, after its cache took it; nothing while the market's event is not known. */
export function normaliseMarket(
  cache: MarketCache,
  change: BetfairMarketChange,
  moment: Moment,
): MarketChange | undefined {
  const { definition } = cache;
  if (!definition) return undefined;
  const whole = change.img === true;
  const described = whole || change.marketDefinition;
  const touched = described
    ? [...cache.runners.values()]
    : (change.rc ?? []).map(({ id, hc }) => cache.runner(id, hc ?? 0));
  const { feed } = moment.source;
  return {
    type: 'market',
    ...moment,
    market: marketId(feed, cache.id),
    event: marketId(feed, definition.eventId),
    ...(whole ? { img: true } : {}),
    ...(described
      ? { status: definition.status, inPlay: definition.inPlay, definition: normaliseDefinition(feed, definition) }
      : {}),
    runners: touched.map((runner) => normaliseRunner(runner, described ? definition : undefined)),
  };
}

/** Everything that is known of a market, as if it were new. */
export function imageOf(cache: MarketCache, moment: Moment): MarketChange | undefined {
  return normaliseMarket(cache, { id: cache.id, img: true }, moment);
}

/** The results, once a market is closed and has a winner. */
export function settlementOf(cache: MarketCache, moment: Moment): SettlementChange | undefined {
  const { definition } = cache;
  if (
    definition?.status !== 'CLOSED' ||
    !definition.runners.some(({ status }) => status === 'WINNER' || status === 'LOSER')
  )
    return undefined;
  return {
    type: 'settlement',
    ...moment,
    market: marketId(moment.source.feed, cache.id),
    event: marketId(moment.source.feed, definition.eventId),
    state: 'SETTLED',
    certainty: 'CONFIRMED',
    results: definition.runners.map((runner) => ({ ...identityOf(runner), result: RESULTS[runner.status] })),
  };
}

/** A market that was closed with results and is not closed any more. */
export function rollbackOf(cache: MarketCache, moment: Moment): SettlementChange | undefined {
  const { definition } = cache;
  if (!definition) return undefined;
  const { feed } = moment.source;
  return {
    type: 'settlement',
    ...moment,
    market: marketId(feed, cache.id),
    event: marketId(feed, definition.eventId),
    state: 'ROLLED_BACK',
  };
}

const RESULTS = {
  WINNER: 'WON',
  LOSER: 'LOST',
  PLACED: 'PLACED',
  REMOVED: 'VOID',
  REMOVED_VACANT: 'VOID',
  ACTIVE: 'UNDECIDED',
  HIDDEN: 'UNDECIDED',
} as const satisfies Record<BetfairRunner['status'], Result>;

function normaliseDefinition(feed: string, definition: BetfairDefinition): MarketDefinition {
  const {
    eventId,
    eventTypeId,
    eventName,
    name,
    marketType,
    marketTime,
    countryCode,
    venue,
    numberOfWinners,
    betDelay,
    runners,
  } = definition;
  const inOrder = runners.toSorted((a, b) => (a.sortPriority ?? 0) - (b.sortPriority ?? 0));
  return {
    event: marketId(feed, eventId),
    ...(eventName ? { eventName } : {}),
    sport: SPORTS[eventTypeId] ?? `betfair-${eventTypeId}`,
    type: marketType ?? 'NONE',
    ...(name ? { name } : {}),
    ...(marketTime ? { startTime: marketTime } : {}),
    ...(countryCode ? { country: countryCode } : {}),
    ...(venue ? { venue } : {}),
    ...(numberOfWinners === undefined ? {} : { winners: numberOfWinners }),
    ...(betDelay === undefined ? {} : { betDelay }),
    runners: inOrder.map((runner) => ({ ...identityOf(runner), ...(runner.name ? { name: runner.name } : {}) })),
  };
}

function normaliseRunner(runner: RunnerCache, definition: BetfairDefinition | undefined): RunnerChange {
  const described = definition?.runners.find(({ id, hc }) => id === runner.id && (hc ?? 0) === runner.hc);
  const sp = typeof described?.bsp === 'number' ? toThousandths(described.bsp) : null;
  return {
    ...identityOf(runner),
    ...(described ? { st: statusOf(described.status) } : {}),
    p: toThousandths(runner.takeable),
    lay: toThousandths(runner.lay?.price),
    ltp: toThousandths(runner.ltp),
    ...(sp === null ? {} : { sp }),
  };
}

function statusOf(status: BetfairRunner['status']): RunnerStatus {
  return status === 'REMOVED_VACANT' ? 'REMOVED' : status;
}

function identityOf({ id, hc }: { readonly id: number; readonly hc?: number | null }): {
  readonly id: number;
  readonly hc?: number;
} {
  return hc ? { id, hc } : { id };
}
