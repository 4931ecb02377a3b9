import type { Json } from '@paddock/contracts';
import { formatLocal, locate, parseLocal } from '@paddock/time-zones';
import type { CompiledMapping, Row } from './compiled-mapping.js';
import { holdsInstants, instantIn } from './time-transforms.js';

/**
 * Gives the times of each schedule their zone. Where clocks go back, a local time means the first of its two moments.
 * If a column of moments holds the second one, or the two ends have different zones, the whole schedule is given in
 * UTC, where every moment is unique. Pure.
 */
export function exactSchedules(
  values: readonly (readonly [string, Json])[],
  row: Row,
  { fields }: Pick<CompiledMapping, 'fields'>,
): [string, Json][] {
  const times = values.flatMap(([path, value]) => {
    const source = fields.find(({ field }) => field.field === path && field.transform.timeZone !== undefined);
    const zone = source?.field.transform.timeZone;
    const clock = typeof value === 'string' ? parseLocal(value) : undefined;
    if (!source || zone === undefined || clock === undefined) return [];
    const cell = row[source.at];
    const local = locate(clock, zone).instant;
    const instant =
      cell && holdsInstants(source.field, source.column.schema)
        ? (instantIn(cell.toString('latin1'), source.field) ?? local)
        : local;
    return [{ path, schedule: path.replace(/\.(?:from|to)$/, ''), zone, instant, exact: instant === local }];
  });
  const given: [string, Json][] = values.map(([path, value]) => [path, value]);
  for (const [schedule, ends] of Map.groupBy(times, (time) => time.schedule)) {
    const [zone = 'UTC', ...others] = new Set(ends.map((end) => end.zone));
    const inUtc = others.length > 0 || ends.some(({ exact }) => !exact);
    if (inUtc)
      for (const { path, instant } of ends)
        given.splice(
          given.findIndex(([name]) => name === path),
          1,
          [path, formatLocal(instant)],
        );
    given.push([`${schedule}.timeZone`, inUtc ? 'UTC' : zone]);
  }
  return given;
}
