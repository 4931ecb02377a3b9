import type { AdoptedDocuments, AdoptionField, Json } from '@paddock/contracts';
import { formatLocal, isTimeZone, locate, parseLocal } from '@paddock/time-zones';
import type { AdoptedColumn, CompiledMapping, Row } from './compiled-mapping.js';
import { isSameRichText } from './rich-text-to-html.js';
import { readField } from './read-field.js';
import { clockAt, holdsInstants, instantIn } from './time-transforms.js';
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
export function unmapBody(
  body: { readonly [name: string]: Json },
  mapping: CompiledMapping,
  present: Row | undefined,
): { cells: Cells; problems: WriteProblem[] } {
  const cells = new Map<AdoptedColumn, Buffer | null>();
  const problems: WriteProblem[] = [];
  const { documents } = mapping.body;
  for (const { field, column, at } of mapping.fields) {
    if (field.readOnly) continue;
    const wanted = wantedOf(body, field, column);
    const cell = present?.[at];
    if (cell !== undefined && means(cell, wanted, field, column, documents)) {
      cells.set(column, cell);
      continue;
    }
    const written = writeCell(wanted, field, column.schema);
    if (!written.ok) problems.push({ field: field.field, column: column.ref, why: written.why });
    // What is read back must be what was meant: a row that means something else is no copy of the document.
    else if (!means(written.cell, wanted, field, column, documents) || !namesMoment(body, field, column))
      problems.push({ field: field.field, column: column.ref, why: `would read back as something else` });
    else cells.set(column, written.cell);
  }
  return { cells, problems };
}

/** What of a row's markup no document says, and what is lost when the column is written. */
export function lostMarkup({ fields }: CompiledMapping, row: Row, cells: Cells): { column: string; what: string }[] {
  return fields.flatMap(({ field, column, at }) => {
    if (field.transform.type !== 'ESCAPED_HTML' || !cells.has(column)) return [];
    const reading = readCell(row[at] ?? null, field, column.schema);
    return reading.state === 'UNFIT' ? [] : (reading.removed ?? []).map((what) => ({ column: column.ref, what }));
  });
}

function means(
  cell: Buffer | null,
  wanted: Json | undefined,
  field: AdoptionField,
  column: AdoptedColumn,
  documents: AdoptedDocuments,
): boolean {
  const reading = readField(cell, field, column.schema, documents);
  if (reading.state === 'UNFIT') return false;
  if (field.field === 'shown') return (reading.state !== 'VALUE' || reading.value === true) === wanted;
  // A bad value that was left out stays where it is, as long as the document has nothing in its place.
  if (reading.state !== 'VALUE') return wanted === undefined || wanted === '';
  if (cell && typeof wanted === 'string' && holdsInstants(field, column.schema))
    return instantIn(cell.toString('latin1'), field) === Date.parse(wanted);
  if (field.transform.type === 'ESCAPED_HTML' && typeof wanted === 'string')
    return isSameRichText(String(reading.value), wanted);
  return Array.isArray(wanted) ? wanted.length === 1 && wanted[0] === reading.value : reading.value === wanted;
}

/** What the body says that the column must mean: on its clocks, as a moment in UTC, and of a list only what this column can give. */
function wantedOf(
  body: { readonly [name: string]: Json },
  { field, transform }: AdoptionField,
  column: AdoptedColumn,
): Json | undefined {
  if (field === 'shown') return valueAt(body, 'audience.percentage') !== 0;
  const value = valueAt(body, field);
  const time = momentOf(body, { field, transform });
  if (time) return holdsInstants({ transform }, column.schema) ? `${formatLocal(time.instant)}Z` : time.clock;
  if (!Array.isArray(value)) return value;
  const own = transform.values?.map((pair) => pair.field);
  const mine = own ? value.filter((member) => typeof member === 'string' && own.includes(member)) : value;
  return mine.length > 0 ? mine : undefined;
}

/** The moment that a time of the body means, and what the clocks of the back office show then, always with seconds. */
function momentOf(
  body: { readonly [name: string]: Json },
  { field, transform: { timeZone } }: Pick<AdoptionField, 'field' | 'transform'>,
): { instant: number; clock: string; exact: boolean } | undefined {
  const value = valueAt(body, field);
  const local = typeof value === 'string' && timeZone !== undefined ? parseLocal(value) : undefined;
  if (local === undefined || timeZone === undefined) return undefined;
  const named = valueAt(body, field.replace(/\.\w+$/, '.timeZone'));
  const zone = typeof named === 'string' && isTimeZone(named) ? named : timeZone;
  const { instant } = locate(local, zone);
  // On the same clocks nothing has to be found out, also where they show the time twice.
  if (zone === timeZone) return { instant, clock: formatLocal(local), exact: true };
  const clock = clockAt(instant, timeZone);
  return { instant, clock, exact: locate(parseLocal(clock) ?? instant, timeZone).instant === instant };
}

/** Clocks that go back show a time twice: a column that holds what they show can only mean the first of both. */
function namesMoment(body: { readonly [name: string]: Json }, field: AdoptionField, column: AdoptedColumn): boolean {
  return holdsInstants(field, column.schema) || (momentOf(body, field)?.exact ?? true);
}

function valueAt(body: { readonly [name: string]: Json }, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const name of path.split('.')) {
    value =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
        ? value[name]
        : undefined;
  }
  return value;
}
