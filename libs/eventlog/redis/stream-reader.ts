import { PositionLost } from '../errors.js';
import type { LogRecord, Position } from '../event-log.js';
import type { LogReader } from '../log-store.js';
import { unpackRecords } from '../record-batch.js';
import type { Connection } from './connection.js';
import { formatPosition, idBefore, parsePosition } from './stream-position.js';

/** An entry holds at most 256 KiB, so this bounds what one answer may weigh. */
const MAX_ENTRIES = 64;

type Entry = [id: Buffer, fields: Buffer[]];

/** Reads one stream, entry by entry, and notices when entries in between are missing. */
export class StreamReader implements LogReader {
  private readonly seen: { readonly entry: string; readonly ordinal: number } | undefined;
  private readonly ready: LogRecord[] = [];
  private lastId: string;
  private expected: number | undefined;
  private recordsPerEntry = 16;
  private waiting: Connection | undefined;

  constructor(
    private readonly source: { readonly topic: string; readonly partition: number; readonly stream: string },
    private readonly shared: Connection,
    private readonly connect: () => Connection,
    after: Position | undefined,
  ) {
    this.seen = after ? parsePosition(after) : undefined;
    this.lastId = this.seen ? idBefore(this.seen.entry) : '0-0';
    this.expected = this.seen ? this.seen.ordinal + 1 : undefined;
  }

  async next(limit: number, waitMs: number): Promise<LogRecord[]> {
    while (this.ready.length === 0) {
      const entries = await this.entries(
        Math.max(1, Math.min(MAX_ENTRIES, Math.ceil(limit / this.recordsPerEntry))),
        waitMs,
      );
      if (entries.length === 0) return [];
      for (const entry of entries) this.take(entry);
    }
    return this.ready.splice(0, limit);
  }

  close(): void {
    this.waiting?.close();
  }

  private async entries(count: number, waitMs: number): Promise<Entry[]> {
    const { stream } = this.source;
    if (waitMs === 0) {
      return this.shared.command((redis) => redis.xrangeBuffer(stream, `(${this.lastId}`, '+', 'COUNT', count));
    }
    if (!this.waiting) {
      this.waiting = this.connect();
      await this.waiting.ready(waitMs);
    }
    const answer = await this.waiting.command((redis) =>
      redis.xreadBuffer('COUNT', count, 'BLOCK', waitMs, 'STREAMS', stream, this.lastId),
    );
    return answer?.[0]?.[1] ?? [];
  }

  private take([idBytes, [, first, , , , batch]]: Entry): void {
    const id = idBytes.toString();
    const records = unpackRecords(batch ?? Buffer.alloc(0));
    const base = Number(first);
    const alreadySeen = id === this.seen?.entry ? this.seen.ordinal + 1 - base : 0;
    if (this.expected !== undefined && base + alreadySeen !== this.expected)
      throw new PositionLost(this.source.topic, this.source.partition);
    const appendedAt = Number(id.slice(0, id.indexOf('-')));
    records.forEach(({ key, value }, index) => {
      if (index < alreadySeen) return;
      this.ready.push({
        partition: this.source.partition,
        position: formatPosition(id, base + index),
        key,
        value,
        appendedAt,
      });
    });
    this.lastId = id;
    this.expected = base + records.length;
    this.recordsPerEntry = (3 * this.recordsPerEntry + records.length) / 4;
  }
}
