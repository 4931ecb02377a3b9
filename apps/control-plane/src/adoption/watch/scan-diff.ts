import type { SourceSession } from '@paddock/foreign-database';
import type { AdoptedRowRow } from '../adoption.entity.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import type { AdoptedRows } from '../rows/adopted-rows.js';
import { unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { PAGE_ROWS, readRows, scanHashes } from '../rows/scan.js';

/** What is not as Paddock last saw it. */
export interface Difference {
  /** Rows that are new, changed or back, as they are now, with what was known of each. */
  changed: { row: Row; known: AdoptedRowRow | undefined }[];
  /** Rows that are gone, or are not adopted any more. */
  gone: AdoptedRowRow[];
  /** Keys of rows that are as they were. */
  unchanged: string[];
}

const ROWS_PER_READ = 200;

/**
 * Compares a table with its last scan, in portions; the last portion holds the deleted rows. Reads only hashes of
 * unchanged rows, and the cells of changed rows.
 */
export async function* scanDiff(
  session: SourceSession,
  mapping: CompiledMapping,
  mappingId: string,
  rows: AdoptedRows,
): AsyncGenerator<Difference> {
  let met = 0;
  for await (const page of scanHashes(session, mapping)) {
    const keyed = page.map(({ key, hash }) => ({ key, hash, keyHash: rowHash(key) }));
    const known = await rows.byKeys(
      mappingId,
      keyed.map(({ keyHash }) => keyHash),
    );
    const expected = (row: AdoptedRowRow | undefined) => row !== undefined && row.state !== 'GONE';
    met += keyed.filter(({ keyHash }) => expected(known.get(keyHash))).length;
    const same = keyed.filter(
      ({ keyHash, hash }) => expected(known.get(keyHash)) && known.get(keyHash)?.rowHash === hash,
    );
    const sameKeys = new Set(same.map(({ keyHash }) => keyHash));
    const differing = keyed.filter(({ keyHash }) => !sameKeys.has(keyHash));
    yield { changed: [], gone: [], unchanged: [...sameKeys] };
    for (let from = 0; from < differing.length; from += ROWS_PER_READ) {
      const read = await readRows(
        session,
        mapping,
        differing.slice(from, from + ROWS_PER_READ).map(({ key }) => key),
      );
      const changed = read.map((row) => ({ row, known: known.get(rowHash(row.slice(0, mapping.keyLength))) }));
      // What the server could not hash, or what changed back meanwhile, is no difference.
      yield {
        changed: changed.filter(({ row, known: before }) => !expected(before) || before?.rowHash !== rowHash(row)),
        gone: [],
        unchanged: [],
      };
    }
  }
  const counts = await rows.counts(mappingId);
  if (met >= counts.PRESENT + counts.UNFIT) return;
  for await (const page of rows.expected(mappingId, PAGE_ROWS)) {
    for (let from = 0; from < page.length; from += ROWS_PER_READ) {
      const some = page.slice(from, from + ROWS_PER_READ);
      const found = await readRows(
        session,
        mapping,
        some.map(({ keyCells }) => unpackCells(keyCells)),
      );
      const there = new Set(found.map((row) => rowHash(row.slice(0, mapping.keyLength))));
      yield { changed: [], gone: some.filter(({ keyHash }) => !there.has(keyHash)), unchanged: [] };
    }
  }
}
