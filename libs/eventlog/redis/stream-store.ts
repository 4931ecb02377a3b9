import { randomUUID } from 'node:crypto';
import { Fenced } from '../errors.js';
import type { Bounds, Lease, NewRecord, Position } from '../event-log.js';
import type { GroupStore, LogReader, LogStore } from '../log-store.js';
import { packRecords, type RecordBatch } from '../record-batch.js';
import type { Topic } from '../topic.js';
import { Connection } from './connection.js';
import { APPEND, TRIM } from './scripts.js';
import { StreamGroups } from './stream-groups.js';
import { streamKeys } from './stream-keys.js';
import { formatPosition, parsePosition } from './stream-position.js';
import { StreamReader } from './stream-reader.js';

const COMMAND_TIMEOUT_MS = 3_000;
/** Longer than a reader ever waits. */
const READ_TIMEOUT_MS = 5_000;
/** The overhead of an entry in Redis besides its batch, in bytes. */
const ENTRY_COST = 64;
const TRIM_EVERY_MS = 1_000;

/** Records in Redis Streams, one stream per partition, one entry per batch. */
export class StreamStore implements LogStore {
  readonly groups: GroupStore;
  private readonly connection: Connection;
  private readonly trims = new Map<string, { at: number; bytes: number }>();

  constructor(
    private readonly options: { readonly url: URL; readonly prefix: string; readonly onError: (error: Error) => void },
  ) {
    this.connection = new Connection(options.url, COMMAND_TIMEOUT_MS, options.onError);
    this.groups = new StreamGroups(this.connection, options.prefix);
  }

  ready(timeoutMs: number): Promise<void> {
    return this.connection.ready(timeoutMs);
  }

  async append(topic: Topic, records: readonly NewRecord[], lease: Lease | undefined): Promise<Position[]> {
    const batches = packRecords(topic, records);
    const answers = await this.connection.scripts([
      ...batches.map((batch) => this.appendCall(topic, batch, lease)),
      ...this.dueTrims(topic, batches),
    ]);
    const positions: Position[] = [];
    batches.forEach(({ indexes }, at) => {
      const answer = answers[at];
      if (answer === 'FENCED' && lease) throw new Fenced(lease.group, lease.partition);
      const [entry, first] = Array.isArray(answer) ? answer : [];
      indexes.forEach((index, offset) => (positions[index] = formatPosition(String(entry), Number(first) + offset)));
    });
    return positions;
  }

  reader(topic: Topic, partition: number, after: Position | undefined): LogReader {
    const { url, prefix, onError } = this.options;
    const source = { topic: topic.name, partition, stream: streamKeys(prefix, topic).stream(partition) };
    return new StreamReader(source, this.connection, () => new Connection(url, READ_TIMEOUT_MS, onError), after);
  }

  async bounds(topic: Topic, partition: number): Promise<Bounds> {
    const stream = streamKeys(this.options.prefix, topic).stream(partition);
    const [[oldest], [newest]] = await this.connection.command((redis) =>
      Promise.all([redis.xrange(stream, '-', '+', 'COUNT', 1), redis.xrevrange(stream, '+', '-', 'COUNT', 1)]),
    );
    const end = newest && (await this.lastOf(topic, partition, newest[0], Number(newest[1][1])));
    return {
      ...(oldest ? { first: formatPosition(oldest[0], Number(oldest[1][1])) } : {}),
      ...(end ? { last: end } : {}),
    };
  }

  async identity(topic: Topic): Promise<string> {
    const { meta } = streamKeys(this.options.prefix, topic);
    return this.connection.command(async (redis) => {
      await redis.hsetnx(meta, 'identity', randomUUID());
      return (await redis.hget(meta, 'identity')) ?? '';
    });
  }

  async trim(topic: Topic): Promise<void> {
    const calls = Array.from({ length: topic.partitions }, (_, partition) => this.trimCall(topic, partition));
    while ((await this.connection.scripts(calls)).some((steps) => steps === 200));
  }

  ordinal(position: Position): number {
    return parsePosition(position).ordinal;
  }

  close(): Promise<void> {
    this.connection.close();
    return Promise.resolve();
  }

  private async lastOf(topic: Topic, partition: number, entry: string, first: number): Promise<Position> {
    const reader = this.reader(topic, partition, formatPosition(entry, first));
    const rest = await reader.next(Number.MAX_SAFE_INTEGER, 0);
    return rest.at(-1)?.position ?? formatPosition(entry, first);
  }

  private appendCall(topic: Topic, { partition, count, bytes }: RecordBatch, lease: Lease | undefined) {
    const keys = streamKeys(this.options.prefix, topic);
    const group = lease ? streamKeys(this.options.prefix, lease.topic).group(lease.group) : keys.meta;
    return {
      script: APPEND,
      keys: [keys.stream(partition), keys.meta, group],
      args: [
        partition,
        count,
        bytes.length + ENTRY_COST,
        bytes,
        ...(lease ? [lease.partition, lease.token] : ['', '']),
      ],
    };
  }

  private trimCall(topic: Topic, partition: number) {
    const keys = streamKeys(this.options.prefix, topic);
    return {
      script: TRIM,
      keys: [keys.stream(partition), keys.meta],
      args: [partition, topic.retention.bytes, topic.retention.ms],
    };
  }

  /** Trims a partition about once a second, and sooner when it grows fast, so that it never exceeds its bound by much. */
  private dueTrims(topic: Topic, batches: readonly RecordBatch[]) {
    const now = performance.now();
    const due = new Set<number>();
    for (const { partition, bytes } of batches) {
      const key = `${topic.name}/${partition}`;
      const last = this.trims.get(key) ?? { at: now, bytes: 0 };
      last.bytes += bytes.length;
      this.trims.set(key, last);
      if (now - last.at < TRIM_EVERY_MS && last.bytes < topic.retention.bytes / 16) continue;
      this.trims.set(key, { at: now, bytes: 0 });
      due.add(partition);
    }
    return [...due].map((partition) => this.trimCall(topic, partition));
  }
}
