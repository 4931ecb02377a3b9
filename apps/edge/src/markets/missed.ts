import type { Place } from './clk.js';
import { shortEpoch } from './clk.js';
import type { LiveMarket } from './live-market.js';
import type { MarketFilter } from './market-filter.js';
import type { MarketShard } from './market-shard.js';
import type { BrandView } from './brand-view.js';
import { changes, hasChanged, image, removal } from './write-market.js';

/** Why the missed changes cannot be computed exactly, so that the reader gets an image. */
export type ResumeRefusal =
  /** This installation did not write the `clk`. */
  | 'UNKNOWN'
  /** The `clk` belongs to another view, or to another filter. */
  | 'VIEW'
  | 'FILTER'
  /** The log began a new history. */
  | 'EPOCH'
  /** Too much has happened since, or this edge is behind the `clk`. */
  | 'RETENTION'
  /** The rules of that time are no longer kept, or a market was redefined since. */
  | 'POLICY';

/** What a reader missed, as entries of a frame. */
export type Missed = { readonly entries: readonly string[] } | { readonly refusal: ResumeRefusal };

/**
 * The conflated changes of a reader's markets since `place`: exact, or refused. Markets that rules or schedules have
 * hidden since are removed; markets that they now show come as images.
 */
export function missedSince(
  shards: readonly MarketShard[],
  view: BrandView,
  filter: MarketFilter,
  place: Place,
  now: number,
): Missed {
  if (place.view !== view.name) return { refusal: 'VIEW' };
  if (place.filter !== filter.name) return { refusal: 'FILTER' };
  if (!view.knows(place.policy)) return { refusal: 'POLICY' };
  const entries: string[] = [];
  for (const partition of filter.partitions) {
    const shard = shards[partition];
    const then = place.shards.find((one) => one.shard === partition);
    if (!shard || then?.epoch !== shortEpoch(shard.epoch)) return { refusal: 'EPOCH' };
    if (then.seq < shard.floor || then.seq > shard.seq) return { refusal: 'RETENTION' };
    const reader = { seq: then.seq, silent: then.silent, policy: place.policy, at: place.at };
    for (const market of shard.candidates(filter)) {
      const entry = missedOf(market, shard.silent, view, filter, reader, now);
      if (entry === 'unknown') return { refusal: 'POLICY' };
      if (entry) entries.push(entry);
    }
  }
  return { entries };
}

interface Reader {
  readonly seq: number;
  readonly silent: boolean;
  readonly policy: string;
  readonly at: number;
}

function missedOf(
  market: LiveMarket,
  silent: boolean,
  view: BrandView,
  filter: MarketFilter,
  then: Reader,
  now: number,
): string | undefined {
  const { marks, book } = market;
  const existed = marks.first <= then.seq && !(market.isOver && marks.st <= then.seq);
  const shown = filter.matches(market) ? view.show(market, silent) : undefined;
  // The market was redefined since: whether the reader saw it under the earlier definition is not known.
  if (existed && marks.facts > then.seq && marks.facts > marks.first && !shown) return 'unknown';
  const effect = existed && filter.matches(market) ? view.effectAt(market, then.policy, then.at) : 'HIDE';
  if (!shown) return effect === 'HIDE' ? undefined : removal(market.id);
  if (effect === 'HIDE' || marks.facts > then.seq) return image(market, shown);
  const effectNow = view.effectOf(market);
  const looksOther = effect !== effectNow || (silent !== then.silent && book.st === 'OPEN' && effectNow !== 'SUSPEND');
  if (looksOther) {
    view.ensureBumped(market, now);
    return image(market, view.show(market, silent) ?? shown);
  }
  return hasChanged(market, shown, then.seq) ? changes(market, shown, then.seq) : undefined;
}
