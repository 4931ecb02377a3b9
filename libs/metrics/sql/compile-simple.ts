import type { FieldType } from '../contracts/event-fields.js';
import type { EventSchemaBody } from '../contracts/event-schema-body.js';
import { parseSemVer, parseSemVerRange } from '../contracts/semver.js';
import { fieldTypes, namesPerson } from '../grammar/catalogue.js';
import { namesIn, parseExpression } from '../grammar/expression.js';
import { fieldsIn, type Filter } from '../grammar/filter.js';
import type { MetricDimension, SimpleMetric } from '../grammar/metric-body.js';
import { compileFilter, rawColumns } from './compile-filter.js';
import { compileMeasure, type Finish, type Measure } from './compile-measure.js';
import { textLiteral, valueOf } from './literals.js';
import { newestRows } from './newest-rows.js';
import { hidden, selectAs } from './select-as.js';

/** Default number of values of a dimension that are kept apart. */
export const DEFAULT_CARDINALITY = 300;

/**
 * A cell of a dimension distinguishes three cases, which a bare text cannot: `''` is a missing field, `o` all values
 * beyond the limit together, `v…` a value.
 */
export type DimensionCell = string;
export const MISSING_CELL: DimensionCell = '';
export const OTHER_CELL: DimensionCell = 'o';

/** A simple metric, compiled against its contract. Pure data: what is asked of it turns it into SQL. */
export interface CompiledSimple {
  event: string;
  measure: Measure;
  dimensions: CompiledDimension[];
  /** Which raw events count, as a SQL condition. */
  condition: string;
  types: ReadonlyMap<string, FieldType>;
  /** Its numbers depend on who is behind an id, so links of identities change them. */
  persons: boolean;
  /** Which rows a window has depends on it as well, and not only their numbers: a dimension or a condition names a person. */
  rowsByPerson: boolean;
}

export interface CompiledDimension {
  name: string;
  /** Path of the field whose values it has. */
  field: string;
  /** Column of a rollup. */
  column: string;
  /** The cell, from raw events. */
  cell: string;
  maxCardinality: number;
}

/** Compiles a simple metric that was checked against its contract. */
export function compileSimple(metric: SimpleMetric, contract: EventSchemaBody): CompiledSimple {
  const types = fieldTypes(contract);
  const conditions = [
    ...(metric.contract === undefined ? [] : [versionCondition(metric.contract, contract)]),
    ...(metric.filter === undefined ? [] : [compileFilter(metric.filter, rawColumns(types))]),
  ];
  return {
    event: metric.event,
    measure: compileMeasure(metric, types),
    dimensions: (metric.dimensions ?? []).map((dimension, index) => compileDimension(dimension, index, types)),
    condition: conditions.length === 0 ? '1' : conditions.join(' AND '),
    types,
    persons: [...rowFieldsOf(metric), ...measuredFieldsOf(metric)].some((field) => namesPerson(field, contract)),
    rowsByPerson: rowFieldsOf(metric).some((field) => namesPerson(field, contract)),
  };
}

function measuredFieldsOf({ expr }: SimpleMetric): string[] {
  return expr === undefined ? [] : namesIn(parseExpression(expr));
}

function rowFieldsOf({ filter, dimensions = [] }: SimpleMetric): string[] {
  return [
    ...(filter === undefined ? [] : fieldsIn(filter, '').map(({ field }) => field)),
    ...dimensions.map(({ name, field = name }) => field),
  ];
}

/** Adds a condition that holds for one question only. */
export function narrowed(compiled: CompiledSimple, filter: Filter | undefined): CompiledSimple {
  if (!filter) return compiled;
  const more = compileFilter(filter, rawColumns(compiled.types));
  return { ...compiled, condition: compiled.condition === '1' ? more : `${compiled.condition} AND ${more}` };
}

/** Compiles a field into a dimension's cell. */
export function compileDimension(
  { name, field = name, maxCardinality = DEFAULT_CARDINALITY }: MetricDimension,
  index: number,
  types: ReadonlyMap<string, FieldType>,
): CompiledDimension {
  const column = valueOf(field);
  const text = types.get(field) === 'TEXT' ? column : `toString(${column})`;
  return { name, field, column: `d${index + 1}`, cell: `ifNull(concat('v', ${text}), '')`, maxCardinality };
}

