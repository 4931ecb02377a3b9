import { StoredEventLog } from '../stored-event-log.js';
import { MemoryStore } from './memory-store.js';

/** The event log in this process's memory, for tests of its users. Its content ends with the process. */
export function memoryEventLog(): StoredEventLog {
  return new StoredEventLog(new MemoryStore());
}
