import { DateTime } from 'luxon';
import type { AdoptionField } from '@paddock/contracts';
import { formatLocal, locate, parseLocal, ZoneOffsets } from '@paddock/time-zones';
import type { ColumnSchema } from '../inspection/table-schema.js';
import { text, type Transform, unfit, value } from './transform.js';

/** Dates that no calendar has, which MySQL stores for a missing date. */
const ZERO_DATE = /^0000-|^0001-01-01|-00(?:-|[ T]|$)/;
/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;
const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)?)?$/;

/** Does the column hold moments, which are the same everywhere? All others hold what a clock on the wall showed. */
export function holdsInstants(
  { transform }: Pick<AdoptionField, 'transform'>,
  { dataType }: Pick<ColumnSchema, 'dataType'>,
): boolean {
  return transform.type === 'UNIX_TIME' || (transform.type === 'LOCAL_TIME' && dataType === 'timestamp');
}

/** The moment that a column of moments holds, to the second. */
export function instantIn(written: string, { transform }: Pick<AdoptionField, 'transform'>): number | undefined {
  if (transform.type === 'UNIX_TIME') return Number.isInteger(Number(written)) ? Number(written) * 1000 : undefined;
  const [, date, time = '00:00:00'] = LOCAL.exec(written) ?? [];
  return parseLocal(`${date}T${time}`);
}

/** What the clocks of a zone show at a moment. */
export function clockAt(instant: number, timeZone: string): string {
  return formatLocal(instant + ZoneOffsets.of(timeZone).at(instant));
}

const localTime: Transform = {
  type: 'LOCAL_TIME',
  families: ['TIME'],
  options: ['none', 'timeZone'],
  required: ['timeZone'],
  read(written, { transform: { timeZone = 'UTC' } }, column) {
    if (ZERO_DATE.test(written)) return { state: 'ABSENT' };
    const [, date, time = '00:00:00'] = LOCAL.exec(written) ?? [];
    const read = `${date}T${time}`;
    const instant = new Date(`${read}Z`);
    // Date reads 30 February as 2 March; what it read must say the same again.
    if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(read))
      return unfit('NOT_A_TIME', 'is not a date or time');
    // Sessions read a TIMESTAMP in UTC.
    if (column.dataType === 'timestamp') return value(clockAt(instant.getTime(), timeZone));
    const { gap } = locate(instant.getTime(), timeZone);
    return gap
      ? unfit('DST_GAP', `does not exist in ${timeZone}: clocks go forward from ${gap.from} to ${gap.to}`)
      : value(read);
  },
  write(written, _, column) {
    if (column.dataType === 'timestamp') {
      const instant = DateTime.fromISO(String(written), { zone: 'utc' });
      return instant.isValid ? text(sql(instant)) : unfit('NOT_A_TIME', 'must be a date-time');
    }
    const wall = DateTime.fromISO(String(written), { zone: 'utc' });
    if (!wall.isValid) return unfit('NOT_A_TIME', 'must be a local date-time');
    if (column.dataType !== 'date') return text(sql(wall));
    return wall.hour + wall.minute + wall.second === 0
      ? text(wall.toFormat('yyyy-MM-dd'))
      : unfit('DATE_ONLY', 'must be at midnight: the column holds dates');
  },
};

const unixTime: Transform = {
  type: 'UNIX_TIME',
  families: ['NUMBER'],
  options: ['none', 'timeZone'],
  required: ['timeZone'],
  read(written, { transform: { timeZone = 'UTC' } }) {
    const seconds = Number(written);
    if (seconds === 0) return { state: 'ABSENT' };
    return Number.isInteger(seconds) && seconds > 0 && seconds <= LAST_SECOND
      ? value(clockAt(seconds * 1000, timeZone))
      : unfit('NOT_A_TIME', 'is not a number of seconds since 1970');
  },
  write(written) {
    const instant = DateTime.fromISO(String(written), { zone: 'utc' });
    return instant.isValid ? text(String(Math.floor(instant.toSeconds()))) : unfit('NOT_A_TIME', 'must be a date-time');
  },
};

export const TIME_TRANSFORMS: readonly Transform[] = [localTime, unixTime];

const sql = (time: DateTime): string => time.toFormat('yyyy-MM-dd HH:mm:ss');
