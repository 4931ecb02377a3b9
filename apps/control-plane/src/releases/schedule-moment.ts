import { localInstant, type TargetingProblem } from '@paddock/audience';
import { isTimeZone } from '@paddock/time-zones';
import { FieldProblem } from '../graphql/problems.js';

export interface ScheduleRequest {
  id: string;
  /** When, as an instant. Either this or `atLocal`. */
  at: Date | undefined;
  /** When, by the clocks of `timeZone`: `2026-12-04T18:00`. */
  atLocal: string | undefined;
  /** The IANA zone in which the operator thinks of it. */
  timeZone: string;
}

/**
 * When a release shall land: an instant, or a local time of the zone by the same rules as the schedules of documents (a
 * time that occurs twice means its first occurrence; one that the clocks skip is refused).
 */
export function momentOf(
  { at, atLocal, timeZone }: Omit<ScheduleRequest, 'id'>,
  now: Date,
): { at: Date | undefined; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const refuse = (path: string, code: string, message: string) => problems.push(new FieldProblem(path, code, message));
  if ((at === undefined) === (atLocal === undefined))
    refuse('at', 'EXACTLY_ONE', 'send either at, an instant with its offset, or atLocal, a local time of timeZone');
  const zoneKnown = isTimeZone(timeZone);
  const local = atLocal === undefined ? undefined : localInstant('atLocal', atLocal, zoneKnown ? timeZone : 'UTC');
  for (const problem of local?.problems ?? []) problems.push(asField(problem));
  const moment = at ?? (local?.instant === undefined ? undefined : new Date(local.instant));
  if (moment && (at !== undefined || zoneKnown) && moment <= now) {
    const field = at ? 'at' : 'atLocal';
    refuse(field, 'NOT_IN_FUTURE', `${moment.toISOString()} is past; it is ${now.toISOString()}`);
  }
  if (!zoneKnown) {
    const message = `${JSON.stringify(timeZone.slice(0, 60))} is not a time zone; use an IANA name such as Europe/London`;
    refuse('timeZone', 'UNKNOWN_TIME_ZONE', message);
  }
  return { at: moment, problems };
}

const asField = ({ path, code, message }: TargetingProblem): FieldProblem => new FieldProblem(path, code, message);
