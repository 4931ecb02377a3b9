export { Fenced, GroupActive, LogUnavailable, MAX_RECORD_BYTES, PositionLost, RecordTooLarge } from './errors.js';
export type {
  Bounds,
  Delivery,
  EventLog,
  Follower,
  FollowOptions,
  Lease,
  LogRecord,
  Member,
  MemberOptions,
  NewRecord,
  Position,
  StartFrom,
} from './event-log.js';
export { memoryEventLog } from './memory/memory-event-log.js';
export { Producer, ProducerFull, type ProducerOptions } from './producer.js';
export { readAll, readToEnd } from './read-to-end.js';
export { connectRedisEventLog } from './redis/redis-event-log.js';
export { partitionOf, type Topic } from './topic.js';
