import type { Engine } from '../store/engine.js';

/** Adds the column for the part of a metric to a table of an earlier version. `order` lists the other sort columns. */
export async function addSplitColumn(engine: Engine, table: string, order: readonly string[]): Promise<void> {
  const known = await engine.select(
    `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '${table}' AND name = 'split'`,
  );
  if (known.length === 0)
    await engine.run(
      `ALTER TABLE ${table} ADD COLUMN split String, MODIFY ORDER BY (${[...order, 'split'].join(', ')})`,
    );
}
