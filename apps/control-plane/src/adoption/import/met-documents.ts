import type { RowProblem } from '../mapping/map-row.js';
import type { Candidate } from './candidates.js';

/** The documents that a pass over a table has met, each by the row that makes it: a second one must not win by chance. */
export class MetDocuments {
  private readonly rows = new Map<string, string>();

  /** Those that make a document met before are none, and say which row makes it. */
  judge(candidates: readonly Candidate[]): Candidate[] {
    return candidates.map((candidate) => {
      const problem = this.meet(candidate);
      return problem ? { ...candidate, made: undefined, problems: [problem] } : candidate;
    });
  }

  private meet({ key, rows }: Candidate): RowProblem | undefined {
    if (key === undefined) return undefined;
    const row = rows[0]?.mapped.rowKey.join(', ') ?? '';
    const first = this.rows.get(key);
    if (first !== undefined) return sameDocument(key, row, first);
    this.rows.set(key, row);
    return undefined;
  }
}

/** Two rows whose keys make one key of a document. */
export function sameDocument(key: string, row: string, first: string): RowProblem {
  return {
    column: '',
    value: row,
    code: 'SAME_DOCUMENT',
    why: `makes the document key ${key}, as the row ${first} does`,
  };
}
