import { randomUUID } from 'node:crypto';
import { Fenced, PositionLost } from '../errors.js';
import type { Bounds, Lease, LogRecord, NewRecord, Position } from '../event-log.js';
import { EMPTY_GROUP, type GroupState } from '../groups/assignment.js';
import type { GroupStore, LogReader, LogStore } from '../log-store.js';
import { packRecords, unpackRecords } from '../record-batch.js';
import type { Topic } from '../topic.js';

class Partition {
  records: LogRecord[] = [];
  next = 0;
  bytes = 0;
  readonly waiting = new Set<() => void>();
}

/** Records in arrays. */
export class MemoryStore implements LogStore {
  readonly groups = new MemoryGroups();
  private readonly partitions = new Map<string, Partition>();
  private readonly name = randomUUID();

  append(topic: Topic, records: readonly NewRecord[], lease: Lease | undefined): Promise<Position[]> {
    return settled(() => {
      const batches = packRecords(topic, records);
      if (lease) this.groups.assertHeld(lease);
      const positions: Position[] = [];
      for (const { partition, indexes, bytes } of batches) {
        const kept = this.partition(topic, partition);
        unpackRecords(bytes).forEach(({ key, value }, at) => {
          const position = String(kept.next) as Position;
          kept.next += 1;
          kept.bytes += value.length + key.length;
          kept.records.push({ partition, position, key, value, appendedAt: Date.now() });
          positions[indexes[at] ?? 0] = position;
        });
        trim(topic, kept);
        for (const wake of kept.waiting) wake();
      }
      return positions;
    });
  }

  reader(topic: Topic, partition: number, after: Position | undefined): LogReader {
    return new MemoryReader(
      topic,
      partition,
      this.partition(topic, partition),
      after === undefined ? undefined : this.ordinal(after) + 1,
    );
  }

  bounds(topic: Topic, partition: number): Promise<Bounds> {
    const { records } = this.partition(topic, partition);
    const [first, last] = [records[0]?.position, records.at(-1)?.position];
    return Promise.resolve({ ...(first ? { first } : {}), ...(last ? { last } : {}) });
  }

  identity(): Promise<string> {
    return Promise.resolve(this.name);
  }

  trim(topic: Topic): Promise<void> {
    for (let number = 0; number < topic.partitions; number += 1) trim(topic, this.partition(topic, number));
    return Promise.resolve();
  }

  ordinal(position: Position): number {
    return Number(position);
  }

  close(): Promise<void> {
    this.partitions.clear();
    return Promise.resolve();
  }

  private partition(topic: Topic, number: number): Partition {
    const key = `${topic.name}/${number}`;
    let partition = this.partitions.get(key);
    if (!partition) this.partitions.set(key, (partition = new Partition()));
    return partition;
  }
}

function trim({ retention }: Topic, partition: Partition): void {
  const oldest = Date.now() - retention.ms;
  let drop = 0;
  for (const { key, value, appendedAt } of partition.records) {
    if (partition.bytes <= retention.bytes && appendedAt >= oldest) break;
    partition.bytes -= key.length + value.length;
    drop += 1;
  }
  partition.records.splice(0, drop);
}

class MemoryReader implements LogReader {
  private stopWaiting: () => void = () => undefined;

  constructor(
    private readonly topic: Topic,
    private readonly number: number,
    private readonly partition: Partition,
    private expected: number | undefined,
  ) {}

  async next(limit: number, waitMs: number): Promise<LogRecord[]> {
    if (this.available(1).length === 0 && waitMs > 0) await this.wait(waitMs);
    const records = this.available(limit);
    const last = records.at(-1);
    if (last) this.expected = Number(last.position) + 1;
    return records;
  }

  close(): void {
    this.stopWaiting();
  }

  private available(limit: number): LogRecord[] {
    const { records } = this.partition;
    const first = Number(records[0]?.position ?? this.partition.next);
    if (this.expected !== undefined && this.expected < first) throw new PositionLost(this.topic.name, this.number);
    const from = this.expected === undefined ? 0 : this.expected - first;
    return records.slice(from, from + limit);
  }

  private async wait(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const wake = (): void => resolve(null);
    const timer = setTimeout(wake, waitMs);
    this.stopWaiting = wake;
    this.partition.waiting.add(wake);
    await promise;
    this.partition.waiting.delete(wake);
    clearTimeout(timer);
  }
}

class MemoryGroups implements GroupStore {
  private readonly states = new Map<string, GroupState>();
  private readonly positions = new Map<string, Map<number, Position>>();

  update<T extends { readonly state: GroupState }>(
    topic: Topic,
    group: string,
    change: (state: GroupState, now: number) => T,
  ): Promise<T> {
    return settled(() => {
      const key = `${topic.name}/${group}`;
      const changed = change(this.states.get(key) ?? EMPTY_GROUP, Date.now());
      this.states.set(key, changed.state);
      return changed;
    });
  }

  acknowledged(topic: Topic, group: string): Promise<(Position | undefined)[]> {
    const positions = this.positions.get(`${topic.name}/${group}`);
    return Promise.resolve(Array.from({ length: topic.partitions }, (_, partition) => positions?.get(partition)));
  }

  acknowledge(lease: Lease, position: Position): Promise<void> {
    return settled(() => {
      this.assertHeld(lease);
      const key = `${lease.topic.name}/${lease.group}`;
      this.positions.set(key, new Map(this.positions.get(key)).set(lease.partition, position));
    });
  }

  reset(topic: Topic, group: string, positions: readonly (Position | undefined)[]): Promise<void> {
    const known = positions.flatMap((position, partition) => (position ? [[partition, position] as const] : []));
    this.positions.set(`${topic.name}/${group}`, new Map(known));
    return Promise.resolve();
  }

  /** @throws Fenced */
  assertHeld({ topic, group, partition, token }: Lease): void {
    if (this.states.get(`${topic.name}/${group}`)?.owners[partition]?.token !== token)
      throw new Fenced(group, partition);
  }
}

function settled<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}
