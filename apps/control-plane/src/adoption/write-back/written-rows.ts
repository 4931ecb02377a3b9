import { Injectable } from '@nestjs/common';
import type { Json } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import type { AdoptedRowRow, DriftEventRow } from '../adoption.entity.js';
import type { Drift } from '../drift/drift-events.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import { unmapBody } from '../mapping/unmap-body.js';
import { unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows } from '../rows/scan.js';
import type { Mapping } from '../tables/mappings.js';
import type { Difference } from '../watch/scan-diff.js';
import { means } from './decide-write.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { RowJournal } from './row-journal.js';
import { standingOf } from './row-standing.js';

/** Tells, of rows that are not as they were, which ones others have changed. */
@Injectable()
export class WrittenRows {
  constructor(
    private readonly released: ReleasedDocuments,
    private readonly journal: RowJournal,
  ) {}

  /** Rows that mean the live body agree, even with other bytes: they get new hashes. All others are drift. */
  async judge(
    mapping: Mapping,
    compiled: CompiledMapping,
    { changed, gone }: Difference,
    { newColumns = false } = {},
  ): Promise<{ drifts: Drift[]; agreed: AdoptedRowRow[] }> {
    const { environment } = mapping.body;
    const head = await this.released.headSeq(environment);
    const ids = [
      ...changed.flatMap(({ known }) => known?.documentId ?? []),
      ...gone.flatMap(({ documentId }) => documentId ?? []),
    ];
    const live = new Map(
      (await this.released.live(environment, new Map(ids.map((id) => [id, head])), head)).map((document) => [
        document.id,
        document,
      ]),
    );
    const seen = newColumns
      ? await this.released.seenBodies(
          changed.flatMap(({ known }) =>
            known?.documentId && known.bodySha256 ? [{ documentId: known.documentId, sha256: known.bodySha256 }] : [],
          ),
        )
      : new Map<string, { [name: string]: Json }>();
    const begun = await this.journal.begun(mapping.id);
    // Columns that are never written may have changed although the written ones agree; unless others are looked at than before.
    const hidden = !newColumns && compiled.fields.some(({ field }) => field.readOnly);
    const drifts: Drift[] = [];
    const agreed: AdoptedRowRow[] = [];
    for (const { row, known } of changed) {
      const document = known?.documentId ? live.get(known.documentId) : undefined;
      // A write whose end is not known is for the writer to find out about.
      if (known?.documentId && begun.has(known.documentId)) continue;
      const key = row.slice(0, compiled.keyLength);
      const bodies = [seen.get(known?.documentId ?? ''), document?.live?.body].filter((body) => body !== undefined);
      if (known?.state === 'PRESENT' && !hidden && bodies.some((body) => means(row, body, compiled)))
        agreed.push({ ...known, rowHash: rowHash(row) });
      else
        drifts.push({
          key,
          documentId: known?.documentId ?? null,
          kind: known?.state === 'PRESENT' ? 'CHANGED' : 'APPEARED',
          seq: null,
          present: row,
          ours: oursOf(document, compiled, row),
        });
    }
    for (const known of gone) {
      if (known.documentId && begun.has(known.documentId)) continue;
      const document = known.documentId ? live.get(known.documentId) : undefined;
      if (document?.live)
        drifts.push({
          key: unpackCells(known.keyCells),
          documentId: known.documentId,
          kind: 'DELETED',
          seq: null,
          present: undefined,
          ours: oursOf(document, compiled, undefined),
        });
      else agreed.push({ ...known, state: 'GONE' });
    }
    return { drifts, agreed };
  }

  /** The rows of some open events as they are now, and whether each one says what is live of its document. */
  async compare(
    mapping: Mapping,
    compiled: CompiledMapping,
    session: SourceSession,
    events: readonly DriftEventRow[],
  ): Promise<{ event: DriftEventRow; equal: boolean; hash: string }[]> {
    const { environment } = mapping.body;
    const head = await this.released.headSeq(environment);
    const ids = events.flatMap(({ documentId }) => documentId ?? []);
    const live = new Map(
      (await this.released.live(environment, new Map(ids.map((id) => [id, head])), head)).map((document) => [
        document.id,
        document,
      ]),
    );
    const rows = new Map(
      (
        await readRows(
          session,
          compiled,
          events.map(({ keyCells }) => unpackCells(keyCells)),
        )
      ).map((row) => [rowHash(row.slice(0, compiled.keyLength)), row]),
    );
    return events.map((event) => {
      const row = rows.get(event.keyHash);
      const document = event.documentId === null ? undefined : live.get(event.documentId);
      const { state } = standingOf({
        key: document?.key ?? '',
        rowName: '',
        live: document?.live?.body ?? null,
        row,
        mapping: compiled,
        events: [],
      });
      return { event, equal: state === 'EQUAL', hash: row ? rowHash(row) : '' };
    });
  }
}

function oursOf(
  document: ReleasedDocument | undefined,
  compiled: CompiledMapping,
  row: Parameters<typeof unmapBody>[2],
): Drift['ours'] {
  return document?.live ? unmapBody(document.live.body, compiled, row).cells : undefined;
}
