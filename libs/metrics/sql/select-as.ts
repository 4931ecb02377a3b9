/** A name for a column within a SELECT from raw events: no field of an event begins with an underscore. */
export function hidden(name: string): string {
  return `_as_${name}`;
}

/**
 * SELECT of expressions over raw events under names of the query's own. An alias hides a column of its name from the
 * whole SELECT, and a producer may have called a field as a query calls a column: so they get their names one SELECT
 * further out. `from` is the rest of the SELECT, where the columns are {@link hidden}.
 */
export function selectAs(columns: Readonly<Record<string, string>>, from: string): string {
  const names = Object.keys(columns);
  const inner = names.map((name) => `${columns[name] ?? ''} AS ${hidden(name)}`);
  return `SELECT ${names.map((name) => `${hidden(name)} AS ${name}`).join(', ')} FROM (SELECT ${inner.join(', ')} ${from})`;
}
