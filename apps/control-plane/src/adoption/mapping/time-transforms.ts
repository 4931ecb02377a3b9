import { DateTime } from 'luxon';
import { text, type Transform, unfit, value } from './transform.js';

/** Dates that no calendar has, which MySQL writes where nobody gave one. */
const ZERO_DATE = /^0000-|^0001-01-01|-00(?:-|[ T]|$)/;
const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)?)?$/;

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
    if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(read)) return unfit('NOT_A_TIME', 'is not a date or time');
    // A TIMESTAMP is an instant, and sessions read it in UTC; all others are what a clock on the wall showed.
    return value(column.dataType === 'timestamp' ? local(DateTime.fromJSDate(instant, { zone: timeZone })) : read);
  },
  write(written, { transform: { timeZone = 'UTC' } }, column) {
    if (column.dataType === 'timestamp') {
      const instant = DateTime.fromISO(String(written), { zone: timeZone });
      return instant.isValid ? text(sql(instant.toUTC())) : unfit('NOT_A_TIME', 'must be a local date-time');
    }
    const wall = DateTime.fromISO(String(written), { zone: 'utc' });
    if (!wall.isValid) return unfit('NOT_A_TIME', 'must be a local date-time');
    if (column.dataType !== 'date') return text(sql(wall));
    return wall.hour + wall.minute + wall.second === 0 ? text(wall.toFormat('yyyy-MM-dd')) : unfit('DATE_ONLY', 'must be at midnight: the column holds dates');
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
    const read = DateTime.fromSeconds(seconds, { zone: timeZone });
    return Number.isInteger(seconds) && seconds > 0 && read.isValid ? value(local(read)) : unfit('NOT_A_TIME', 'is not a number of seconds since 1970');
  },
  write(written, { transform: { timeZone = 'UTC' } }) {
    const instant = DateTime.fromISO(String(written), { zone: timeZone });
    return instant.isValid ? text(String(Math.floor(instant.toSeconds()))) : unfit('NOT_A_TIME', 'must be a local date-time');
  },
};

export const TIME_TRANSFORMS: readonly Transform[] = [localTime, unixTime];

const local = (time: DateTime): string => time.toFormat("yyyy-MM-dd'T'HH:mm:ss");
const sql = (time: DateTime): string => time.toFormat('yyyy-MM-dd HH:mm:ss');
