import type { Json, Receipt } from '@paddock/contracts';
import type { DriftEventRow } from '../adoption.entity.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { unmapBody } from '../mapping/unmap-body.js';
import { means, sameCell } from './decide-write.js';

/** How a row compares with what is live of its document. */
export type RowStanding = { state: 'EQUAL' } | { state: 'DIFFERS'; why: string };

export interface StandingQuestion {
  /** Names the document, for people. */
  key: string;
  /** Names the row, for people. */
  rowName: string;
  /** What is live of the document; `null` where it was removed. */
  live: { readonly [name: string]: Json } | null;
  /** The row as it was just read; `undefined` where it does not exist. */
  row: Row | undefined;
  mapping: CompiledMapping;
  /** Open drift events of the document, for the reason. */
  events: readonly Pick<DriftEventRow, 'kind' | 'seq' | 'ours'>[];
}

/**
 * The one rule by which a written table has applied a document: the row, as it was read, says what the document says; of a
 * removed document there is no row. What a statement affected, or that no event is open any more, proves nothing. Pure.
 */
export function standingOf({ key, rowName, live, row, mapping, events }: StandingQuestion): RowStanding {
  if (live ? row !== undefined && means(row, live, mapping) : row === undefined) return { state: 'EQUAL' };
  const reason = events.flatMap((event) => reasonOf(event, rowName) ?? [])[0] ?? difference(live, row, mapping);
  return { state: 'DIFFERS', why: `${key}: ${reason}` };
}

/** A document that a release changed, and how its row compares with what is live of it now. */
export interface ReleasedStanding {
  /** The release that changed the document last. */
  seq: number;
  standing: RowStanding;
}

/**
 * What a table says of the release `seq`, by the rows of everything that it changed. `SKIPPED`: nothing in it concerns the
 * table, or later releases have changed all of it and are applied. Pure.
 */
export function releaseStanding(
  seq: number,
  documents: readonly ReleasedStanding[],
): { state: Receipt['state']; error?: string } {
  const differing = documents.flatMap(({ standing }) => (standing.state === 'DIFFERS' ? [standing.why] : []));
  if (differing.length > 0)
    return { state: 'REJECTED', error: `${differing.length} of ${documents.length} rows: ${differing.join('; ')}` };
  return { state: documents.some((document) => document.seq === seq) ? 'APPLIED' : 'SKIPPED' };
}

/** The values of a row's key, for people. */
export function rowName(key: Row): string {
  return key.map((cell) => cell?.toString('latin1') ?? 'NULL').join(', ');
}

/** Shown beside the columns of a drift event where there is something to say. */
export const NOTE = '(note)';

/** Why an open event keeps a row from being written. */
function reasonOf({ kind, ours }: Pick<DriftEventRow, 'kind' | 'ours'>, rowName: string): string | undefined {
  if (kind === 'CHANGED' || kind === 'DELETED' || kind === 'APPEARED')
    return `the row ${rowName} was ${kind.toLowerCase()} by another program`;
  const sides: Record<string, string | null> = ours === null ? {} : JSON.parse(ours);
  return sides[NOTE] ?? undefined;
}

function difference(live: StandingQuestion['live'], row: Row | undefined, mapping: CompiledMapping): string {
  if (!live) return 'the document is removed, and the row is still there';
  if (!row) return 'there is no row';
  const { cells, problems } = unmapBody(live, mapping, row);
  const columns = mapping.columns
    .filter((column, at) => cells.has(column) && !sameCell(cells.get(column) ?? null, row[at] ?? null))
    .map(({ ref }) => ref);
  return `the row says something else in ${[...columns, ...problems.map(({ column }) => column)].join(', ')}`;
}
