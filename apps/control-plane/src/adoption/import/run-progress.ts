import type { Database } from '../../database/database.js';
import { AdoptionRunRow } from '../adoption.entity.js';
import type { RowProblem, RowRemoval } from '../mapping/map-row.js';
import type { Candidate } from './candidates.js';
import type { Imported } from './importer.js';

/** A problem of a row, with what names the row. */
export interface RunProblem extends RowProblem {
  key: readonly string[];
}

/** Something that was left out of a row. */
export interface RunRemoval extends RowRemoval {
  key: readonly string[];
}

/** Problems and removals that are kept of a run; all of them are counted. */
const KEPT = 2_000;
const TELL_EVERY_MS = 300;

/** Counts what a run does, and tells it to the database now and then: other processes show it. */
export class RunProgress {
  private readonly problems: RunProblem[] = [];
  private readonly removals: RunRemoval[] = [];
  private toldAt = performance.now();

  constructor(
    private readonly db: Database,
    private readonly row: AdoptionRunRow,
  ) {}

  /** A dry run saw these. */
  tried(page: readonly Candidate[]): void {
    for (const candidate of page) this.count(candidate, candidate.made !== undefined, candidate.problems);
  }

  imported(portion: readonly Imported[]): void {
    for (const { candidate, state, problems } of portion) {
      this.count(candidate, state !== 'UNFIT' && state !== 'CONFLICT', problems);
      if (state === 'CREATED' || state === 'UPDATED') this.row.changed += 1;
    }
  }

  async advance(rows: number): Promise<void> {
    this.row.rowsDone += rows;
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    const { rowsDone, rowsTotal, documents, changed, problemRows } = this.row;
    await this.db.manager.update(AdoptionRunRow, this.row.id, {
      rowsDone,
      rowsTotal: Math.max(rowsTotal, rowsDone),
      documents,
      changed,
      problemRows,
      seenAt: new Date(),
    });
    this.toldAt = performance.now();
  }

  async end(state: 'DONE' | 'FAILED', error?: string): Promise<void> {
    const { id, rowsDone, rowsTotal, documents, changed, problemRows } = this.row;
    // Rows that came or went meanwhile are no reason to look unfinished.
    const total = state === 'DONE' ? rowsDone : rowsTotal;
    await this.db.manager.update(AdoptionRunRow, id, {
      ...{
        state,
        rowsDone,
        rowsTotal: total,
        documents,
        changed,
        problemRows,
        seenAt: new Date(),
        error: error?.slice(0, 1000) ?? null,
      },
      ...{ problems: JSON.stringify(this.problems), removals: JSON.stringify(this.removals) },
    });
  }

  private count(candidate: Candidate, made: boolean, problems: readonly RowProblem[]): void {
    const key = candidate.rows[0]?.mapped.rowKey ?? [];
    if (made) this.row.documents += 1;
    this.row.problemRows += made ? candidate.rows.filter(({ isLeftOut }) => isLeftOut).length : candidate.rows.length;
    if (this.problems.length < KEPT)
      this.problems.push(...problems.map((problem) => ({ ...problem, key })), ...candidate.leftOut);
    if (this.removals.length >= KEPT) return;
    for (const { mapped } of candidate.rows)
      this.removals.push(...mapped.removed.map((removal) => ({ ...removal, key: mapped.rowKey })));
  }
}
