import { GroupActive } from './errors.js';
import type {
  Bounds,
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
import { GroupMember } from './groups/group-member.js';
import type { LogStore } from './log-store.js';
import { PartitionLoop } from './partition-loop.js';
import type { Topic } from './topic.js';

/** The event log over a store that keeps records but knows no consumer groups: they are led by their members themselves. */
export class StoredEventLog implements EventLog {
  private readonly open = new Set<{ stop(): Promise<void> }>();

  constructor(private readonly store: LogStore) {}

  append(topic: Topic, records: readonly NewRecord[], { lease }: { readonly lease?: Lease } = {}): Promise<Position[]> {
    return this.store.append(topic, records, lease);
  }

  async read(
    topic: Topic,
    partition: number,
    { after, limit }: { readonly after?: Position; readonly limit: number },
  ): Promise<LogRecord[]> {
    const reader = this.store.reader(topic, partition, after);
    try {
      return await reader.next(limit, 0);
    } finally {
      reader.close();
    }
  }

  follow(topic: Topic, options: FollowOptions): Follower {
    const loops = partitionsOf(topic).map(
      (partition) =>
        new PartitionLoop(() => this.startOf(topic, partition, options.from), {
          limit: options.limit ?? 1_000,
          openReader: (after) => this.store.reader(topic, partition, after),
          records: (records) => options.records(records, partition),
          lost: () => options.lost(partition),
          onError: options.onError,
        }),
    );
    const close = this.track(() => Promise.all(loops.map((loop) => loop.close())));
    return { close };
  }

  join(topic: Topic, group: string, options: MemberOptions): Member {
    const member = new GroupMember(this.store, topic, group, options);
    this.track(() => member.leave());
    return member;
  }

  acknowledged(topic: Topic, group: string): Promise<(Position | undefined)[]> {
    return this.store.groups.acknowledged(topic, group);
  }

  async lag(topic: Topic, group: string): Promise<number[]> {
    const [acknowledged, bounds] = await Promise.all([this.acknowledged(topic, group), this.bounds(topic)]);
    return bounds.map(({ first, last }, partition) => {
      if (!first || !last) return 0;
      const done = acknowledged[partition];
      const before = this.store.ordinal(first) - 1;
      return this.store.ordinal(last) - Math.max(before, done ? this.store.ordinal(done) : before);
    });
  }

  async rewind(topic: Topic, group: string, to: StartFrom): Promise<void> {
    const positions = await Promise.all(partitionsOf(topic).map((partition) => this.startOf(topic, partition, to)));
    await this.store.groups.update(topic, group, (state, now) => {
      if (Object.values(state.members).some((until) => until > now)) throw new GroupActive(group);
      return { state };
    });
    await this.store.groups.reset(topic, group, positions);
  }

  bounds(topic: Topic): Promise<Bounds[]> {
    return Promise.all(partitionsOf(topic).map((partition) => this.store.bounds(topic, partition)));
  }

  identity(topic: Topic): Promise<string> {
    return this.store.identity(topic);
  }

  compare(a: Position, b: Position): number {
    return this.store.ordinal(a) - this.store.ordinal(b);
  }

  trim(topic: Topic): Promise<void> {
    return this.store.trim(topic);
  }

  async close(): Promise<void> {
    await Promise.all([...this.open].map(({ stop }) => stop()));
    await this.store.close();
  }

  private async startOf(topic: Topic, partition: number, from: StartFrom): Promise<Position | undefined> {
    if (from === 'first') return undefined;
    if (from === 'next') return (await this.store.bounds(topic, partition)).last;
    return from.get(partition);
  }

  private track(stop: () => Promise<unknown>): () => Promise<void> {
    const entry = {
      stop: async () => {
        this.open.delete(entry);
        await stop();
      },
    };
    this.open.add(entry);
    return entry.stop;
  }
}

function partitionsOf(topic: Topic): number[] {
  return Array.from({ length: topic.partitions }, (_, partition) => partition);
}
