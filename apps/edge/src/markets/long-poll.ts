import { Problem } from '../http/problem.js';
import { type CallerQuery, withCaller } from './caller-query.js';
import { CollectingSink, type Frame, type FrameEntry } from './collected.js';
import type { OpenedMarkets } from './market-access.js';
import type { MarketFilter } from './market-filter.js';
import type { MarketStreams } from './market-streams.js';

/** What changed since a `clk`. */
export interface MarketChanges {
  readonly ct: 'RESUB';
  readonly clk: string;
  readonly m: readonly FrameEntry[];
  readonly removed: readonly string[];
}

/** The options of a long poll. */
export interface Poll {
  readonly filter: MarketFilter;
  readonly since: string;
  readonly waitMs: number;
  readonly conflateMs: number | undefined;
  /** So that the way to the snapshot is one that the same reader may go. */
  readonly callerQuery: CallerQuery;
  /** Aborted when the reader has gone. */
  readonly gone: AbortSignal;
}

/**
 * Answers at once when something was missed, else when something happens, else when the time is up.
 * @throws Problem 410 where the missed changes are no longer known
 */
export async function pollChanges(
  streams: MarketStreams,
  opened: OpenedMarkets,
  { filter, since, waitMs, conflateMs, callerQuery, gone }: Poll,
): Promise<MarketChanges> {
  const sink = new CollectingSink();
  const end = streams.subscribe(opened, 1, { filter, clk: since, conflateMs, hbMs: 5_000 }, sink);
  streams.add(sink, opened);
  const timer = setTimeout(() => sink.end('DRAIN'), waitMs);
  const stop = (): void => sink.end('DRAIN');
  gone.addEventListener('abort', stop);
  try {
    return await collect(sink, since, filter, callerQuery);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', stop);
    streams.remove(sink);
    end();
  }
}

async function collect(
  sink: CollectingSink,
  since: string,
  filter: MarketFilter,
  callerQuery: CallerQuery,
): Promise<MarketChanges> {
  let clk = since;
  const entries: FrameEntry[] = [];
  for (;;) {
    const frame = await sink.next();
    if (!frame) break;
    if (frame.ct === 'IMG') throw expired(frame, filter, callerQuery);
    entries.push(...(frame.m ?? []));
    clk = frame.clk ?? clk;
    if (entries.length > 0 && frame.clk !== undefined) break;
  }
  return {
    ct: 'RESUB',
    clk,
    m: entries.filter(({ rm }) => !rm),
    removed: entries.flatMap(({ id, rm }) => (rm ? [id] : [])),
  };
}

function expired({ reason = 'EPOCH' }: Frame, { values }: MarketFilter, callerQuery: CallerQuery): Problem {
  const [event, ...more] = values.events ?? [];
  const isOfEvent = event !== undefined && more.length === 0 && Object.keys(values).length === 1;
  const query = Object.entries(values).map(([name, list]) => [name, list.join(',')] as const);
  const snapshot = isOfEvent
    ? withCaller(`/v2/events/${encodeURIComponent(event)}/markets`, [], callerQuery)
    : withCaller('/v2/markets', query, callerQuery);
  return new Problem(410, 'CLK_EXPIRED', 'the changes since this clk are no longer known; read the snapshot', {
    reason,
    snapshot,
    headers: { Link: `<${snapshot}>; rel="alternate"` },
  });
}
