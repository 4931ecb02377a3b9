import { canWiden, columnType, textLiteral } from '@paddock/metrics';
import type { Definitions } from '../definitions/definitions.js';
import type { Engine } from '../store/engine.js';
import { rawTable, storedFields } from '../store/raw-table.js';

/** A field's type in the contract differs from the type of its stored column. */
export class ColumnConflict extends Error {
  /** @param byEvent the conflicting fields by event name */
  constructor(readonly byEvent: ReadonlyMap<string, string>) {
    super([...byEvent.values()].join('; '));
  }
}

/**
 * Checks, before anything changes, that every field of the contracts fits its existing column. A field that was
 * released, rolled back and released again with another type does not fit.
 * @throws ColumnConflict with every field
 */
export async function assertColumnsFit(engine: Engine, definitions: Definitions): Promise<void> {
  const contracts = [...definitions.events];
  const existing = await columnsOf(
    engine,
    contracts.map(({ event }) => rawTable(event)),
  );
  const conflicts = contracts.flatMap((contract): [string, string][] => {
    const fields = storedFields(contract).flatMap(({ path, column, type }) => {
      const found = existing.get(`${rawTable(contract.event)}.${column}`);
      return found === undefined || found === columnType(type) || canWiden(found, type)
        ? []
        : [`${contract.event}.${path} is ${type}, but events that are kept have it as ${found}`];
    });
    return fields.length > 0 ? [[contract.event, fields.join('; ')]] : [];
  });
  if (conflicts.length > 0) throw new ColumnConflict(new Map(conflicts));
}

/** `table.column` → type. */
async function columnsOf(engine: Engine, tables: readonly string[]): Promise<Map<string, string>> {
  if (tables.length === 0) return new Map();
  const rows = await engine.select(
    `SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND default_kind != 'ALIAS' AND table IN (${tables.map(textLiteral).join(', ')})`,
  );
  return new Map(rows.map(({ table, name, type }) => [`${String(table)}.${String(name)}`, String(type)]));
}
