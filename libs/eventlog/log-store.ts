import type { Bounds, Lease, LogRecord, NewRecord, Position } from './event-log.js';
import type { GroupState } from './groups/assignment.js';
import type { Topic } from './topic.js';

/**
 * The store behind a {@link StoredEventLog}: it keeps records but has no consumer groups of its own. Every method
 * may throw LogUnavailable.
 */
export interface LogStore {
  append(topic: Topic, records: readonly NewRecord[], lease: Lease | undefined): Promise<Position[]>;
  /** A reader with a connection of its own, because it waits. */
  reader(topic: Topic, partition: number, after: Position | undefined): LogReader;
  bounds(topic: Topic, partition: number): Promise<Bounds>;
  identity(topic: Topic): Promise<string>;
  trim(topic: Topic): Promise<void>;
  /** Counts records without gaps within a partition: the distance between two positions is a number of records. */
  ordinal(position: Position): number;
  groups: GroupStore;
  close(): Promise<void>;
}

/** Reads one partition from a place on. */
export interface LogReader {
  /**
   * The next records, at least one and at most `limit`; none when nothing came within `waitMs`.
   * @throws PositionLost; the reader is of no use then
   */
  next(limit: number, waitMs: number): Promise<LogRecord[]>;
  /** Ends a call of `next` that waits. */
  close(): void;
}

/** Keeps who is in a group and what it has acknowledged. */
export interface GroupStore {
  /** Replaces the state by what `change` makes of it, atomically; `change` may run several times and gets the log's clock. */
  update<T extends { readonly state: GroupState }>(
    topic: Topic,
    group: string,
    change: (state: GroupState, now: number) => T,
  ): Promise<T>;
  acknowledged(topic: Topic, group: string): Promise<(Position | undefined)[]>;
  /** @throws Fenced */
  acknowledge(lease: Lease, position: Position): Promise<void>;
  /** Only for a group without members; `undefined` forgets. */
  reset(topic: Topic, group: string, positions: readonly (Position | undefined)[]): Promise<void>;
}
