import { DateTime } from 'luxon';
import type { AdoptionField, Json } from '#contracts';
import type { AdoptedColumn, CompiledMapping, Row } from './compiled-mapping.js';
import { readCell, writeCell } from './transforms.js';

/** Why a document cannot be written into its row. */
export interface WriteProblem {
  field: string;
  column: string;
  why: string;
}

/** The cells that a row shall have, by column. */
export type Cells = ReadonlyMap<AdoptedColumn, Buffer | null>;

/**
 * The inverse of mapping: what the written columns shall hold for a body. A cell of the present row that already means
 * what the body says stays as it is, so that `NULL` does not become a zero date because they mean the same.
 */
export function unmapBody(body: { readonly [name: string]: Json }, mapping: CompiledMapping, present: Row | undefined): { cells: Cells; problems: WriteProblem[] } {
  const cells = new Map<AdoptedColumn, Buffer | null>();
  const problems: WriteProblem[] = [];
  for (const { field, column, at } of mapping.fields) {
    if (field.readOnly) continue;
    const wanted = wantedOf(body, field);
    const cell = present?.[at];
    if (cell !== undefined && means(cell, wanted, field, column)) {
      cells.set(column, cell);
      continue;
    }
    const written = writeCell(wanted, field, column.schema);
    if (!written.ok) problems.push({ field: field.field, column: column.ref, why: written.why });
    // What is read back must be what was meant: a row that means something else is no copy of the document.
    else if (!means(written.cell, wanted, field, column)) problems.push({ field: field.field, column: column.ref, why: `would read back as something else` });
    else cells.set(column, written.cell);
  }
  return { cells, problems };
}

function means(cell: Buffer | null, wanted: Json | undefined, field: AdoptionField, column: AdoptedColumn): boolean {
  const reading = readCell(cell, field, column.schema);
  if (reading.state === 'UNFIT') return false;
  if (field.field === 'shown') return (reading.state === 'ABSENT' || reading.value === true) === wanted;
  if (reading.state === 'ABSENT') return wanted === undefined || wanted === '';
  return Array.isArray(wanted) ? wanted.length === 1 && wanted[0] === reading.value : reading.value === wanted;
}

/** What the body says that the column must mean: on its clocks, and of a list only what this column can give. */
function wantedOf(body: { readonly [name: string]: Json }, { field, transform }: AdoptionField): Json | undefined {
  if (field === 'shown') return valueAt(body, 'audience.percentage') !== 0;
  const value = valueAt(body, field);
  if (typeof value === 'string' && transform.timeZone !== undefined) return onClocksOf(transform.timeZone, value, valueAt(body, field.replace(/\.\w+$/, '.timeZone')));
  if (!Array.isArray(value)) return value;
  const own = transform.values?.map((pair) => pair.field);
  const mine = own ? value.filter((member) => typeof member === 'string' && own.includes(member)) : value;
  return mine.length > 0 ? mine : undefined;
}

/** A local date-time of another zone as the clocks of this one show it, always with seconds. */
function onClocksOf(timeZone: string, time: string, zone: Json | undefined): string {
  const instant = DateTime.fromISO(time, { zone: typeof zone === 'string' && zone !== timeZone ? zone : 'utc' });
  const shown = zone === undefined || zone === timeZone ? instant : instant.setZone(timeZone);
  return shown.toFormat("yyyy-MM-dd'T'HH:mm:ss");
}

function valueAt(body: { readonly [name: string]: Json }, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}
