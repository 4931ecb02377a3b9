import type { RowDataPacket } from 'mysql2/promise';
import { quoted, type SourceSession } from '#foreign-database';

/** Something else that changes in the old database when a row of a table is removed, changed or added. */
export interface SideEffect {
  /** Name of the foreign key or trigger; a mapping accepts it by this name. */
  name: string;
  cause: 'FOREIGN_KEY' | 'TRIGGER';
  on: 'INSERT' | 'UPDATE' | 'DELETE';
  /** What happens to rows of `table`. */
  effect: 'DELETES' | 'CLEARS' | 'CHANGES' | 'WRITES_ELSEWHERE' | 'CHANGES_ROW';
  /** The table whose rows are changed; of a trigger, the table that it belongs to. */
  table: string;
  /** Database of `table`. */
  database: string;
  /** Pairs of the columns that refer to each other; none for a trigger. */
  columns: readonly { referring: string; referred: string }[];
}

/** A side effect as a run shows it. */
export interface ForeseenEffect extends Pick<SideEffect, 'name' | 'cause' | 'on' | 'table'> {
  /** Rows that refer by the foreign key; `null` for triggers, and where this user may not read them. */
  rows: number | null;
  what: string;
  accepted: boolean;
}

interface KeyRow extends RowDataPacket {
  own: string;
  name: string;
  databaseName: string;
  tableName: string;
  deleteRule: string;
  updateRule: string;
  referring: string;
  referred: string;
}

interface TriggerRow extends RowDataPacket {
  own: string;
  name: string;
  databaseName: string;
  event: SideEffect['on'];
  statement: string | null;
}

const RULES: Readonly<Record<string, { onDelete: SideEffect['effect']; onUpdate: SideEffect['effect'] }>> = {
  CASCADE: { onDelete: 'DELETES', onUpdate: 'CHANGES' },
  'SET NULL': { onDelete: 'CLEARS', onUpdate: 'CLEARS' },
  'SET DEFAULT': { onDelete: 'CLEARS', onUpdate: 'CLEARS' },
};

/** Foreign keys and triggers by which a write to a table reaches further than its row; those that this user may see. */
export async function sideEffectsOf(session: SourceSession, table: string): Promise<SideEffect[]> {
  return (await sideEffectsByTable(session, [table])).get(table) ?? [];
}

/** The same of many tables. */
export async function sideEffectsByTable(session: SourceSession, tables: readonly string[]): Promise<Map<string, SideEffect[]>> {
  if (tables.length === 0) return new Map();
  const only = `IN (${tables.map(() => '?').join(', ')})`;
  const keys = await session.query<KeyRow>(
    `SELECT rc.REFERENCED_TABLE_NAME AS own, rc.CONSTRAINT_NAME AS name, rc.CONSTRAINT_SCHEMA AS databaseName, rc.TABLE_NAME AS tableName,
       rc.DELETE_RULE AS deleteRule, rc.UPDATE_RULE AS updateRule, k.COLUMN_NAME AS referring, k.REFERENCED_COLUMN_NAME AS referred
     FROM information_schema.REFERENTIAL_CONSTRAINTS rc
     JOIN information_schema.KEY_COLUMN_USAGE k
       ON k.CONSTRAINT_SCHEMA = rc.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = rc.CONSTRAINT_NAME AND k.TABLE_NAME = rc.TABLE_NAME
     WHERE rc.UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND rc.REFERENCED_TABLE_NAME ${only} ORDER BY rc.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
    tables,
  );
  const triggers = await session.query<TriggerRow>(
    `SELECT EVENT_OBJECT_TABLE AS own, TRIGGER_NAME AS name, TRIGGER_SCHEMA AS databaseName, EVENT_MANIPULATION AS event, ACTION_STATEMENT AS statement
     FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE ${only} ORDER BY TRIGGER_NAME`,
    tables,
  );
  const byKey = Map.groupBy(keys, ({ own, databaseName, tableName, name }) => JSON.stringify([own, databaseName, tableName, name]));
  const found = [
    ...[...byKey.values()].flatMap((parts) => ofForeignKey(parts).map((effect) => ({ own: parts[0]?.own ?? '', effect }))),
    ...triggers.map((trigger) => ({ own: trigger.own, effect: ofTrigger(trigger, trigger.own) })),
  ];
  return new Map([...Map.groupBy(found, ({ own }) => own)].map(([own, effects]) => [own, effects.map(({ effect }) => effect)]));
}

function ofForeignKey(parts: readonly KeyRow[]): SideEffect[] {
  const [first] = parts;
  if (!first) return [];
  const { name, tableName: table, databaseName: database, deleteRule, updateRule } = first;
  const columns = parts.map(({ referring, referred }) => ({ referring, referred }));
  const base = { name, cause: 'FOREIGN_KEY', table, database, columns } as const;
  const [onDelete, onUpdate] = [RULES[deleteRule]?.onDelete, RULES[updateRule]?.onUpdate];
  return [...(onDelete ? [{ ...base, on: 'DELETE', effect: onDelete } as const] : []), ...(onUpdate ? [{ ...base, on: 'UPDATE', effect: onUpdate } as const] : [])];
}

/** A statement within the trigger that writes tables, or may. */
const WRITES = /\b(?:insert\s+(?:\w+\s+)*into|replace\s+(?:\w+\s+)*into|update\s|delete\s+(?:\w+\s+)*from|call\s|insert\s)/i;

function ofTrigger({ name, databaseName: database, event, statement }: TriggerRow, table: string): SideEffect {
  const body = (statement ?? '').replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  return { name, cause: 'TRIGGER', on: event, effect: WRITES.test(body) ? 'WRITES_ELSEWHERE' : 'CHANGES_ROW', table, database, columns: [] };
}

/** Does a foreign key take rows of other tables along that no rollback brings back? */
export function isLoss({ cause, effect }: SideEffect): boolean {
  return cause === 'FOREIGN_KEY' && (effect === 'DELETES' || effect === 'CLEARS');
}

/** How many rows refer by a foreign key at all; `undefined` where this user may not read them. */
export async function countReferring(session: SourceSession, { database, table, columns }: SideEffect): Promise<number | undefined> {
  const [first] = columns;
  if (!first) return undefined;
  try {
    const [row] = await session.query<RowDataPacket & { rows: string | number }>(
      `SELECT COUNT(*) AS \`rows\` FROM ${quoted(database)}.${quoted(table)} WHERE ${columns.map(({ referring }) => `${quoted(referring)} IS NOT NULL`).join(' AND ')}`,
    );
    return Number(row?.rows ?? 0);
  } catch (error) {
    if (error instanceof Error && 'transient' in error && error.transient === true) throw error;
    return undefined;
  }
}

/** A side effect in words, for people. */
export function explainEffect({ name, cause, on, effect, table }: SideEffect, rows?: number): string {
  const some = rows === undefined ? 'rows' : `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  if (cause === 'TRIGGER') return effect === 'WRITES_ELSEWHERE' ? `the trigger ${name} (${on}) writes other rows` : `the trigger ${name} (${on}) may change or refuse the row`;
  const verb = { DELETES: 'deletes', CLEARS: 'clears the reference in', CHANGES: 'changes the reference in', WRITES_ELSEWHERE: 'writes', CHANGES_ROW: 'changes' }[effect];
  return `the foreign key ${name} ${verb} ${some} of ${table} on ${on}`;
}
