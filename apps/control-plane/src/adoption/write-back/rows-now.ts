import type { SourceSession } from '@paddock/foreign-database';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows } from '../rows/scan.js';
import type { ReleasedDocument } from './released-documents.js';

/** Rows as they are after a write, also those that the filters of the mapping leave out since. */
export class RowsNow {
  private constructor(
    private readonly all: ReadonlyMap<string, Row>,
    private readonly adopted: ReadonlySet<string>,
  ) {}

  static async read(session: SourceSession, mapping: CompiledMapping, keys: readonly Row[]): Promise<RowsNow> {
    const byKey = (rows: readonly Row[]) => new Map(rows.map((row) => [rowHash(row.slice(0, mapping.keyLength)), row]));
    const all = byKey(await readRows(session, mapping, keys, { adopted: false }));
    const filtered = (mapping.body.where ?? []).length > 0;
    return new RowsNow(all, new Set((filtered ? byKey(await readRows(session, mapping, keys)) : all).keys()));
  }

  /** The row of a document. A removed document has no row that is no longer adopted. */
  of({ key, document }: { key: Row; document: Pick<ReleasedDocument, 'live'> }): Row | undefined {
    return document.live || this.isAdopted(key) ? this.all.get(rowHash(key)) : undefined;
  }

  isAdopted(key: Row): boolean {
    return this.adopted.has(rowHash(key));
  }
}
