import type { SourceSession } from '@paddock/foreign-database';
import type { Tx } from '../../database/database.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';

/** A table that is written: its mapping as it fits now, and the session that may write. */
export interface WrittenTable {
  mappingId: string;
  mapping: CompiledMapping;
  session: SourceSession;
  /** Goes into the transaction that remembers the rows, where all of them say what they shall. */
  settle?: (tx: Tx) => Promise<void>;
}
