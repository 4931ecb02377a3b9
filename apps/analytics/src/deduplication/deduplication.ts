import type { Chunk } from '../log/chunk.js';
import type { Engine } from '../store/engine.js';
import type { Repetition } from '../store/store.js';
import { divideChunk, type ExaminedChunk } from './divide-chunk.js';
import { rowKeys } from './row-keys.js';
import { SeenIds } from './seen-ids.js';
import { readSuspects } from './some-rows.js';
import { findInMinutes, findSince, type Occurrence, readStoredIds } from './stored-ids.js';

/** The events of a batch, grouped by what to do with them. */
export interface Division {
  /** To be stored. */
  fresh: Chunk[];
  /** Events that repeat ids of `fresh`; divide them again, as `repeats`, after `fresh` is stored. */
  repeated: Chunk[];
  /** Not to be stored, because another event with the id is. */
  duplicates: Repetition[];
  /** How many are stored already, because the log delivered them before. */
  replayed: number;
}

/**
 * Decides which events count. An event does not count when a stored event with its id was received at most `windowMs`
 * earlier, whatever times the two claim. Memory only says which ids may be stored. The store then decides, so an event
 * is left out only where another one really is stored.
 */
export class Deduplication {
  private readonly seen = new Map<string, SeenIds>();

  constructor(
    private readonly engine: Engine,
    private readonly windowMs: number,
  ) {}

  /** The ids that are in memory, and how much of it they take. */
  get size(): { ids: number; bytes: number } {
    const all = [...this.seen.values()];
    return {
      ids: all.reduce((sum, { count }) => sum + count, 0),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** Drops the ids in memory, because another process may have stored events. They are read again when needed. */
  forget(): void {
    this.seen.clear();
  }

  /** Divides chunks, which are in the order of the log. */
  async divide(chunks: readonly Chunk[], { repeats = false } = {}): Promise<Division> {
    const division: Division = { fresh: [], repeated: [], duplicates: [], replayed: 0 };
    for (const ofEvent of byEvent(chunks).values()) await this.divideEvent(ofEvent, repeats, division);
    return division;
  }

  private async divideEvent(chunks: readonly Chunk[], repeats: boolean, division: Division): Promise<void> {
    const event = chunks[0]?.event ?? '';
    const received = chunks.map(({ receivedAt }) => receivedAt);
    const seen = await this.seenSince(event, Math.min(...received) - this.windowMs);
    const examined = chunks.map((chunk): ExaminedChunk => {
      const keys = rowKeys(chunk.rows, chunk.count);
      const which = chunk.repairedSince === undefined ? seen.suspects(keys) : Array(keys.count).keys();
      return { chunk, keys, repeats, suspects: readSuspects(chunk, keys, which) };
    });
    const stored = await this.storedBefore(event, seen, examined);
    seen.beginBatch();
    const added = new Set<string>();
    for (const one of examined) {
      const { fresh, repeated, duplicates, replayed } = divideChunk(one, seen, (id) => stored(one.chunk, id), added);
      division.fresh.push(fresh);
      if (repeated) division.repeated.push(repeated);
      division.duplicates = division.duplicates.concat(duplicates);
      division.replayed += replayed;
    }
    seen.forgetBefore(Math.max(...received));
  }

  /** Ids that were received since a time: from memory where it reaches back far enough, otherwise from the store. */
  private async seenSince(event: string, since: number): Promise<SeenIds> {
    const known = this.seen.get(event);
    if (known && known.since <= since) return known;
    const seen = new SeenIds(this.windowMs, since);
    await readStoredIds(
      this.engine,
      event,
      { since, spanMs: seen.spanMs },
      {
        expect: (span, ids) => seen.reserve(span, ids),
        take: (ids) => seen.addStored(ids),
      },
    );
    this.seen.set(event, seen);
    return seen;
  }

  /** Looks suspects up. @returns finds the stored events of an id that were received within the window before a chunk */
  private async storedBefore(event: string, seen: SeenIds, examined: readonly ExaminedChunk[]): Promise<Lookup> {
    const places = new Map<string, Set<number>>();
    const repaired = new Set<string>();
    let repairedSince = Infinity;
    for (const { chunk, keys, suspects } of examined) {
      repairedSince = Math.min(repairedSince, chunk.repairedSince ?? Infinity);
      for (const { row, id } of suspects) {
        if (chunk.repairedSince !== undefined) {
          repaired.add(id);
          continue;
        }
        const minutes = places.get(id) ?? new Set();
        places.set(id, minutes);
        seen.collectMinutes(keys.hashes[2 * row] ?? 0, keys.hashes[2 * row + 1] ?? 0, minutes);
      }
    }
    const found = await findInMinutes(this.engine, event, places);
    const foundRepaired = await findSince(this.engine, event, repaired, repairedSince - this.windowMs);
    return ({ receivedAt, repairedSince: refusedAt }, id) => {
      const occurrences = (refusedAt === undefined ? found : foundRepaired).get(id) ?? [];
      return occurrences.filter((one) => one.receivedAt >= (refusedAt ?? receivedAt) - this.windowMs);
    };
  }
}

/** The stored events of an id that count for a chunk. */
type Lookup = (chunk: Chunk, id: string) => Occurrence[];

function byEvent(chunks: readonly Chunk[]): Map<string, Chunk[]> {
  const events = new Map<string, Chunk[]>();
  for (const chunk of chunks) {
    if (chunk.count === 0) continue;
    const known = events.get(chunk.event);
    if (known) known.push(chunk);
    else events.set(chunk.event, [chunk]);
  }
  return events;
}
