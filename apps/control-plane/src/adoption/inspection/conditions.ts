import type { AdoptionFilter } from '@paddock/contracts';
import { type SampledTable, sampleOf } from './column-roles.js';
import type { ProposalOptions } from './proposal.js';
import type { RiskQuestion } from './risk.js';
import type { ColumnSchema } from './table-schema.js';

/** Which rows of a table are taken, why, and what becomes of the others. */
export interface RowConditions {
  where: AdoptionFilter[];
  reasons: string[];
  warnings: string[];
  questions: RiskQuestion[];
}

export function noConditions(): RowConditions {
  return { where: [], reasons: [], warnings: [], questions: [] };
}

export function joinConditions(all: readonly RowConditions[]): RowConditions {
  return {
    where: all.flatMap(({ where }) => where),
    reasons: all.flatMap(({ reasons }) => reasons),
    warnings: all.flatMap(({ warnings }) => warnings),
    questions: all.flatMap(({ questions }) => questions),
  };
}

/** The different values of a column: all of them where they are known to be few, else those of the sample. */
export function valuesSeen(sampled: SampledTable, column: ColumnSchema, options: ProposalOptions): string[] {
  const known = sampled.inner?.has(column) ? undefined : options.valuesOf(sampled.schema.name, column.name);
  return [...new Set(known ?? sampleOf(sampled, column))];
}

export function listed(values: readonly string[]): string {
  return `${values
    .slice(0, 6)
    .map((value) => (value === '' ? '""' : value.slice(0, 40)))
    .join(', ')}${values.length > 6 ? ', …' : ''}`;
}

/** The value that comes most often; of those that come as often, the first in the order of characters. */
export function mostFrequent(values: readonly string[]): string | undefined {
  const counted = [...Map.groupBy(values, (value) => value)].map(([value, same]) => ({ value, count: same.length }));
  return counted.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))[0]?.value;
}
