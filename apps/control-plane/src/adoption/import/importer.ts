import { Injectable } from '@nestjs/common';
import type { SourceSession } from '@paddock/foreign-database';
import type { Actor } from '../../access/actor.js';
import { Database, type Tx } from '../../database/database.js';
import { type BulkDraft, BulkDrafts, type BulkOutcome } from '../../documents/bulk-drafts.js';
import type { ConfigKind } from '../../documents/config-kind.js';
import type { AdoptedRowRow } from '../adoption.entity.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import type { RowProblem } from '../mapping/map-row.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { GatheredDocuments } from '../rows/gathered-documents.js';
import { packCells } from '../rows/row-cells.js';
import type { Candidate } from './candidates.js';
import { sameDocument } from './duplicate-keys.js';
import { prefetch, pagesOf } from './candidate-pages.js';

/** What became of a candidate. */
export interface Imported {
  candidate: Candidate;
  /** `UNFIT`: it is no document; `CONFLICT`: its document has a draft that was not made from its rows. */
  state: BulkOutcome['state'] | 'UNFIT';
  documentId: string | undefined;
  problems: RowProblem[];
}

/** Documents that are saved in one transaction. */
const PORTION = 500;

/** Makes drafts of rows, and remembers what was seen of each row in the same transaction. */
@Injectable()
export class Importer {
  constructor(
    private readonly db: Database,
    private readonly drafts: BulkDrafts,
    private readonly rows: AdoptedRows,
    private readonly gathered: GatheredDocuments,
  ) {}

  /** Imports a whole table; `onPage` receives the result of every page. */
  async importAll(
    {
      actor,
      mappingId,
      kind,
      awaitRelease = false,
    }: { actor: Actor; mappingId: string; kind: ConfigKind; awaitRelease?: boolean },
    session: SourceSession,
    mapping: CompiledMapping,
    onPage: (imported: Imported[], rows: number) => Promise<void>,
  ): Promise<void> {
    for await (const { page, rows } of prefetch(pagesOf(session, mapping, kind))) {
      const imported: Imported[] = [];
      for (let from = 0; from < page.length; from += PORTION) {
        imported.push(
          ...(await this.import(actor, mappingId, kind, page.slice(from, from + PORTION), {
            awaitRelease,
            gathered: mapping.gatherAt !== undefined,
          })),
        );
      }
      await onPage(imported, rows);
    }
  }

  /** One portion, in one transaction. With `awaitRelease`, what changed is marked as to be landed; `gathered` documents are made of several rows each. */
  async import(
    actor: Actor,
    mappingId: string,
    kind: ConfigKind,
    candidates: readonly Candidate[],
    { awaitRelease = false, gathered = false } = {},
  ): Promise<Imported[]> {
    return this.db.tx(async (tx) => {
      const keyHashes = candidates.flatMap((candidate) => candidate.rows.map(({ keyHash }) => keyHash));
      const known = await this.rows.byKeys(mappingId, keyHashes, tx);
      const twice = repeatedKeys(candidates);
      const fit = candidates.filter((candidate) => candidate.made && !twice.has(candidate));
      const seen = gathered
        ? await this.seenOf(tx, mappingId, kind, fit)
        : (candidate: Candidate) => seenOfRow(candidate, known);
      const outcomes = await this.drafts.save(
        tx,
        actor,
        fit.flatMap((candidate) => draftOf(candidate, kind, seen)),
        { targetType: 'adoption', targetId: mappingId },
      );
      const byCandidate = new Map(fit.map((candidate, at) => [candidate, outcomes[at]]));
      const imported = candidates.map((candidate) =>
        verdict(candidate, byCandidate.get(candidate), twice.get(candidate)),
      );
      await this.rows.store(
        tx,
        imported.flatMap((one) => seenRows(mappingId, one, known, awaitRelease)),
      );
      if (gathered) await this.gathered.store(tx, mappingId, imported.flatMap(madeOf));
      return imported;
    });
  }

  private async seenOf(
    tx: Tx,
    mappingId: string,
    kind: ConfigKind,
    [first, ...more]: readonly Candidate[],
  ): Promise<SeenOf> {
    if (!first) return () => null;
    const keys = [first, ...more].flatMap(({ key }) => key ?? []);
    const seen = await this.gathered.seen(tx, mappingId, { kind: kind.name, site: first.site, keys });
    return ({ key = '' }) => seen.get(key) ?? null;
  }
}

