export { failFastConnection, subscriberConnection, workerConnection } from './connections.js';
export { heartbeatTask, MAX_RECEIPT_ERROR, RECEIPTS_QUEUE, receiptTask } from './receipt-tasks.js';
export {
  defineTask,
  implementTask,
  type NewJob,
  QueueUnavailable,
  startWorker,
  type Task,
  TaskProducer,
  type TaskRun,
  WORKER_DEFAULTS,
} from './task.js';
