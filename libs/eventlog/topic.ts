import { murmur2 } from './murmur2.js';

/** A topic is described once, in code, for all its writers and readers. */
export interface Topic {
  /** Lower-case words joined by dots and dashes. */
  readonly name: string;
  /** Cannot change while the topic holds records: keys would move to other partitions. */
  readonly partitions: number;
  /** What each partition keeps: records younger than `ms`, newest first, up to `bytes`. Both are bounds, applied now and then. */
  readonly retention: { readonly ms: number; readonly bytes: number };
}

/** The partition of a key, by the rule of Kafka's default partitioner, so that it is the same whatever keeps the log. */
export function partitionOf(topic: Topic, key: string): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % topic.partitions;
}