/** SHA-256 of the body that was last made of a candidate's rows; `null` where none was. */
type SeenOf = (candidate: Candidate) => string | null;

function seenOfRow({ rows: [row] }: Candidate, known: ReadonlyMap<string, AdoptedRowRow>): string | null {
  return (row && known.get(row.keyHash)?.bodySha256) ?? null;
}

function draftOf(candidate: Candidate, kind: ConfigKind, seenOf: SeenOf): BulkDraft[] {
  const { key, site, made } = candidate;
  if (key === undefined || !made) return [];
  return [
    {
      kind: kind.name,
      site,
      key,
      label: made.label,
      body: made.body,
      schemaVersion: kind.schemaVersion,
      seenSha256: seenOf(candidate),
    },
  ];
}

function madeOf({ candidate, state, documentId }: Imported): { documentId: string; sha256: string }[] {
  return candidate.made && documentId !== undefined && state !== 'CONFLICT' && state !== 'UNFIT'
    ? [{ documentId, sha256: candidate.made.sha256 }]
    : [];
}

/** Two rows whose keys make one document key: neither may win by chance. */
function repeatedKeys(candidates: readonly Candidate[]): Map<Candidate, Candidate> {
  const first = new Map<string, Candidate>();
  const repeated = new Map<Candidate, Candidate>();
  for (const candidate of candidates) {
    if (candidate.key === undefined) continue;
    const other = first.get(candidate.key);
    if (other) repeated.set(candidate, other);
    else first.set(candidate.key, candidate);
  }
  return repeated;
}

function verdict(candidate: Candidate, outcome: BulkOutcome | undefined, duplicateOf: Candidate | undefined): Imported {
  if (duplicateOf)
    return {
      candidate,
      state: 'UNFIT',
      documentId: undefined,
      problems: [sameDocument(candidate.key ?? '', rowOf(candidate), rowOf(duplicateOf))],
    };
  if (!outcome) return { candidate, state: 'UNFIT', documentId: undefined, problems: candidate.problems };
  const why = `the document ${candidate.key} has a draft that was not made from this row; it was left alone`;
  const problems =
    outcome.state === 'CONFLICT' ? [{ column: '', value: rowOf(candidate), code: 'DRAFT_EDITED', why }] : [];
  return { candidate, ...outcome, problems };
}

const rowOf = ({ rows }: Candidate): string => rows[0]?.mapped.rowKey.join(', ') ?? '';

/** A row whose draft was left alone is not counted as seen: the next look finds it again. */
function seenRows(
  mappingId: string,
  { candidate, state, documentId, problems }: Imported,
  known: ReadonlyMap<string, AdoptedRowRow>,
  awaitRelease: boolean,
): AdoptedRowRow[] {
  if (state === 'CONFLICT') return [];
  return candidate.rows.map(({ cells, keyHash, hash, mapped, isLeftOut = false }) => {
    const before = known.get(keyHash);
    const listed = state === 'UNFIT' ? problems : [...(isLeftOut ? mapped.problems : []), ...mapped.leftOut];
    return {
      ...{ mappingId, keyHash, keyCells: packCells(cells.slice(0, mapped.rowKey.length)), rowHash: hash },
      documentId: documentId ?? before?.documentId ?? null,
      bodySha256: state === 'UNFIT' ? (before?.bodySha256 ?? null) : (candidate.made?.sha256 ?? null),
      state: state === 'UNFIT' || isLeftOut ? 'UNFIT' : 'PRESENT',
      // A row that is back, or came over from another document, changes what is live also where the draft is as it was.
      awaitsRelease:
        awaitRelease &&
        (before?.awaitsRelease === true ||
          state === 'CREATED' ||
          state === 'UPDATED' ||
          before?.state === 'GONE' ||
          hasMoved(before, documentId)),
      problems: listed.length > 0 ? JSON.stringify(listed.slice(0, 10)) : null,
    };
  });
}

function hasMoved(before: AdoptedRowRow | undefined, documentId: string | undefined): boolean {
  return before !== undefined && documentId !== undefined && before.documentId !== documentId;
}
