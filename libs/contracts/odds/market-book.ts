import {
  type MarketDefinition,
  type MarketStatus,
  type Runner,
  runnerKey,
  type SourceStatus,
  type SuspensionReason,
} from './market.js';
import type { Hold, MarketUpdate, Outcome, RunnerUpdate } from './update.js';

/** A market as the updates up to `v` say. Plain JSON. */
export interface MarketBook {
  readonly id: string;
  readonly event: string;
  readonly feed: string;
  readonly v: number;
  readonly pt: number;
  /** When its newest update was written. */
  readonly at: number;
  readonly st: MarketStatus;
  readonly sr: SuspensionReason | null;
  readonly ip: boolean;
  /** Absent when the source has not said yet what the market is about. */
  readonly def?: MarketDefinition;
  /** By `runnerKey`. */
  readonly runners: Readonly<Record<string, Runner>>;
  readonly source: SourceStatus;
  readonly hold: Hold | null;
  /** See {@link MarketUpdate.released}. */
  readonly released?: boolean;
  readonly outcome?: Outcome;
}

/**
 * The book after an update. Books change only here, in the market-state service and in every reader of its log, so that
 * the same updates give the same book. An update that is not newer changes nothing (the same object comes back); an update
 * without image of an unknown market gives `undefined`.
 */
export function applyMarketUpdate(book: MarketBook | undefined, update: MarketUpdate): MarketBook | undefined {
  if (book && update.v <= book.v) return book;
  if (!book && !update.img) return undefined;
  const before = update.img || !book ? emptyBook(update) : book;
  const def = update.def ?? before.def;
  const outcome = update.outcome ?? before.outcome;
  const released = update.released ?? before.released;
  return {
    id: before.id,
    event: before.event,
    // Sources hand markets over: pre-match to live.
    feed: update.feed,
    v: update.v,
    pt: update.pt,
    at: update.at,
    st: update.st ?? before.st,
    sr: update.sr === undefined ? before.sr : update.sr,
    ip: update.ip ?? before.ip,
    ...(def ? { def } : {}),
    runners: update.r ? applyRunners(before.runners, update.r) : before.runners,
    source: update.source ?? before.source,
    hold: update.hold === undefined ? before.hold : update.hold,
    ...(released ? { released } : {}),
    ...(outcome ? { outcome } : {}),
  };
}

function emptyBook({ id, event, feed }: MarketUpdate): MarketBook {
  return {
    id,
    event,
    feed,
    v: 0,
    pt: 0,
    at: 0,
    st: 'INACTIVE',
    sr: null,
    ip: false,
    runners: {},
    source: 'INACTIVE',
    hold: null,
  };
}

function applyRunners(before: MarketBook['runners'], updates: readonly RunnerUpdate[]): MarketBook['runners'] {
  const runners = { ...before };
  for (const update of updates) {
    const key = runnerKey(update);
    const { id, hc } = update;
    runners[key] = { ...(runners[key] ?? { id, ...(hc ? { hc } : {}), st: 'ACTIVE', p: null }), ...update };
  }
  return runners;
}
