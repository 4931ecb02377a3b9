import { Injectable } from '@nestjs/common';
import type { Receipt } from '@paddock/contracts';
import { DriftEvents } from '../drift/drift-events.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { unpackCells } from '../rows/row-cells.js';
import type { Mapping } from '../tables/mappings.js';
import type { WriteOutcome } from './judged-row.js';
import { LEGACY_TABLE, receiptOf } from './legacy-receipt.js';
import { type ReleasedDocument, ReleasedDocuments } from './released-documents.js';
import { type ReleasedStanding, releaseStanding, rowName, standingOf } from './row-standing.js';
import { RowJournal } from './row-journal.js';
import { RowsNow } from './rows-now.js';
import type { WrittenTable } from './written-table.js';

/** A rejected release is judged again when something was settled, and else so often. */
const JUDGE_EVERY_MS = 30_000;
/** Documents whose rows are read in one statement. */
const PORTION = 100;

/** What one pass over a table has to say: of releases that are new to it, and of those that it rejected before. */
interface Pass {
  mapping: Mapping;
  writtenSeq: number;
  head: number;
  rejected: readonly number[];
  outcomes: readonly WriteOutcome[];
}

/** Makes the receipts of written tables, all by {@link standingOf}: also of releases that were rejected and may be applied by now. */
@Injectable()
export class RejectedReleases {
  private readonly judged = new Map<string, { situation: string; at: number }>();

  constructor(
    private readonly released: ReleasedDocuments,
    private readonly drifts: DriftEvents,
    private readonly rows: AdoptedRows,
    private readonly journal: RowJournal,
  ) {}

  /** Rejected releases without rows that wait to be written: only the rows themselves show their result. */
  async toJudge(mapping: Mapping, writtenSeq: number, now = Date.now()): Promise<number[]> {
    const { environment } = mapping.body;
    const rejected = await this.released.rejectedSeqs(environment, LEGACY_TABLE, mapping.key, writtenSeq);
    if (rejected.length === 0) return [];
    const waiting = new Set(
      (await this.drifts.openOfReleases(mapping.id)).flatMap(({ documentId }) => documentId ?? []),
    );
    const items = await this.released.itemsOf(mapping.body, rejected);
    const open = rejected.filter((seq) => !(items.get(seq) ?? []).some((id) => waiting.has(id)));
    if (open.length === 0) return [];
    const situation = JSON.stringify([writtenSeq, open, await this.drifts.lastSettledAt(mapping.id)]);
    const before = this.judged.get(mapping.id);
    if (before?.situation === situation && now - before.at < JUDGE_EVERY_MS) return [];
    this.judged.set(mapping.id, { situation, at: now });
    return open;
  }

  async receipts(table: WrittenTable, { mapping, writtenSeq, head, rejected, outcomes }: Pass): Promise<Receipt[]> {
    const { environment } = mapping.body;
    // What is found out about a row now concerns every release that changed it and was rejected.
    const before = await this.released.rejectedSeqs(environment, LEGACY_TABLE, mapping.key, writtenSeq);
    const differing = outcomes
      .filter(({ standing }) => standing.state === 'DIFFERS')
      .map(({ document }) => document.seq);
    const releases = await this.released.releases(environment, writtenSeq, head, [...before, ...differing]);
    const items = await this.released.itemsOf(
      mapping.body,
      releases.map(({ seq }) => seq),
    );
    const known = new Map(outcomes.map(({ document, standing }) => [document.id, { seq: document.seq, standing }]));
    const concerned = releases.filter(
      ({ seq }) => seq > writtenSeq || rejected.includes(seq) || (items.get(seq) ?? []).some((id) => known.has(id)),
    );
    const unknown = [...new Set(concerned.flatMap(({ seq }) => items.get(seq) ?? []))].filter((id) => !known.has(id));
    for (const [id, standing] of await this.look(table, mapping, unknown, head)) known.set(id, standing);
    return concerned.map((release) =>
      receiptOf(
        mapping,
        release,
        releaseStanding(
          release.seq,
          (items.get(release.seq) ?? []).flatMap((id) => known.get(id) ?? []),
        ),
      ),
    );
  }

  /** Reads the rows of some documents, and compares. */
  private async look(
    { mappingId, mapping, session }: WrittenTable,
    { body }: Mapping,
    ids: readonly string[],
    head: number,
  ): Promise<Map<string, ReleasedStanding>> {
    const found = new Map<string, ReleasedStanding>();
    const returning = await this.journal.returningDocuments(mappingId);
    const events = Map.groupBy(await this.drifts.open(mappingId), ({ documentId }) => documentId);
    for (let from = 0; from < ids.length; from += PORTION) {
      const documents: ReleasedDocument[] = await this.released.live(
        body.environment,
        await this.released.lastSeqs(body, ids.slice(from, from + PORTION), head),
        head,
      );
      const keys = new Map(
        (
          await this.rows.byDocuments(
            mappingId,
            documents.map(({ id }) => id),
          )
        ).map((row) => [row.documentId, unpackCells(row.keyCells)]),
      );
      const rows = await RowsNow.read(session, mapping, [...keys.values()]);
      for (const document of documents) {
        const key = keys.get(document.id) ?? [];
        const question = {
          key: document.key,
          rowName: rowName(key),
          live: document.live?.body ?? null,
          row: rows.of({ key, document }),
          mapping,
        };
        const away = events.get(document.id)?.find(({ kind }) => kind === 'REFUSED' && returning.has(document.id));
        const standing = standingOf({ ...question, events: events.get(document.id) ?? [] });
        found.set(document.id, {
          seq: document.seq,
          standing:
            away && standing.state === 'EQUAL'
              ? { state: 'DIFFERS', why: `${document.key}: rows that went with it are not back` }
              : standing,
        });
      }
    }
    return found;
  }
}
