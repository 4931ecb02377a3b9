import { eventLogContract } from '../event-log.contract.js';
import { memoryEventLog } from './memory-event-log.js';

eventLogContract('the event log in memory', () => {
  const log = memoryEventLog();
  return Promise.resolve({ connect: () => Promise.resolve(log), dispose: () => Promise.resolve() });
});
