import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { applyMarketUpdate, type MarketBook, type MarketUpdate } from '@paddock/contracts';
import { referenceDataFolder, seededRandom } from '@paddock/testing';
import { BetfairMarkets } from '../apps/odds/src/feeds/betfair/betfair-markets.js';
import { parseMessage } from '../apps/odds/src/feeds/betfair/messages.js';
import { linesOf } from '../apps/odds/src/feeds/recordings/open-recording.js';
import { decideMarket, draftOf } from '../apps/odds/src/markets/decide-market.js';
import type { MarketDraft } from '../apps/odds/src/markets/shard.js';

/**
 * Recorded feeds belong to third parties, so they are kept outside the repository. Where they are missing, made-up data
 * replaces them.
 */
const RACE = 'odds/KelvinVail__Betfair/src/Betfair.Tests/Stream/Data/MarketStream.txt';

/** Of the recorded race the end is played, when most happens. */
const PLAYED_MS = 80_000;

/** One market, whole at first and then update by update. */
export interface Race {
  readonly source: string;
  readonly market: string;
  readonly event: string;
  readonly image: MarketDraft;
  /** In order, each with its milliseconds from the start. */
  readonly updates: readonly { readonly atMs: number; readonly draft: MarketDraft }[];
  readonly lengthMs: number;
}

/** The output of the market-state service for the recorded race until its first suspension, or for a made-up race. */
export async function readRace(): Promise<Race> {
  const file = join(referenceDataFolder(), RACE);
  return existsSync(file) ? recordedRace(file) : madeUpRace();
}

async function recordedRace(file: string): Promise<Race> {
  const markets = new BetfairMarkets('rec');
  const drafts: { at: number; draft: MarketDraft; before: MarketBook | undefined }[] = [];
  let book: MarketBook | undefined;
  for await (const line of linesOf(file)) {
    const message = parseMessage(line);
    if (message.op !== 'mcm') continue;
    for (const change of markets.take(message, message.pt ?? 0)) {
      const draft = change.type === 'market' ? decideMarket(book, change, { up: true, downAt: 0 }) : undefined;
      if (!draft) continue;
      if (book && draft.st !== undefined) return fromItsEnd(drafts);
      drafts.push({ at: message.pt ?? 0, draft, before: book });
      book = applyMarketUpdate(book, asUpdate(draft, drafts.length));
    }
  }
  return fromItsEnd(drafts);
}

function fromItsEnd(drafts: readonly { at: number; draft: MarketDraft; before: MarketBook | undefined }[]): Race {
  const end = drafts.at(-1)?.at ?? 0;
  const played = drafts.filter(({ at, before }) => before && at > end - PLAYED_MS);
  const [first] = played;
  if (!first?.before) throw new Error(`${RACE} has no updates`);
  const { before } = first;
  const image = draftOf(undefined, before, { ...before, def: before.def, outcome: before.outcome });
  if (!image) throw new Error(`${RACE} has no image`);
  return {
    source: 'MarketStream.txt, its last 80 s before the off',
    market: before.id,
    event: before.event,
    image,
    updates: played.map(({ at, draft }) => ({ atMs: at - first.at, draft })),
    lengthMs: end - first.at + 100,
  };
}

function asUpdate(draft: MarketDraft, v: number): MarketUpdate {
  return { ...draft, v, seq: v, epoch: 'recorded', at: 0 };
}

/** Nine runners and about seven updates a second, as the recorded one has. */
function madeUpRace(): Race {
  const random = seededRandom(11);
  const about = { type: 'market', id: 'rec:1.1', event: 'rec:1', feed: 'rec', pt: 0 } as const;
  const runners = Array.from({ length: 9 }, (_, index) => ({
    id: 1_001 + index,
    st: 'ACTIVE' as const,
    p: 2_000 + 500 * index,
    lay: 2_040 + 500 * index,
    ltp: 2_000 + 500 * index,
  }));
  const def = { event: 'rec:1', sport: 'horse-racing', type: 'WIN', runners: runners.map(({ id }) => ({ id })) };
  const updates: { atMs: number; draft: MarketDraft }[] = [];
  for (let atMs = 0; atMs < PLAYED_MS; atMs += random.integer(100, 200)) {
    const p = random.integer(101, 2_000) * 10;
    updates.push({
      atMs,
      draft: { ...about, pt: atMs, r: [{ id: 1_001 + random.integer(0, 8), p, lay: p + 40, ltp: p }] },
    });
  }
  return {
    source: 'a made-up race (no recorded one: PADDOCK_DATA)',
    market: about.id,
    event: about.event,
    image: { ...about, img: true, st: 'OPEN', sr: null, ip: false, def, r: runners, source: 'OPEN', hold: null },
    updates,
    lengthMs: PLAYED_MS,
  };
}
