import { SourceError } from '@paddock/foreign-database';

/** What is found in a table, or a note that it could not be read: one table must not hide all the others. */
export async function orNote<T>(table: string, read: () => Promise<T>): Promise<{ found: T } | { note: string }> {
  try {
    return { found: await read() };
  } catch (error) {
    if (!(error instanceof SourceError) || (error.transient && !error.answered)) throw error;
    return { note: `${table} could not be read: ${error.message}` };
  }
}
