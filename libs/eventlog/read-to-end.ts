import type { EventLog, LogRecord, Position } from './event-log.js';
import type { Topic } from './topic.js';

const PAGE = 5_000;

/**
 * Everything that a partition holds after a position, or from its beginning, page by page, until nothing follows.
 * @throws PositionLost when records after that position are gone
 */
export async function* readToEnd(
  log: EventLog,
  topic: Topic,
  partition: number,
  after?: Position,
): AsyncGenerator<LogRecord[]> {
  for (let position = after; ;) {
    const records = await log.read(topic, partition, { ...(position ? { after: position } : {}), limit: PAGE });
    const last = records.at(-1);
    if (!last) return;
    yield records;
    position = last.position;
  }
}

/** What all partitions of a topic hold, by partition: for topics that are known to be small. */
export function readAll(log: EventLog, topic: Topic): Promise<LogRecord[][]> {
  const partitions = Array.from({ length: topic.partitions }, async (_, partition) => {
    const all: LogRecord[] = [];
    for await (const records of readToEnd(log, topic, partition)) all.push(...records);
    return all;
  });
  return Promise.all(partitions);
}
