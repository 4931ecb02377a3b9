import {
  chosenDimensions,
  type CompiledSimple,
  rollupColumns,
  rowsThatCount,
  selectFromRollup,
  type StatesQuestion,
} from './compile-simple.js';

/**
 * Parts by the hour, merged from those by the minute: kept of measures whose parts are dear to merge, which are those
 * that can be read directly. An hour also keeps what is read of it, as columns `v_…`: a question by the hour merges nothing.
 */
export function needsHours({ measure }: CompiledSimple): boolean {
  return measure.parts.every(({ direct }) => direct !== undefined);
}

/** Columns of a rollup's hours. */
export function hourColumns(compiled: CompiledSimple): string[] {
  return [...rollupColumns(compiled), ...compiled.measure.parts.map(({ name }) => `v_${name} UInt64`)];
}

/** INSERT … SELECT that merges minutes of a rollup into its hours. */
export function insertIntoHours(
  compiled: CompiledSimple,
  hours: string,
  { table, during }: Pick<StatesQuestion, 'table' | 'during'>,
  batch: string,
): string {
  const dimensions = compiled.dimensions.map(({ column }) => column);
  const names = compiled.measure.parts.map(({ name }) => name);
  const merged = selectFromRollup(compiled, {
    table,
    during,
    cell: 'toStartOfHour(w)',
    dimensions: compiled.dimensions.map(({ name }) => name),
  });
  const columns = ['w', ...dimensions, ...names, ...names.map((name) => `v_${name}`), 'batch'];
  const values = [
    'cell',
    ...dimensions,
    ...names.map((name) => `a_${name}`),
    ...compiled.measure.parts.map(({ name, read }) => read(`a_${name}`)),
    batch,
  ];
  return `INSERT INTO ${hours} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM (${merged})`;
}

/** SELECT of what is read of single hours, with the columns of {@link selectFromRollup}; for all dimensions of the metric. */
export function selectHourValues(
  compiled: CompiledSimple,
  { table, during, cell, dimensions }: StatesQuestion,
  condition: string,
): string {
  const columns = chosenDimensions(compiled, dimensions).map(({ column }) => column);
  return `SELECT ${[`${cell} AS cell`, ...columns, ...compiled.measure.parts.map(({ name }) => `v_${name} AS a_${name}`)].join(', ')} FROM ${table} FINAL WHERE ${during} AND ${rowsThatCount(compiled, table)} AND ${condition}`;
}
