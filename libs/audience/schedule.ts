import type { Schedule } from '@paddock/contracts';
import { formatLocal, isTimeZone, locate, parseLocal } from '@paddock/time-zones';
import { quote, type TargetingProblem } from './targeting-problem.js';

/** When something is shown, in epoch milliseconds: `from` inclusive, `to` exclusive; ±Infinity where open. */
export interface Instants {
  from: number;
  to: number;
}

/**
 * The instants of a schedule that {@link scheduleProblems} found none in. A local time that occurs twice, because clocks
 * go back, means its first occurrence. One that a later change of a zone's rules has moved into a gap means the end of
 * the gap: such a schedule was valid when it was saved and must keep working.
 * @throws RangeError for a local time or zone that validation refuses
 */
export function scheduleInstants(schedule: Schedule | undefined): Instants {
  if (!schedule) return { from: -Infinity, to: Infinity };
  const { from, to, timeZone } = schedule;
  return {
    from: from === undefined ? -Infinity : instantOf(from, timeZone),
    to: to === undefined ? Infinity : instantOf(to, timeZone),
  };
}

function instantOf(text: string, timeZone: string): number {
  const clock = parseLocal(text);
  if (clock === undefined) throw new RangeError(`${JSON.stringify(text)} is not a local date-time`);
  if (!isTimeZone(timeZone)) throw new RangeError(`${JSON.stringify(timeZone)} is not an IANA time zone`);
  return locate(clock, timeZone).instant;
}

/** Every mistake in a schedule: in its zone, its local times, and their order. */
export function scheduleProblems(schedule: Schedule): TargetingProblem[] {
  const { from, to, timeZone } = schedule;
  const problems: TargetingProblem[] = [];
  if (from === undefined && to === undefined) {
    problems.push({
      path: '',
      code: 'EMPTY_SCHEDULE',
      message: 'the schedule has neither from nor to; give one of them or leave the schedule out',
    });
  }
  const zoneKnown = isTimeZone(timeZone);
  if (!zoneKnown) {
    problems.push({
      path: 'timeZone',
      code: 'UNKNOWN_TIME_ZONE',
      message: `${quote(timeZone)} is not a time zone; use an IANA name such as Europe/London, or UTC`,
    });
  }
  const bounds = { from: readLocal('from', from, problems), to: readLocal('to', to, problems) };
  if (!zoneKnown) return problems;
  problems.push(...gapProblem('from', bounds.from, timeZone), ...gapProblem('to', bounds.to, timeZone));
  if (
    bounds.from !== undefined &&
    bounds.to !== undefined &&
    locate(bounds.to, timeZone).instant <= locate(bounds.from, timeZone).instant
  ) {
    problems.push({
      path: 'to',
      code: 'END_NOT_AFTER_START',
      message: `the schedule ends at ${quote(to ?? '')}, which is not after its start at ${quote(from ?? '')} (${timeZone})`,
    });
  }
  return problems;
}

/** A local time of a zone that exists, as epoch milliseconds; or what is wrong with it, as {@link scheduleProblems} says it. */
export function localInstant(
  path: string,
  text: string,
  timeZone: string,
): { instant?: number; problems: TargetingProblem[] } {
  const problems: TargetingProblem[] = [];
  const clock = readLocal(path, text, problems);
  problems.push(...gapProblem(path, clock, timeZone));
  return clock === undefined || problems.length > 0
    ? { problems }
    : { instant: locate(clock, timeZone).instant, problems };
}

function readLocal(path: string, text: string | undefined, problems: TargetingProblem[]): number | undefined {
  const clock = text === undefined ? undefined : parseLocal(text);
  if (text === undefined || (clock !== undefined && clock >= EARLIEST)) return clock;
  problems.push({
    path,
    code: 'INVALID_LOCAL_TIME',
    message: `${quote(text)} is not a local date-time; expected YYYY-MM-DDTHH:mm or YYYY-MM-DDTHH:mm:ss, a real date from 1970 on, without offset`,
  });
  return undefined;
}

const EARLIEST = Date.parse('1970-01-01T00:00:00Z');

function gapProblem(path: string, clock: number | undefined, timeZone: string): TargetingProblem[] {
  const gap = clock === undefined ? undefined : locate(clock, timeZone).gap;
  if (clock === undefined || !gap) return [];
  const message = `${formatLocal(clock)} does not exist in ${timeZone}: clocks go forward from ${gap.from} to ${gap.to}; the next valid time is ${gap.to}`;
  return [{ path, code: 'DST_GAP', message }];
}
