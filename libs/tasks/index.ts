export { failFastConnection, subscriberConnection, workerConnection } from './connections.js';
export { defineTask, type Task, type TaskDefinition } from './define-task.js';
export { type Envelope, openEnvelope, type Origin } from './envelope.js';
export {
  asciiName,
  boundedText,
  instantText,
  integer,
  InvalidPayload,
  listOf,
  object,
  type ObjectOf,
  optional,
  type OptionalReader,
} from './payload.js';
export { type NewJob, QueueUnavailable, TaskProducer } from './producer.js';
export { heartbeatTask, MAX_RECEIPT_ERROR, RECEIPTS_QUEUE, receiptTask } from './receipt-tasks.js';
export { ensureSchedule, removeSchedule, type TaskSchedule } from './schedule.js';
export { TaskMetrics, type TaskResult } from './task-metrics.js';
export {
  implementTask,
  type Run,
  type RunningJob,
  startWorker,
  type TaskRun,
  type TaskWorkerOptions,
  WORKER_DEFAULTS,
} from './worker.js';
