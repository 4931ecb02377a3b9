import type { RowProblem } from '../mapping/map-row.js';
import type { Candidate } from './candidates.js';

/** The document keys of one import, each with its first row: a second row with the same key must not win by chance. */
export class DuplicateKeys {
  private readonly rows = new Map<string, string>();

  /** Rejects candidates whose document key has occurred before; their problem names the first row. */
  rejectDuplicates(candidates: readonly Candidate[]): Candidate[] {
    return candidates.map((candidate) => {
      const problem = this.duplicateProblem(candidate);
      return problem ? { ...candidate, made: undefined, problems: [problem] } : candidate;
    });
  }

  private duplicateProblem({ key, rows }: Candidate): RowProblem | undefined {
    if (key === undefined) return undefined;
    const row = rows[0]?.mapped.rowKey.join(', ') ?? '';
    const first = this.rows.get(key);
    if (first !== undefined) return sameDocument(key, row, first);
    this.rows.set(key, row);
    return undefined;
  }
}

/** Two rows that produce the same document key. */
export function sameDocument(key: string, row: string, first: string): RowProblem {
  return {
    column: '',
    value: row,
    code: 'SAME_DOCUMENT',
    why: `makes the document key ${key}, as the row ${first} does`,
  };
}
