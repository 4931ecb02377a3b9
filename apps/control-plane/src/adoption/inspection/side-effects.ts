import type { RowDataPacket } from 'mysql2/promise';
import { quoted, type SourceSession } from '@paddock/foreign-database';

/** Something else that changes in the old database when a row of a table is removed, changed or added. */
export interface SideEffect {
  /** Name of the foreign key or trigger; a mapping accepts it by this name. */
  name: string;
  cause: 'FOREIGN_KEY' | 'TRIGGER';
  /** The statement that sets it off. */
  on: 'INSERT' | 'UPDATE' | 'DELETE';
  /** What happens to rows of `table`. */
  effect: 'DELETES' | 'CLEARS' | 'CHANGES' | 'WRITES_ELSEWHERE' | 'CHANGES_ROW' | 'CHECKS';
  /** The table whose rows are changed; of a trigger, the table that it belongs to. */
  table: string;
  /** Database of `table`. */
  database: string;
  /** Is that another database than the table's own? */
  elsewhere: boolean;
  /** Pairs of the columns that refer to each other; none for a trigger. */
  columns: readonly { referring: string; referred: string }[];
}

/** A side effect as a run shows it. */
export interface ForeseenEffect extends Pick<SideEffect, 'name' | 'on' | 'table'> {
  cause: SideEffect['cause'] | 'COLUMN';
  /** Rows that refer by the foreign key; `null` for triggers and columns, and where this user may not read them. */
  rows: number | null;
  what: string;
  accepted: boolean;
}

interface RuleRow extends RowDataPacket {
  own: string;
  name: string;
  databaseName: string;
  isOwn: number | string;
  tableName: string;
  deleteRule: string;
  updateRule: string;
}

interface UsageRow extends RowDataPacket {
  name: string;
  databaseName: string;
  tableName: string;
  referring: string;
  referred: string;
  position: number | string;
}

/** A foreign key, once for each pair of its columns. */
type KeyRow = Pick<RuleRow, 'own' | 'name' | 'databaseName' | 'isOwn' | 'tableName' | 'deleteRule' | 'updateRule'> &
  Pick<UsageRow, 'referring' | 'referred'>;

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
export async function sideEffectsByTable(
  session: SourceSession,
  tables: readonly string[],
): Promise<Map<string, SideEffect[]>> {
  if (tables.length === 0) return new Map();
  const only = `IN (${tables.map(() => '?').join(', ')})`;
  const keys = await foreignKeys(session, only, tables);
  const triggers = await session.query<TriggerRow>(
    `SELECT EVENT_OBJECT_TABLE AS own, TRIGGER_NAME AS name, TRIGGER_SCHEMA AS databaseName, EVENT_MANIPULATION AS event, ACTION_STATEMENT AS statement
     FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE ${only}`,
    tables,
  );
  const byKey = Map.groupBy(keys, ({ own, databaseName, tableName, name }) =>
    JSON.stringify([own, databaseName, tableName, name]),
  );
  const found = [
    ...[...byKey.values()].flatMap((parts) =>
      ofForeignKey(parts).map((effect) => ({ own: parts[0]?.own ?? '', effect })),
    ),
    ...triggers
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((trigger) => ({ own: trigger.own, effect: ofTrigger(trigger, trigger.own) })),
  ];
  return new Map(
    [...Map.groupBy(found, ({ own }) => own)].map(([own, effects]) => [own, effects.map(({ effect }) => effect)]),
  );
}

/**
 * Two plain statements, joined and sorted here: a join of these views in order needs a temporary table on the disk of the
 * old server, and MariaDB 10.11 ends where it cannot make one.
 */
