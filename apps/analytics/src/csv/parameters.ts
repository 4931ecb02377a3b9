import type { QueryProblem } from '../queries/query-problems.js';

/** The parameters of a request, each read as one text. Mistakes are collected and reported together. */
export class Parameters {
  readonly problems: QueryProblem[] = [];

  /** @param known all allowed names */
  constructor(
    private readonly query: Readonly<Record<string, unknown>>,
    known: readonly string[],
  ) {
    for (const name of Object.keys(query))
      if (!known.includes(name)) this.problem(name, 'UNKNOWN_FIELD', `is not one of ${known.join(', ')}`);
  }

  problem(path: string, code: string, message: string): undefined {
    this.problems.push({ path, code, message });
    return undefined;
  }

  /** `undefined` where it is absent or empty. */
  text(name: string): string | undefined {
    const value = this.query[name];
    if (value === undefined || value === '') return undefined;
    return typeof value === 'string' ? value : this.problem(name, 'WRONG_TYPE', 'must be given once');
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined && !Array.isArray(this.query[name])) this.problem(name, 'REQUIRED', 'is required');
    return value ?? '';
  }
}
