import type { Engine } from '../store/engine.js';

/** Gives a table that an earlier version made the column that tells parts of a metric apart. `order` is what it is sorted by otherwise. */
export async function addSplitColumn(engine: Engine, table: string, order: readonly string[]): Promise<void> {
  const known = await engine.select(
    `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '${table}' AND name = 'split'`,
  );
  if (known.length === 0)
    await engine.run(
      `ALTER TABLE ${table} ADD COLUMN split String, MODIFY ORDER BY (${[...order, 'split'].join(', ')})`,
    );
}