async function foreignKeys(session: SourceSession, only: string, tables: readonly string[]): Promise<KeyRow[]> {
  const rules = await session.query<RuleRow>(
    `SELECT REFERENCED_TABLE_NAME AS own, CONSTRAINT_NAME AS name, CONSTRAINT_SCHEMA AS databaseName, CONSTRAINT_SCHEMA = DATABASE() AS isOwn,
       TABLE_NAME AS tableName, DELETE_RULE AS deleteRule, UPDATE_RULE AS updateRule
     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME ${only}`,
    tables,
  );
  if (rules.length === 0) return [];
  const columns = await session.query<UsageRow>(
    `SELECT CONSTRAINT_NAME AS name, CONSTRAINT_SCHEMA AS databaseName, TABLE_NAME AS tableName, COLUMN_NAME AS referring, REFERENCED_COLUMN_NAME AS referred, ORDINAL_POSITION AS position
     FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME ${only}`,
    tables,
  );
  const nameOf = ({ databaseName, tableName, name }: Pick<RuleRow, 'databaseName' | 'tableName' | 'name'>) =>
    JSON.stringify([databaseName, tableName, name]);
  const columnsOf = Map.groupBy(columns, nameOf);
  const sorted = rules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((rule) =>
    (columnsOf.get(nameOf(rule)) ?? [])
      .toSorted((a, b) => Number(a.position) - Number(b.position))
      .map(({ referring, referred }) => ({ ...rule, referring, referred })),
  );
}

function ofForeignKey(parts: readonly KeyRow[]): SideEffect[] {
  const [first] = parts;
  if (!first) return [];
  const { name, tableName: table, databaseName: database, isOwn, deleteRule, updateRule } = first;
  const columns = parts.map(({ referring, referred }) => ({ referring, referred }));
  const base = { name, cause: 'FOREIGN_KEY', table, database, elsewhere: Number(isOwn) === 0, columns } as const;
  const [onDelete, onUpdate] = [RULES[deleteRule]?.onDelete, RULES[updateRule]?.onUpdate];
  return [
    ...(onDelete ? [{ ...base, on: 'DELETE', effect: onDelete } as const] : []),
    ...(onUpdate ? [{ ...base, on: 'UPDATE', effect: onUpdate } as const] : []),
  ];
}

/** Has the effect to be accepted by name before a write may set it off? A trigger that only checks rows changes nothing. */
export function needsAcceptance({ effect }: Pick<SideEffect, 'effect'>): boolean {
  return effect !== 'CHECKS';
}

/** A statement within the trigger that writes tables, or may. */
const WRITES =
  /\b(?:insert\s+(?:\w+\s+)*into|replace\s+(?:\w+\s+)*into|update\s|delete\s+(?:\w+\s+)*from|call\s|insert\s)/i;
/** A statement that gives a column of the row another value: `SET NEW.a = …`, `SELECT … INTO NEW.a`. */
const SETS_ROW = /\bset\b[^;]*\bnew\s*\.\s*(?:`(?:[^`]|``)+`|[\w$]+)\s*:?=|\binto\b[^;]*\bnew\s*\./i;

function ofTrigger({ name, databaseName: database, event, statement }: TriggerRow, table: string): SideEffect {
  const body = (statement ?? '').replace(
    /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g,
    ' ',
  );
  // A text that this user may not see may do anything.
  const effect =
    statement === null || WRITES.test(body) ? 'WRITES_ELSEWHERE' : SETS_ROW.test(body) ? 'CHANGES_ROW' : 'CHECKS';
  return { name, cause: 'TRIGGER', on: event, effect, table, database, elsewhere: false, columns: [] };
}

/** How many rows refer by a foreign key at all; `undefined` where this user may not read them. */
export async function countReferring(
  session: SourceSession,
  { database, table, columns }: SideEffect,
): Promise<number | undefined> {
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

const FOREIGN_KEY_VERBS: Partial<Record<SideEffect['effect'], string>> = {
  DELETES: 'deletes',
  CLEARS: 'clears the reference in',
  CHANGES: 'changes the reference in',
};
const TRIGGER_VERBS: Partial<Record<SideEffect['effect'], string>> = {
  WRITES_ELSEWHERE: 'writes other rows',
  CHANGES_ROW: 'may change or refuse the row',
  CHECKS: 'may refuse the row',
};

/** A side effect in words, for people. */
export function explainEffect({ name, cause, on, effect, table }: SideEffect, rows?: number): string {
  const some = rows === undefined ? 'rows' : `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  if (cause === 'TRIGGER') return `the trigger ${name} (${on}) ${TRIGGER_VERBS[effect] ?? 'changes rows'}`;
  const verb = FOREIGN_KEY_VERBS[effect] ?? 'changes';
  return `the foreign key ${name} ${verb} ${some} of ${table} on ${on}`;
}
