import type { Topic } from './topic.js';

declare const positionBrand: unique symbol;

/**
 * The position of a record in its partition. Opaque: only the log that returned it can compare it or read from it. It may be
 * stored and used again after restarts, for as long as the topic's {@link EventLog.identity} stays the same.
 */
export type Position = string & { readonly [positionBrand]: true };

/** A record to be appended. Records with the same key stay in order for ever. */
export interface NewRecord {
  readonly key: string;
  readonly value: string | Uint8Array;
  /** Overrides the partition that the key chooses: for records to every partition, and for answers in the partition of the question. */
  readonly partition?: number;
}

/** A record as it was appended. */
export interface LogRecord {
  readonly partition: number;
  readonly position: Position;
  readonly key: string;
  /** A view into a larger buffer: copy what is kept for long. */
  readonly value: Buffer;
  /** When it was appended, in milliseconds, by the log's own clock. */
  readonly appendedAt: number;
}

/** The oldest and newest record that a partition still holds; absent where it holds none. */
export interface Bounds {
  readonly first?: Position;
  readonly last?: Position;
}

/** Proof that a group's member owns a partition. An append with it, to any topic, is refused once another member owns the partition. */
export interface Lease {
  readonly topic: Topic;
  readonly group: string;
  readonly partition: number;
  /** Rises with every change of owner. */
  readonly token: number;
}

/** `first`: everything that is still held; `next`: what comes from now on; positions: after each of these, `first` for partitions left out. */
export type StartFrom = 'first' | 'next' | ReadonlyMap<number, Position>;

/** How to read every partition of a topic, alone. */
export interface FollowOptions {
  readonly from: StartFrom;
  /** Records of one partition, in order, never two calls at once for the same partition. When it rejects, it is called again with the same records. */
  readonly records: (records: readonly LogRecord[], partition: number) => void | Promise<void>;
  /**
   * Records between the last one read and the next one are gone (retention, or a log that lost its end). It resolves to
   * the position after which reading continues, or to `first` for the first record still held.
   */
  readonly lost: (partition: number) => Promise<Position | undefined>;
  /** The log cannot be reached, or `records` rejected; the follower keeps trying. */
  readonly onError: (error: unknown) => void;
  /** Most records per call; 1,000 when left out. */
  readonly limit?: number;
}

/** Reads until it is closed. */
export interface Follower {
  /** Resolves when no further call of `records` will begin and the last one has ended. */
  close(): Promise<void>;
}

/** Records of one partition, delivered to a member of a group. */
export interface Delivery {
  readonly records: readonly LogRecord[];
  readonly lease: Lease;
  /** 1 at first, one more each time these records are delivered again because the call before rejected. */
  readonly attempt: number;
  /** Aborted when the partition is lost to another member: nothing done after that counts. */
  readonly signal: AbortSignal;
}

/** How a member of a group works. */
export interface MemberOptions {
  /** Records of one owned partition, in order, never two calls at once for the same partition. */
  readonly records: (delivery: Delivery) => Promise<void>;
  /**
   * Called before the first records of a newly owned partition. May resolve to the position after which to start
   * instead of the acknowledged one, for those who keep their progress beside their results.
   */
  readonly assigned?: (lease: Lease, acknowledged: Position | undefined) => Promise<Position | undefined>;
  /** The partition goes to another member, or the lease was lost; called when the last `records` of it has ended. */
  readonly revoked?: (lease: Lease) => Promise<void>;
  /** Records were gone before they were read; reading continues with the first one still held. */
  readonly lost: (partition: number) => void;
  readonly onError: (error: unknown) => void;
  /** Where a group begins that has acknowledged nothing; `first` when left out. */
  readonly start?: 'first' | 'next';
  /** False: nothing is acknowledged but by {@link Member.acknowledge}. True when left out: what `records` resolved for is acknowledged. */
  readonly autoAcknowledge?: boolean;
  /** How long a member may be silent before its partitions go to others; 5,000 when left out. */
  readonly leaseMs?: number;
  /** Most records per call; 1,000 when left out. */
  readonly limit?: number;
}

/** One member of a consumer group. Each partition is owned by at most one member, so order per key holds. */
export interface Member {
  readonly id: string;
  /** The partitions that it owns now. */
  readonly partitions: readonly number[];
  /**
   * Everything up to `position` is done and need not be delivered again. Positions that are behind an earlier one are ignored.
   * @throws Fenced when the lease is no longer held
   */
  acknowledge(lease: Lease, position: Position): Promise<void>;
  /** Ends the running calls of `records`, gives its partitions up at once and leaves the group. */
  leave(): Promise<void>;
}

/**
 * An append-only log of topics, each split into partitions: order holds per key, readers choose where they begin, groups
 * share partitions among their members. Delivery is at least once: readers must accept a record twice. Every method may
 * throw {@link LogUnavailable}, which heals by itself.
 */
export interface EventLog {
  /**
   * Appends in the given order; resolves with the positions once the log holds all of them. When it rejects, some may
   * have been appended.
   * @throws Fenced when `lease` is no longer held; nothing was appended then
   * @throws RecordTooLarge before anything is appended
   */
  append(topic: Topic, records: readonly NewRecord[], options?: { readonly lease?: Lease }): Promise<Position[]>;

  /**
   * The records after a position, at most `limit` and perhaps fewer, so that an answer stays small; none when there are
   * none yet. {@link readToEnd} reads all pages.
   * @throws PositionLost when records after that position are gone
   */
  read(
    topic: Topic,
    partition: number,
    options: { readonly after?: Position; readonly limit: number },
  ): Promise<LogRecord[]>;

  /** Reads all partitions for ever, for this reader alone. */
  follow(topic: Topic, options: FollowOptions): Follower;

  /** Joins a consumer group. */
  join(topic: Topic, group: string, options: MemberOptions): Member;

  /** What a group has acknowledged, by partition. */
  acknowledged(topic: Topic, group: string): Promise<(Position | undefined)[]>;

  /** How many records each partition holds that the group has not acknowledged. */
  lag(topic: Topic, group: string): Promise<number[]>;

  /**
   * Resets a group to an earlier position.
   * @throws GroupActive while it has members
   */
  rewind(topic: Topic, group: string, to: StartFrom): Promise<void>;

  /** By partition. */
  bounds(topic: Topic): Promise<Bounds[]>;

  /** Names one life of a topic: changes when its records were lost, which makes earlier positions invalid. */
  identity(topic: Topic): Promise<string>;

  /** Below 0 when `a` stands before `b` in their partition, 0 when they are the same, else above 0. */
  compare(a: Position, b: Position): number;

  /** Applies the topic's retention now. Appending does so too, from time to time. */
  trim(topic: Topic): Promise<void>;

  /** Ends all followers and members and closes every connection. */
  close(): Promise<void>;
}
