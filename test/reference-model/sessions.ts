import { moveInstant } from './calendar.js';
import { add, decimal, type Decimal, divide, multiply, negate } from './decimal.js';
import type { SessionMetric } from './definitions.js';
import { readDuration } from './duration.js';
import { entityOf } from './events.js';
import { exactly, type Figure } from './figure.js';
import { fits } from './filters.js';
import { type Asked, Grouped, type Reading } from './reading.js';

/** A run of an entity's events without a pause longer than the gap; it counts where it began. */
interface Session {
  /** When it began. */
  readonly time: number;
  readonly last: number;
  readonly events: number;
}

/** A figure of sessions. They are built from all events, whatever range is queried. */
export function readSessions(metric: SessionMetric, asked: Asked): Reading {
  const gap = readDuration(metric.gap);
  const timesByEntity = new Map<string, number[]>();
  for (const event of asked.events) {
    const belongs = metric.events.some(({ event: name, filter }) => name === event.event && fits(event, filter));
    const entity = entityOf(event, metric.entity);
    if (belongs && entity !== undefined) timesByEntity.set(entity, [...(timesByEntity.get(entity) ?? []), event.time]);
  }
  const sessions = [...timesByEntity.values()].flatMap((times) => {
    const found: Session[] = [];
    for (const time of times.sort((a, b) => a - b)) {
      const running = found.at(-1);
      if (running && time <= moveInstant(running.last, gap, 1, asked.zone)) {
        found[found.length - 1] = { time: running.time, last: time, events: running.events + 1 };
      } else {
        found.push({ time, last: time, events: 1 });
      }
    }
    return found;
  });
  const groups = new Grouped(sessions, () => []);
  return {
    combinations: (buckets) => groups.combinations(buckets),
    outcome(bucket, part) {
      const begun = groups.within(bucket, part);
      return { figure: figureOf(metric, begun), hasEvents: begun.length > 0 };
    },
  };
}

/** Means over sessions are kept as floating-point numbers: they lie within this share of the exact ones. */
const FLOAT_ERROR = decimal('0.000000000001');

function figureOf({ measure }: SessionMetric, sessions: readonly Session[]): Figure | null {
  if (measure === 'sessions') return exactly(decimal(sessions.length));
  if (sessions.length === 0) return null;
  const meanOf = (total: Decimal): Figure => {
    const mean = divide(total, decimal(sessions.length));
    const error = multiply(mean, FLOAT_ERROR);
    return { low: add(mean, negate(error)), high: add(mean, error) };
  };
  switch (measure) {
    case 'average_duration':
      return meanOf(decimal(sum(sessions.map(({ time, last }) => last - time)) / 1_000));
    case 'events_per_session':
      return meanOf(decimal(sum(sessions.map(({ events }) => events))));
    case 'bounce_rate':
      return meanOf(decimal(sessions.filter(({ events }) => events === 1).length));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
