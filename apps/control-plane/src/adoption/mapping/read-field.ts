import type { AdoptedDocuments, AdoptionField } from '@paddock/contracts';
import type { ColumnSchema } from '../inspection/table-schema.js';
import { fieldPath, takesAlong } from './field-paths.js';
import type { Reading } from './transform.js';
import { readCell } from './transforms.js';

/** What a cell means for its field. `LEFT_OUT`: a bad value, without which the document is whole. */
export type FieldReading = Reading | { state: 'LEFT_OUT'; code: string; why: string };

/** Reads a cell, and decides what a bad value takes along: the same for a row that is imported and for one that is written. Pure. */
export function readField(
  cell: Buffer | null,
  field: AdoptionField,
  column: ColumnSchema,
  documents: Pick<AdoptedDocuments, 'kind' | 'gatherBy'>,
): FieldReading {
  const reading = readCell(cell, field, column);
  const alone = takesAlong(documents, field);
  // A field whose error rejects its row is judged with the whole document.
  if (alone === undefined) return reading;
  const bad =
    reading.state === 'UNFIT'
      ? reading
      : reading.state === 'VALUE'
        ? badValue(reading.value, field, documents)
        : undefined;
  if (!bad) return reading;
  return alone === 'VALUE'
    ? { state: 'LEFT_OUT', code: bad.code, why: bad.why }
    : { state: 'UNFIT', code: bad.code, why: bad.why };
}

function badValue(
  value: unknown,
  { field }: AdoptionField,
  documents: Pick<AdoptedDocuments, 'kind' | 'gatherBy'>,
): { code: string; why: string } | undefined {
  const [finding] = fieldPath(documents, field)?.rule?.(value) ?? [];
  return finding && { code: finding.code, why: `${field}: ${finding.message}` };
}