function versionCondition(text: string, contract: EventSchemaBody): string {
  const inRange = parseSemVerRange(text);
  const versions = contract.versions.filter(({ version }) => {
    const parsed = parseSemVer(version);
    return parsed !== undefined && inRange?.(parsed) === true;
  });
  return `_contract IN (${versions.map(({ version }) => textLiteral(version)).join(', ')})`;
}

/** Columns of a rollup: the window's start, a cell per dimension, the parts of the measure, the batch that computed it. */
export function rollupColumns(compiled: CompiledSimple): string[] {
  return [
    "w DateTime('UTC')",
    ...compiled.dimensions.map(({ column }) => `${column} LowCardinality(String)`),
    ...compiled.measure.parts.map(({ name, type }) => `${name} ${type}`),
    'batch UInt64',
  ];
}

/** What to read: parts of the measure by time and dimension. */
export interface StatesQuestion {
  table: string;
  /** A condition on the time: `_time` of raw events, `w` of rollups. */
  during: string;
  /** The expression of the time that rows are grouped by. */
  cell: string;
  /** Dimensions to keep, by name; others are summed over. */
  dimensions: readonly string[];
  /** For a dimension, the cells that are kept apart; all are when absent. */
  kept?: ReadonlyMap<string, readonly DimensionCell[]>;
}

/** What a source gives: parts to be merged with those of others, or what is read of them, where there are no others. */
export type Form = 'parts' | 'values';

/**
 * SELECT of a measure's parts from raw events, each event counted once however often it came. Columns: `cell`, one per
 * dimension, one per part with `a_` before its name.
 */
export function selectFromRaw(compiled: CompiledSimple, question: StatesQuestion, form: Form = 'parts'): string {
  const dimensions = chosenDimensions(compiled, question.dimensions);
  const groups = {
    cell: question.cell,
    ...Object.fromEntries(
      dimensions.map((dimension) => [dimension.column, keptCell(dimension, question.kept?.get(dimension.name))]),
    ),
  };
  const parts = Object.fromEntries(
    compiled.measure.parts.map(({ name, compute, read, direct }) => [
      `a_${name}`,
      form === 'parts' ? compute : (direct?.compute ?? read(compute)),
    ]),
  );
  return selectAs(
    { ...groups, ...parts },
    `FROM ${question.table} FINAL WHERE ${question.during} AND ${compiled.condition} GROUP BY ${Object.keys(groups).map(hidden).join(', ')}`,
  );
}

/** SELECT of a measure's parts from a rollup, with the columns of {@link selectFromRaw}; `condition` is on its dimensions. */
export function selectFromRollup(
  compiled: CompiledSimple,
  question: StatesQuestion,
  condition = '1',
  form: Form = 'parts',
): string {
  const dimensions = chosenDimensions(compiled, question.dimensions).map(({ column }) => column);
  const parts = compiled.measure.parts.map(
    ({ name, merge, read, direct }) =>
      `${form === 'parts' ? merge(name) : (direct?.merge(name) ?? read(merge(name)))} AS a_${name}`,
  );
  return (
    `SELECT ${[`${question.cell} AS cell`, ...dimensions, ...parts].join(', ')} FROM ${question.table} FINAL` +
    ` WHERE ${question.during} AND ${rowsThatCount(compiled, question.table)} AND ${condition} GROUP BY ${['cell', ...dimensions].join(', ')}`
  );
}

/** SQL condition that leaves rows of a rollup out which no longer hold. */
export function rowsThatCount({ rowsByPerson }: CompiledSimple, rollup: string): string {
  return rowsByPerson ? newestRows(rollup) : '1';
}

/**
 * SELECT that merges parts of several sources and reads them by their names; `place` turns `cell` into what is asked
 * for, named `p`. With `keep`, only these combinations of cells stay apart: all others are merged into one, whose cells
 * are all "other", so that even a distinct count of the rest is right. With `top`, only so many rows of the largest values.
 */
