import type { Chunk } from '../log/chunk.js';
import { quarantineRow } from '../store/quarantine-rows.js';
import { lines, WINDOW_MS } from '../store/store.js';

/**
 * Removes rows in final windows from a chunk, because final numbers never change without an operator. The removed rows
 * go to the quarantine, from where an operator can replay them.
 */
export function splitLate(chunk: Chunk, watermark: number): { onTime: Chunk; late?: { rows: Buffer; count: number } } {
  const isFinal = (minute: number): boolean => (minute + 1) * WINDOW_MS + chunk.latenessMs <= watermark;
  if (!chunk.minutes.some(isFinal)) return { onTime: chunk };
  const timeAt = chunk.columns.indexOf('_time');
  const kept: string[] = [];
  const late: unknown[][] = [];
  for (const row of chunk.rows.toString('utf8').split('\n')) {
    const values: unknown = JSON.parse(row);
    const time: unknown = Array.isArray(values) ? values[timeAt] : undefined;
    if (typeof time === 'number' && isFinal(Math.floor(time / WINDOW_MS))) {
      late.push(
        quarantineRow({
          event: chunk.event,
          columns: chunk.columns,
          row,
          code: 'TOO_LATE',
          message: `its window is final since ${new Date(watermark - chunk.latenessMs).toISOString()}`,
          receivedAt: chunk.receivedAt,
        }),
      );
    } else {
      kept.push(row);
    }
  }
  const onTime = {
    ...chunk,
    count: kept.length,
    minutes: chunk.minutes.filter((minute) => !isFinal(minute)),
    rows: Buffer.from(kept.join('\n')),
  };
  return late.length === 0 ? { onTime } : { onTime, late: { rows: lines(late), count: late.length } };
}
