import { SourceError } from '@paddock/foreign-database';
import { ProblemError } from '../../graphql/problems.js';
import { SourceProblem } from './source.object.js';

/** The caller can correct a problem of a source, so it becomes a member of the result. */
export async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SourceError ? new ProblemError(SourceProblem.of(error)) : error;
  }
}
