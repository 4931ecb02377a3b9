import { textLiteral } from '@paddock/metrics';
import { inPortions } from '@paddock/runtime';
import type { Engine } from '../store/engine.js';
import { rawTable } from '../store/raw-table.js';
import { WINDOW_MS } from '../store/store.js';
import { writeStoredIdHash } from './id-hash.js';

/** When a stored event happened, corrected, and when it was received; milliseconds. */
export interface Occurrence {
  time: number;
  receivedAt: number;
}

const ROWS_AT_ONCE = 500_000;
/** A statement may have 50,000 parts; a minute takes four of them. */
const [IDS_AT_ONCE, MINUTES_AT_ONCE] = [5_000, 5_000];
const MINUTE = 'toUInt32(toUnixTimestamp64Milli(_time) / 60000)';
const MINUTE_SECONDS = WINDOW_MS / 1_000;

/** Some stored events: two halves of the hash of each id, the minute that it claims, the span of its receipt. */
export interface StoredIds {
  hashes: Uint32Array;
  minutes: Uint32Array;
  spans: Float64Array;
}

/** Receives ids of stored events in portions, after the count per span. */
export interface StoredIdsReader {
  expect(span: number, ids: number): void;
  take(ids: StoredIds): void;
}

/** The time from which events are read, and the length of the spans in which they are counted. */
export interface StoredSince {
  since: number;
  spanMs: number;
}

/** Reads the ids of an event that were received since a time. */
export async function readStoredIds(
  engine: Engine,
  event: string,
  { since, spanMs }: StoredSince,
  reader: StoredIdsReader,
): Promise<void> {
  const from = `FROM ${rawTable(event)} WHERE _received >= ${instant(since)}`;
  const span = `floor(toUnixTimestamp64Milli(_received) / ${spanMs})`;
  const spans = await engine.select(`SELECT ${span} AS span, count() AS n ${from} GROUP BY span`);
  for (const row of spans) reader.expect(Number(row['span']), Number(row['n']));
  const minutes = await engine.select(
    `SELECT ${MINUTE} AS minute, count() AS n ${from} GROUP BY minute ORDER BY minute`,
  );
  for (const { first, last } of portions(minutes.map(({ minute, n }) => [Number(minute), Number(n)]))) {
    const during = `toStartOfMinute(_time) >= ${second(first)} AND toStartOfMinute(_time) <= ${second(last)}`;
    reader.take(decodeIds(await engine.binary(`SELECT _id, ${MINUTE}, toFloat64(${span}) ${from} AND ${during}`)));
  }
}

/** Where events of an id may be: in these minutes. */
export type MinutesById = ReadonlyMap<string, ReadonlySet<number>>;

/** The stored events of some ids, by id. Every id is compared in full, so there are no false matches. */
export type Occurrences = Map<string, Occurrence[]>;

/** The stored events of some ids, each in the minutes that its events may have claimed. */
export async function findInMinutes(engine: Engine, event: string, places: MinutesById): Promise<Occurrences> {
  const found: Occurrences = new Map();
  await inPortions(places.keys(), IDS_AT_ONCE, async (ids) => {
    const minutes = new Set(ids.flatMap((id) => [...(places.get(id) ?? [])]));
    await inPortions(minutes, MINUTES_AT_ONCE, (some) =>
      collect(engine, event, ids, `toStartOfMinute(_time) IN (${some.map(second).join(', ')})`, found),
    );
  });
  return found;
}

/** The stored events of some ids, wherever they are, of what was received since `since`. */
export async function findSince(
  engine: Engine,
  event: string,
  ids: Iterable<string>,
  since: number,
): Promise<Occurrences> {
  const found: Occurrences = new Map();
  await inPortions(ids, IDS_AT_ONCE, (some) => collect(engine, event, some, `_received >= ${instant(since)}`, found));
  return found;
}

async function collect(
  engine: Engine,
  event: string,
  ids: readonly string[],
  place: string,
  found: Occurrences,
): Promise<void> {
  // When the store merges rows of one key, it keeps the one received first.
  const rows = await engine.select(
    'SELECT _id AS id, toUnixTimestamp64Milli(argMin(_time, _received)) AS time,' +
      ` toUnixTimestamp64Milli(min(_received)) AS received FROM ${rawTable(event)} WHERE ${place} AND _id IN (${ids.map(textLiteral).join(', ')})` +
      ' GROUP BY _id, toStartOfMinute(_time)',
  );
  for (const row of rows) {
    const id = String(row['id']);
    found.set(id, [...(found.get(id) ?? []), { time: Number(row['time']), receivedAt: Number(row['received']) }]);
  }
}

function second(minute: number): string {
  return `toDateTime(${minute * MINUTE_SECONDS}, 'UTC')`;
}

function instant(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${Math.max(0, Math.floor(ms))}), 'UTC')`;
}

/** Neighbouring minutes, in portions of about as many rows as are read at once. */
function portions(minutes: readonly (readonly [minute: number, rows: number])[]): { first: number; last: number }[] {
  const found: { first: number; last: number }[] = [];
  let rows = Infinity;
  for (const [minute, n] of minutes) {
    const current = found.at(-1);
    if (current && rows + n <= ROWS_AT_ONCE) {
      current.last = minute;
      rows += n;
    } else {
      found.push({ first: minute, last: minute });
      rows = n;
    }
  }
  return found;
}

/** RowBinary of a text, a UInt32 and a Float64: https://clickhouse.com/docs/interfaces/formats/RowBinary */
function decodeIds(bytes: Buffer): StoredIds {
  const most = Math.ceil(bytes.length / SHORTEST_ROW);
  const [hashes, minutes, spans] = [new Uint32Array(2 * most), new Uint32Array(most), new Float64Array(most)];
  let at = 0;
  let count = 0;
  while (at < bytes.length) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    writeStoredIdHash(bytes, at, at + length, hashes, count);
    at += length;
    minutes[count] = bytes.readUInt32LE(at);
    spans[count] = bytes.readDoubleLE(at + 4);
    at += 12;
    count += 1;
  }
  return {
    hashes: hashes.subarray(0, 2 * count),
    minutes: minutes.subarray(0, count),
    spans: spans.subarray(0, count),
  };
}

const SHORTEST_ROW = 13;
