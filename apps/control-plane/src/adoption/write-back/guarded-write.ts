import type { SourceSession } from '@paddock/foreign-database';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import { wholeRows } from '../rows/scan.js';
import { keyColumns, rowSql } from '../rows/sql.js';
import { isSameAs } from './dependents.js';
import { Reaches } from './reach.js';
import { changedColumns, type RowPlan, statement } from './row-plan.js';

/**
 * Writes a row. A write that may cascade to rows of other tables affects only the rows that were kept: a row added in
 * between would be deleted as well, and could not be restored. @returns the number of rows that the statement found
 */
export async function guardedWrite(session: SourceSession, mapping: CompiledMapping, plan: RowPlan): Promise<number> {
  const { decision } = plan;
  const asStored = 'restores' in decision;
  if (
    plan.dependents === undefined ||
    !mapping.table.transactional ||
    (decision.do !== 'DELETE' && decision.do !== 'UPDATE')
  )
    return session.write(statement(mapping, plan), { asStored });
  await session.write('START TRANSACTION');
  try {
    const found = (await takesWhatWasKept(session, mapping, plan, decision.do))
      ? await session.write(statement(mapping, plan), { asStored })
      : 0;
    await session.write('COMMIT');
    return found;
  } catch (error) {
    // A session that is broken rolls back by itself; the first error says why.
    await session.write('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function takesWhatWasKept(
  session: SourceSession,
  mapping: CompiledMapping,
  plan: RowPlan,
  on: 'DELETE' | 'UPDATE',
): Promise<boolean> {
  const [row] = await wholeRows(session, mapping.table, rowSql(keyColumns(mapping), plan.key), { lock: true });
  const changed = changedColumns(plan.decision.do === 'UPDATE' ? plan.decision.cells.keys() : []);
  const { dependents } = await new Reaches(session, true).of(mapping.table, { on, row, changed });
  return isSameAs(dependents, plan.dependents ?? []);
}
