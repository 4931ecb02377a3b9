import { MAX_RECORD_BYTES, RecordTooLarge } from './errors.js';
import type { NewRecord } from './event-log.js';
import { partitionOf, type Topic } from './topic.js';

/**
 * Many records as one block of bytes, because a log pays per entry: per record 4 bytes key length, 4 bytes value length
 * (big-endian), key, value. Packing is what lets one connection append hundreds of thousands of records per second.
 */
export interface RecordBatch {
  readonly partition: number;
  readonly count: number;
  readonly bytes: Buffer;
  /** Where its records stood in the list that was packed. */
  readonly indexes: readonly number[];
}

/** A reader takes batches whole, so none is much larger than this. */
const MAX_BATCH_BYTES = 256 * 1024;
const MAX_BATCH_RECORDS = 1_000;
const HEAD = 8;

interface Packed {
  readonly key: Buffer;
  readonly value: Uint8Array;
  readonly index: number;
}

/**
 * Groups records by partition into batches of bounded size; order per partition is kept.
 * @throws RecordTooLarge
 */
export function packRecords(topic: Topic, records: readonly NewRecord[]): RecordBatch[] {
  const batches: RecordBatch[] = [];
  const open = new Map<number, { packed: Packed[]; size: number }>();
  records.forEach((record, index) => {
    const packed = {
      key: Buffer.from(record.key),
      value: typeof record.value === 'string' ? Buffer.from(record.value) : record.value,
      index,
    };
    const size = HEAD + packed.key.length + packed.value.length;
    if (size > MAX_RECORD_BYTES) throw new RecordTooLarge(record.key, size);
    const partition = record.partition ?? partitionOf(topic, record.key);
    let batch = open.get(partition);
    if (batch && (batch.size + size > MAX_BATCH_BYTES || batch.packed.length === MAX_BATCH_RECORDS)) {
      batches.push(pack(partition, batch.packed, batch.size));
      batch = undefined;
    }
    if (!batch) open.set(partition, (batch = { packed: [], size: 0 }));
    batch.packed.push(packed);
    batch.size += size;
  });
  for (const [partition, { packed, size }] of open) batches.push(pack(partition, packed, size));
  return batches;
}

function pack(partition: number, packed: readonly Packed[], size: number): RecordBatch {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { key, value } of packed) {
    bytes.writeUInt32BE(key.length, at);
    bytes.writeUInt32BE(value.length, at + 4);
    bytes.set(key, at + HEAD);
    bytes.set(value, at + HEAD + key.length);
    at += HEAD + key.length + value.length;
  }
  return { partition, count: packed.length, bytes, indexes: packed.map(({ index }) => index) };
}

/** The records of a batch, as views into it. */
export function unpackRecords(bytes: Buffer): { key: string; value: Buffer }[] {
  const records = [];
  for (let at = 0; at < bytes.length;) {
    const valueAt = at + HEAD + bytes.readUInt32BE(at);
    const end = valueAt + bytes.readUInt32BE(at + 4);
    records.push({ key: bytes.toString('utf8', at + HEAD, valueAt), value: bytes.subarray(valueAt, end) });
    at = end;
  }
  return records;
}
