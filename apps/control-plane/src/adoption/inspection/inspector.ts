import { quoted, SourceError, type SourceSession } from '#foreign-database';
import { cellSql } from '../rows/sql.js';
import { cellText } from '../mapping/transforms.js';
import type { SampledTable } from './column-roles.js';
import { introspect } from './introspect.js';
import { encodingOf, MAX_NAMES, type Proposal, type ProposalOptions } from './proposal.js';
import { propose } from './propose.js';
import type { TableSchema } from './table-schema.js';

/** How much of a database one look takes in. */
const MAX_TABLES = 500;
const SAMPLE_ROWS = 100;
const SAMPLE_BYTES = 2_000;
/** A column with more different values is not mapped value by value. */
const MAX_VALUES = 60;

export interface Inspection {
  tables: SampledTable[];
  proposals: Proposal[];
  /** What could not be looked at. */
  notes: string[];
}

/** Looks at a foreign database: its tables, what stands in them, and what they could become. Reads only. */
export async function inspect(session: SourceSession, options: Omit<ProposalOptions, 'valuesOf' | 'allValuesOf'>, only: readonly string[] | undefined): Promise<Inspection> {
  const all = await introspect(session, only);
  const notes = all.length > MAX_TABLES ? [`only the first ${MAX_TABLES} of ${all.length} tables were looked at; name the others`] : [];
  const tables: SampledTable[] = [];
  for (const schema of all.slice(0, MAX_TABLES)) {
    const sampled = await sample(session, schema);
    if (sampled.note) notes.push(sampled.note);
    tables.push(sampled);
  }
  // The first pass finds out which columns the second one needs all values of.
  const asked = new Set<string>();
  const known = new Map<string, readonly string[]>();
  const valuesOf = (table: string, column: string) => {
    asked.add(JSON.stringify([table, column]));
    return known.get(JSON.stringify([table, column]));
  };
  propose(tables, { ...options, valuesOf, allValuesOf: valuesOf });
  for (const name of asked) {
    const [table = '', column = '']: string[] = JSON.parse(name);
    const values = await orNote(table, () => distinct(session, tables, table, column));
    if ('note' in values) notes.push(values.note);
    else known.set(name, values.found);
  }
  const proposals = propose(tables, { ...options, valuesOf: (table, column) => short(valuesOf(table, column)), allValuesOf: valuesOf });
  return { tables, proposals, notes };
}

/** Names of settings may be many; groups may not. */
function short(values: readonly string[] | undefined): readonly string[] | undefined {
  return values && values.length <= MAX_VALUES ? values : undefined;
}

async function sample(session: SourceSession, schema: TableSchema): Promise<SampledTable & { note?: string }> {
  const cells = schema.columns.map((column) => `LEFT(${cellSql(quoted(column.name), column)}, ${SAMPLE_BYTES})`);
  // A broken view, or a crashed table, may show no columns at all; asking for a row says why.
  const rows = await orNote(schema.name, () => session.cells(`SELECT ${cells.length > 0 ? cells.join(', ') : '*'} FROM ${quoted(schema.name)} LIMIT ${SAMPLE_ROWS}`));
  if ('note' in rows) return { schema, rows: [], note: rows.note };
  return { schema, rows: cells.length > 0 ? rows.found : [] };
}

/** What is found in a table, or a note that it could not be read: one table must not hide all the others. */
async function orNote<T>(table: string, read: () => Promise<T>): Promise<{ found: T } | { note: string }> {
  try {
    return { found: await read() };
  } catch (error) {
    if (!(error instanceof SourceError) || (error.transient && !error.answered)) throw error;
    return { note: `${table} could not be read: ${error.message}` };
  }
}

/** By their bytes: what a collation takes for the same is not the same to a mapping. */
async function distinct(session: SourceSession, tables: readonly SampledTable[], table: string, name: string): Promise<string[]> {
  const sampled = tables.find(({ schema }) => schema.name === table);
  const column = sampled?.schema.columns.find((schema) => schema.name === name);
  if (!sampled || !column) return [];
  const cell = cellSql(quoted(name), column);
  const rows = await session.cells(`SELECT DISTINCT ${cell} AS v FROM ${quoted(table)} WHERE ${quoted(name)} IS NOT NULL ORDER BY v LIMIT ${MAX_NAMES}`);
  const encoding = encodingOf(sampled, column);
  return rows.flatMap(([value]) => (value ? (cellText(value, column, encoding) ?? []) : []));
}