export function selectMerged(
  compiled: CompiledSimple,
  sources: readonly string[],
  dimensions: readonly string[],
  place: string,
  { keep, top, most }: MergeOptions = {},
): string {
  const columns = chosenDimensions(compiled, dimensions).map(({ column }) => column);
  const merged = compiled.measure.parts.map(({ name, merge }) => `${merge(`a_${name}`)} AS b_${name}`);
  const read = compiled.measure.parts.map(({ name, read: reading }) => `${reading(`b_${name}`)} AS ${name}`);
  const kept = keptColumns(columns, keep);
  const inner = `SELECT ${[`${place} AS p`, ...kept, ...merged].join(', ')} FROM (${sources.join(' UNION ALL ')}) GROUP BY ${['p', ...columns.map((column) => `k_${column}`)].join(', ')}`;
  return `SELECT ${['p', ...columns.map((column) => `k_${column} AS ${column}`), ...read].join(', ')} FROM (${inner})${topOf(compiled, columns, top)}${cutOff(most)}`;
}

/** SELECT with the columns of {@link selectMerged} from one source, in which each cell occurs once, so nothing is grouped twice. */
export function selectAlone(
  compiled: CompiledSimple,
  source: string,
  dimensions: readonly string[],
  place: string,
  { most }: MergeOptions = {},
): string {
  const columns = chosenDimensions(compiled, dimensions).map(({ column }) => column);
  return `SELECT ${[`${place} AS p`, ...columns, ...compiled.measure.parts.map(({ name }) => `a_${name} AS ${name}`)].join(', ')} FROM (${source})${cutOff(most)}`;
}

function topOf({ measure }: CompiledSimple, columns: readonly string[], top: number | undefined): string {
  return top === undefined
    ? ''
    : ` ORDER BY ${[`${SIZE[measure.finish]} DESC`, ...columns.map((column) => `k_${column}`)].join(', ')} LIMIT ${top}`;
}

function cutOff(most: number | undefined): string {
  return most === undefined ? '' : ` LIMIT ${most + 1}`;
}

/** The limits of an answer with many combinations of cells. */
export interface MergeOptions {
  keep?: readonly (readonly DimensionCell[])[] | undefined;
  top?: number | undefined;
  /** Rows beyond this number are cut off; one more row is read to detect that. */
  most?: number | undefined;
}

/** By what values are compared in SQL. */
const SIZE: Readonly<Record<Finish, string>> = {
  count: 'b_n',
  sum: 'b_s',
  average: 'toFloat64(b_s) / b_c',
  extreme: 'b_m',
  distinct: 'finalizeAggregation(b_u)',
  percentile: 'finalizeAggregation(b_q)',
};

/** SQL of columns of cells, named with `k_` before their names, in which only combinations of `keep` stay apart. */
export function keptColumns(
  columns: readonly string[],
  keep: readonly (readonly DimensionCell[])[] | undefined,
): string[] {
  if (!keep || columns.length === 0) return columns.map((column) => `${column} AS k_${column}`);
  const tuple = (cells: readonly string[]): string => `tuple(${cells.join(', ')})`;
  const combinations = keep.map((cells) => tuple(cells.map(textLiteral))).join(', ');
  const among =
    keep.length === 0 ? '0' : `${tuple(columns.map((column) => `toString(${column})`))} IN (${combinations})`;
  return columns.map((column) => `if(${among}, toString(${column}), '${OTHER_CELL}') AS k_${column}`);
}

/** INSERT … SELECT that computes windows of a rollup from raw events. */
export function insertIntoRollup(
  compiled: CompiledSimple,
  rollup: string,
  question: StatesQuestion,
  batch: number,
): string {
  const columns = [
    'w',
    ...compiled.dimensions.map(({ column }) => column),
    ...compiled.measure.parts.map(({ name }) => name),
    'batch',
  ];
  const values = [
    'cell',
    ...compiled.dimensions.map(({ column }) => column),
    ...compiled.measure.parts.map(({ name }) => `a_${name}`),
    String(batch),
  ];
  return `INSERT INTO ${rollup} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM (${selectFromRaw(compiled, question)})`;
}

/** In the order of the names, since answers are compared by the place of their cells. */
export function chosenDimensions(compiled: CompiledSimple, names: readonly string[]): CompiledDimension[] {
  return names.flatMap((name) => compiled.dimensions.find((dimension) => dimension.name === name) ?? []);
}

function keptCell(dimension: CompiledDimension, kept: readonly DimensionCell[] | undefined): string {
  if (!kept) return dimension.cell;
  const listed = [MISSING_CELL, ...kept].map(textLiteral).join(', ');
  return `if(${dimension.cell} IN (${listed}), ${dimension.cell}, '${OTHER_CELL}')`;
}
