import {
  columnOf,
  compileFilter,
  type EventSelection,
  fieldTypes,
  instantLiteral,
  namesPerson,
  rawColumns,
  selectAs,
} from '@paddock/metrics';
import type { Definitions } from '../definitions/definitions.js';
import { rawTable } from '../store/raw-table.js';
import type { Interval } from './interval.js';

/** The default entity of a metric. */
export const DEFAULT_ENTITY = '$user';

/** SQL of an entity: a text, `''` where the event has no entity. */
export function entitySql(entity = DEFAULT_ENTITY): string {
  return entity.startsWith('$') ? columnOf(entity) : `ifNull(toString(${columnOf(entity)}), '')`;
}

/** Whether an entity of a contract's events is the resolved person of an id. */
export function isPerson(entity: string | undefined, event: string, definitions: Definitions): boolean {
  const contract = definitions.event(event);
  return contract !== undefined && namesPerson(entity ?? DEFAULT_ENTITY, contract);
}

/** The condition that a selection puts on the events of its contract. */
export function selectionSql(selection: EventSelection, definitions: Definitions): string {
  const contract = definitions.event(selection.event);
  return selection.filter && contract ? compileFilter(selection.filter, rawColumns(fieldTypes(contract))) : '1';
}

/** SELECT of a selection's events within a time, of events with an entity; each event once. `columns`: SQL by name. */
export function selectEvents(
  columns: Readonly<Record<string, string>>,
  selection: EventSelection,
  entity: string | undefined,
  within: Interval,
  definitions: Definitions,
): string {
  return selectAs(
    columns,
    `FROM ${rawTable(selection.event)} FINAL WHERE _time >= ${instantLiteral(within.start)} AND _time < ${instantLiteral(within.end)}` +
      ` AND ${entitySql(entity)} != '' AND ${selectionSql(selection, definitions)}`,
  );
}

export const MS = 'toUnixTimestamp64Milli(_time)';
