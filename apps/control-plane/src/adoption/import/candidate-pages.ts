import { setImmediate } from 'node:timers/promises';
import type { SourceSession } from '@paddock/foreign-database';
import type { ConfigKind } from '../../documents/config-kind.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { scanRows } from '../rows/scan.js';
import { type Candidate, candidates } from './candidates.js';

/** Rows that are mapped without a pause: concurrent work waits no longer than that. */
const SLICE = 50;
/** Documents of many rows are put together in memory; a table with more rows than this is no layout. */
export const MAX_GATHERED_ROWS = 20_000;

/** Every candidate of a table, in pages; `rows` is the number of rows of a page, for progress. */
export async function* pagesOf(
  session: SourceSession,
  mapping: CompiledMapping,
  kind: ConfigKind,
): AsyncGenerator<{ page: Candidate[]; rows: number }> {
  if (!mapping.gatherAt) {
    for await (const rows of scanRows(session, mapping))
      yield { page: await inSlices(rows, mapping, kind), rows: rows.length };
    return;
  }
  const all: Row[] = [];
  for await (const rows of scanRows(session, mapping)) {
    all.push(...rows);
    if (all.length > MAX_GATHERED_ROWS)
      throw new TooManyRows(
        `${mapping.table.name} has more than ${MAX_GATHERED_ROWS} rows to be put together; filter them`,
      );
  }
  yield { page: candidates(all, mapping, kind), rows: all.length };
}

/** Prefetches: the next item is made while the current one is processed, because one waits for the database and the other computes. */
export async function* prefetch<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = items.next();
      // If the consumer stops early, a failure must not become an unhandled rejection.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await items.return(undefined);
  }
}

/** Documents are assembled from more rows than memory should hold. */
export class TooManyRows extends Error {}

export async function inSlices(rows: readonly Row[], mapping: CompiledMapping, kind: ConfigKind): Promise<Candidate[]> {
  const made: Candidate[] = [];
  for (let from = 0; from < rows.length; from += SLICE) {
    made.push(...candidates(rows.slice(from, from + SLICE), mapping, kind));
    await setImmediate();
  }
  return made;
}
