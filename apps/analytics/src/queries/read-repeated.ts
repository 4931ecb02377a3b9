import type { Interval } from './interval.js';
import type { SeriesAnswer } from './series-answer.js';

/** Reads intervals that may repeat: each is read once, and its values are copied to every occurrence. */
export async function readRepeated(
  read: (intervals: readonly Interval[]) => Promise<SeriesAnswer>,
  wanted: readonly Interval[],
): Promise<SeriesAnswer> {
  const distinct = new Map<string, { interval: Interval; place: number }>();
  const places = wanted.map((interval) => {
    const key = `${interval.start} ${interval.end}`;
    const known = distinct.get(key) ?? { interval, place: distinct.size };
    distinct.set(key, known);
    return known.place;
  });
  const answer = await read([...distinct.values()].map(({ interval }) => interval));
  if (distinct.size === wanted.length) return answer;
  const spread = <T>(values: readonly T[], missing: T): T[] => places.map((place) => values[place] ?? missing);
  return {
    ...answer,
    rows: answer.rows.map(({ cells, values, hasEvents }) => ({
      cells,
      values: spread(values, null),
      hasEvents: spread(hasEvents, false),
    })),
    finality: spread(answer.finality, 'OPEN'),
  };
}
