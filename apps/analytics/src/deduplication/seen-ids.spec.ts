import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { rowLine } from '../store/row-lines.js';
import { IdTable, placesFor } from './id-table.js';
import { writeStoredIdHash } from './id-hash.js';
import { NO_MINUTE, rowKeys } from './row-keys.js';
import { SeenIds } from './seen-ids.js';

const MINUTE = 60_000;
const ids = fc.uniqueArray(
  fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.uuid(), fc.nat().map(String)),
  { minLength: 1, maxLength: 300 },
);
const rows = (list: readonly string[], minute = 1) =>
  Buffer.from(list.map((id) => rowLine([id, minute * MINUTE + 5, 'rest "],[ \n of it'])).join('\n'));

describe('keys of rows', () => {
  it('are where rows begin, and hash an id as the store gives it', () => {
    fc.assert(
      fc.property(ids, fc.nat(3), (list, expected) => {
        const bytes = rows(list, 29_000_000);
        const keys = rowKeys(bytes, expected);
        expect(keys.count).toBe(list.length);
        list.forEach((id, row) => {
          expect(JSON.parse(bytes.toString('utf8', keys.starts[row], (keys.starts[row + 1] ?? 0) - 1))[0]).toBe(id);
          const [utf8, hash] = [Buffer.from(id), new Uint32Array(2)];
          writeStoredIdHash(utf8, 0, utf8.length, hash, 0);
          expect([...keys.hashes.subarray(2 * row, 2 * row + 2)]).toEqual([...hash]);
          expect(keys.minutes[row]).toBe(29_000_000);
        });
      }),
    );
  });

  it.each(['[1,2]', '["a"]', '["a",-5,1]', '["a",1e3,1]', '["a', '[]', '["a\\', '["a","2026",1]'])(
    'say of %s that it has no id and time',
    (row) => {
      const keys = rowKeys(Buffer.from(`["first",${MINUTE},0]\n${row}\n["last",${MINUTE},0]`), 3);
      expect([...keys.minutes.subarray(0, keys.count)]).toEqual([1, NO_MINUTE, 1]);
    },
  );
});

describe('a table of ids', () => {
  const keys = rowKeys(rows(Array.from({ length: 20_000 }, (_, index) => `id-${index}`)), 20_000);
  const half = (row: number): [number, number] => [keys.hashes[2 * row] ?? 0, keys.hashes[2 * row + 1] ?? 0];

  it('finds every id that was added, with every minute, and no others', () => {
    const table = new IdTable(placesFor(15_000));
    for (let row = 0; row < 15_000; row += 1) expect(table.add(...half(row), row)).toBe(false);
    expect([table.add(...half(7), 7), table.add(...half(7), 68_000_000)]).toEqual([true, true]);
    const minutes = new Set<number>();
    table.collectMinutes(...half(7), minutes);
    expect([...minutes].sort((a, b) => a - b)).toEqual([7, 68_000_000]);
    expect(Array.from({ length: 20_000 }, (_, row) => table.has(...half(row))).filter(Boolean)).toHaveLength(15_000);
    expect(table.count).toBe(15_001);
  });
});

describe('the ids that were seen', () => {
  const [hour, day] = [3_600_000, 86_400_000];
  const keysAt = (at: number) => rowKeys(rows(Array.from({ length: 100 }, (_, index) => `${at}-${index}`)), 100);
  function add(seen: SeenIds, at: number, keys = keysAt(at)): number {
    seen.beginBatch();
    return Array.from({ length: keys.count }, (_, row) =>
      seen.add(keys.hashes[2 * row] ?? 0, keys.hashes[2 * row + 1] ?? 0, keys.minutes[row] ?? 0, seen.spanOf(at)),
    ).filter(Boolean).length;
  }

  it('are kept for the window, and soon after it take no memory', () => {
    const seen = new SeenIds(day, 0);
    for (let at = 0; at < 20 * day; at += hour) {
      add(seen, at);
      seen.forgetBefore(at);
      for (let back = 0; back <= Math.min(at, day); back += 8 * hour)
        expect(seen.suspects(keysAt(at - back)).size).toBe(100);
      expect(seen.since).toBeLessThanOrEqual(Math.max(0, at - day));
    }
    expect(seen.suspects(keysAt(0)).size).toBe(0);
    expect(seen.count).toBeLessThanOrEqual(100 * 24 * 1.6);
    expect(seen.bytes).toBeLessThan(200_000);
  });

  it('report repetitions within a batch, also when a table fills up in between', () => {
    const seen = new SeenIds(day, 0);
    const many = rowKeys(rows(Array.from({ length: 50_000 }, (_, index) => `m${index}`)), 50_000);
    seen.beginBatch();
    for (const expected of [false, true]) {
      const known = Array.from({ length: many.count }, (_, row) =>
        seen.add(many.hashes[2 * row] ?? 0, many.hashes[2 * row + 1] ?? 0, 1, 1),
      );
      expect(known.filter((one) => one !== expected)).toEqual([]);
    }
    expect(seen.suspects(many).size).toBe(50_000);
  });
});
