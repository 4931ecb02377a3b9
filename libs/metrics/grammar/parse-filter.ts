import { DefinitionReader } from '../definition-reader.js';
import type { DefinitionProblem, Parsed } from '../problem.js';
import { type Filter, readFilter } from './filter.js';

/** Reads a filter of a question, as {@link parseMetric} reads those of definitions; paths begin with `path`. */
export function parseFilter(given: unknown, path: string): Parsed<Filter> {
  const problems: DefinitionProblem[] = [];
  const body = readFilter(DefinitionReader.of(given, path, problems));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, body };
}
