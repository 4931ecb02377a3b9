import {
  type Hold,
  type MarketBook,
  type MarketChange,
  type Runner,
  type RunnerChange,
  runnerKey,
  type RunnerUpdate,
} from '@paddock/contracts';
import { isOver, statusOf } from './market-status.js';
import type { FeedState, MarketDraft } from './shard.js';

/** A market's state without its identity: the target of a draft. */
export type MarketState = Pick<MarketBook, 'source' | 'hold' | 'ip' | 'runners'> & {
  readonly def: MarketBook['def'] | undefined;
  readonly outcome: MarketBook['outcome'] | undefined;
  readonly released?: boolean | undefined;
};

/** A book's own state, to begin a change from. */
export function stateOf({ source, hold, ip, runners, def, outcome, released }: MarketBook): MarketState {
  return { source, hold, ip, runners, def, outcome, released };
}

/** What a source message changes in its market; nothing where it repeats known values. */
export function decideMarket(
  book: MarketBook | undefined,
  change: MarketChange,
  feed: FeedState,
): MarketDraft | undefined {
  if (book && belongsToAnother(book, change)) return undefined;
  const next: MarketState = {
    source: change.status ?? book?.source ?? 'INACTIVE',
    hold: nextHold(book, change, feed),
    ip: change.inPlay ?? book?.ip ?? false,
    def: change.definition ?? book?.def,
    runners: nextRunners(change.img ? {} : (book?.runners ?? {}), change.runners ?? [], book?.runners),
    outcome: book?.outcome,
    released: change.handedOver ?? false,
  };
  return draftOf(
    book,
    { id: change.market, event: change.event, feed: change.source.feed, pt: change.source.pt },
    next,
  );
}

/**
 * Does another feed keep the market in spite of this change? A market has one owner: the feed whose change last made its
 * book. Any feed takes over a market by reporting it, unless it hands the market over. A feed that yields takes over only
 * markets that their owner handed over.
 */
function belongsToAnother(book: MarketBook, { source, handedOver, yields }: MarketChange): boolean {
  if (book.feed === source.feed) return false;
  return handedOver === true || (yields === true && !book.released);
}

/** The draft from a book to its next state; an image when the market is new, lost runners or reopens. */
export function draftOf(
  book: MarketBook | undefined,
  about: Pick<MarketBook, 'id' | 'event' | 'feed' | 'pt'>,
  next: MarketState,
): MarketDraft | undefined {
  const { st, sr } = statusOf(next.source, next.hold, next.outcome);
  const head = { type: 'market', ...about } as const;
  const released = next.released ?? false;
  const reopens = st === 'OPEN' && book?.st !== 'OPEN';
  if (!book || reopens || Object.keys(book.runners).some((key) => !(key in next.runners))) {
    return {
      ...head,
      img: true,
      st,
      sr,
      ip: next.ip,
      ...(next.def ? { def: next.def } : {}),
      r: Object.values(next.runners),
      source: next.source,
      hold: next.hold,
      ...(released ? { released } : {}),
      ...(next.outcome ? { outcome: next.outcome } : {}),
    };
  }
  const r = changedRunners(book.runners, next.runners);
  const changes = {
    ...(st === book.st ? {} : { st }),
    ...(sr === book.sr ? {} : { sr }),
    ...(next.ip === book.ip ? {} : { ip: next.ip }),
    ...(next.def === undefined || same(next.def, book.def) ? {} : { def: next.def }),
    ...(r.length === 0 ? {} : { r }),
    ...(next.source === book.source ? {} : { source: next.source }),
    ...(next.hold === book.hold ? {} : { hold: next.hold }),
    ...(released === (book.released ?? false) ? {} : { released }),
    ...(next.outcome === undefined || same(next.outcome, book.outcome) ? {} : { outcome: next.outcome }),
  };
  return Object.keys(changes).length === 0 && about.feed === book.feed ? undefined : { ...head, ...changes };
}

/** A market is trusted again once its feed is complete and the market itself was reported, whichever comes last. */
function nextHold(book: MarketBook | undefined, change: MarketChange, feed: FeedState): Hold | null {
  if (book && isOver(book)) return book.hold;
  if (feed.up) return null;
  return change.at >= feed.downAt ? 'FRESH' : 'STALE';
}

function nextRunners(
  base: MarketBook['runners'],
  changes: readonly RunnerChange[],
  known: MarketBook['runners'] | undefined,
): MarketBook['runners'] {
  if (changes.length === 0 && base === known) return base;
  const runners: Record<string, Runner> = { ...base };
  for (const change of changes) {
    const key = runnerKey(change);
    const { id, hc } = change;
    const merged: Runner = { ...(runners[key] ?? { id, ...(hc ? { hc } : {}), st: 'ACTIVE', p: null }), ...change };
    // The market takes no bets, whatever the source still quotes.
    runners[key] = merged.st === 'ACTIVE' ? merged : { ...merged, p: null, ...('lay' in merged ? { lay: null } : {}) };
  }
  return runners;
}

function changedRunners(before: MarketBook['runners'], after: MarketBook['runners']): RunnerUpdate[] {
  if (before === after) return [];
  return Object.entries(after).flatMap(([key, runner]) => {
    const old = before[key];
    if (!old) return [runner];
    const changed = {
      ...(runner.st === old.st ? {} : { st: runner.st }),
      ...(runner.p === old.p ? {} : { p: runner.p }),
      ...(runner.lay === undefined || runner.lay === old.lay ? {} : { lay: runner.lay }),
      ...(runner.ltp === undefined || runner.ltp === old.ltp ? {} : { ltp: runner.ltp }),
      ...(runner.sp === undefined || runner.sp === old.sp ? {} : { sp: runner.sp }),
    };
    return Object.keys(changed).length === 0
      ? []
      : [{ id: runner.id, ...(runner.hc ? { hc: runner.hc } : {}), ...changed }];
  });
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
