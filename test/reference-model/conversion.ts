import type { Bucket } from './calendar.js';
import { moveInstant } from './calendar.js';
import { decimal } from './decimal.js';
import type { ConversionMetric } from './definitions.js';
import { readDuration } from './duration.js';
import { entityOf, type StoredEvent } from './events.js';
import { exactly, over } from './figure.js';
import { fits, selected } from './filters.js';
import { dimensionFields } from './dimension-fields.js';
import { type Asked, cellsOf, Grouped, type Part, type Reading } from './reading.js';

/** A conversion event that is credited to a base event; it counts at the time and in the cells of that one. */
interface Credit {
  readonly time: number;
  readonly base: StoredEvent;
  readonly conversion: StoredEvent;
}

/**
 * A conversion event is credited to the last base event of the same entity that is not after it and in whose window it
 * lies, whatever range is queried; of several at the same millisecond, to the one with the greatest id.
 */
export function readConversion(metric: ConversionMetric, asked: Asked): Reading {
  const { entity, window } = metric;
  const hasEntity = (event: StoredEvent): boolean => entityOf(event, entity) !== undefined;
  const bases = selected(asked.events, metric.base).filter((event) => fits(event, asked.filter) && hasEntity(event));
  const conversions = selected(asked.events, metric.conversion).filter(hasEntity);
  const isInTime = (base: StoredEvent, conversion: StoredEvent): boolean =>
    window === undefined || conversion.time <= moveInstant(base.time, readDuration(window), 1, asked.zone);
  const credits = conversions.flatMap((conversion): Credit[] => {
    const candidates = bases.filter(
      (base) =>
        entityOf(base, entity) === entityOf(conversion, entity) &&
        base.time <= conversion.time &&
        isInTime(base, conversion),
    );
    const [last] = candidates.sort((a, b) => b.time - a.time || byId(b, a));
    return last ? [{ time: last.time, base: last, conversion }] : [];
  });
  const fields = dimensionFields(asked.dimensions, metric.dimensions);
  const groupedBases = new Grouped(bases, (base) => cellsOf(base, fields));
  const groupedCredits = new Grouped(credits, ({ base }) => cellsOf(base, fields));
  const converted = (bucket: Bucket, part: Part): number => {
    const credited = groupedCredits.within(bucket, part);
    const ids = credited.map(({ base, conversion }) => (metric.counting === 'converters' ? base.id : conversion.id));
    return new Set(ids).size;
  };
  return {
    combinations: (buckets) => groupedBases.combinations(buckets),
    outcome(bucket, part) {
      const count = exactly(decimal(converted(bucket, part)));
      const based = groupedBases.within(bucket, part).length;
      const figure = metric.calculation === 'conversions' ? count : over(count, exactly(decimal(based)));
      return { figure, hasEvents: based > 0 };
    },
  };
}

/** By the bytes of the ids. */
function byId(a: StoredEvent, b: StoredEvent): number {
  return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
}
