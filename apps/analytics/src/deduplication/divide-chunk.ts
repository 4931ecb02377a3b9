import type { Chunk } from '../log/chunk.js';
import type { Repetition } from '../store/store.js';
import { NO_MINUTE, type RowKeys } from './row-keys.js';
import type { SeenIds } from './seen-ids.js';
import { readSuspects, someRows, type Suspect } from './some-rows.js';
import type { Occurrence } from './stored-ids.js';

/** A chunk to divide, with the facts known about its rows. */
export interface ExaminedChunk {
  chunk: Chunk;
  keys: RowKeys;
  /** The rows whose ids may have been seen before this batch. */
  suspects: readonly Suspect[];
  /** The chunk is the `repeated` part of another one whose `fresh` part is stored. */
  repeats: boolean;
}

/** The rows of a chunk, grouped by what to do with them. */
export interface DividedChunk {
  fresh: Chunk;
  /** Rows whose ids occur earlier in the batch; divide them again after those are stored. */
  repeated?: Chunk;
  duplicates: Repetition[];
  /** How many rows are stored already, because the log delivered them before. */
  replayed: number;
}

/**
 * Divides the rows of a chunk and adds the ids of those that are not stored to `seen`.
 * @param stored the stored events of an id that count for this chunk
 * @param added the suspected ids that earlier rows of this batch added; extended here
 */
export function divideChunk(
  { chunk, keys, suspects, repeats }: ExaminedChunk,
  seen: SeenIds,
  stored: (id: string) => readonly Occurrence[],
  added: Set<string>,
): DividedChunk {
  const { event, receivedAt } = chunk;
  const known = new Map(suspects.map((suspect) => [suspect.row, suspect]));
  const left = new Set<number>();
  const repeated = new Set<number>();
  const duplicates: Repetition[] = [];
  for (const { row, id, time } of suspects) {
    const occurrences = stored(id);
    if (occurrences.length === 0) continue;
    left.add(row);
    const itself = !repeats && occurrences.some((one) => one.time === time && one.receivedAt === receivedAt);
    if (!itself) duplicates.push({ event, id, time, receivedAt });
  }
  const span = seen.spanOf(receivedAt);
  const replayed = left.size - duplicates.length;
  for (let row = 0; row < keys.count; row += 1) {
    const minute = keys.minutes[row] ?? NO_MINUTE;
    if (minute === NO_MINUTE || left.has(row)) continue;
    const wasThere = seen.add(keys.hashes[2 * row] ?? 0, keys.hashes[2 * row + 1] ?? 0, minute, span);
    const id = known.get(row)?.id;
    // An id that was not suspected and is there now was added by an earlier row of this batch.
    if (id === undefined ? wasThere : added.has(id)) repeated.add(row);
    else if (id !== undefined) added.add(id);
  }
  if (left.size + repeated.size === 0) return { fresh: chunk, duplicates, replayed };
  const fresh = someRows(chunk, keys, (row) => !left.has(row) && !repeated.has(row));
  if (repeated.size === 0) return { fresh, duplicates, replayed };
  // The store refused the row that they repeat. One of them took its place above; the others count no more than before.
  if (repeats) {
    const others = readSuspects(chunk, keys, repeated).map(({ id, time }) => ({ event, id, time, receivedAt }));
    return { fresh, duplicates: [...duplicates, ...others], replayed };
  }
  return { fresh, duplicates, replayed, repeated: someRows(chunk, keys, (row) => repeated.has(row)) };
}
