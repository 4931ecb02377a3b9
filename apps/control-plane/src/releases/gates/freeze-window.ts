import { onlyHides, openFreezes } from '../freezes.js';
import type { Gate } from './gate.js';

/** Publishing is frozen at the moment. */
export const freezeWindow: Gate = {
  code: 'FREEZE_WINDOW',
  title: 'Publishing is frozen',
  appears: 'A freeze window of the environment is open at the moment of the plan, or at the time of the schedule.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'RELEASE',
  refusesSchedule: true,
  resolution: {
    mutation: 'scheduleRelease',
    hint: 'Schedule the release for a time after the window with scheduleRelease, or wait. An administrator can end the window with removeFreezeWindow.',
  },
  override: null,
  exceptions:
    'A release after which every visitor sees at most what they saw before, such as a market rule that hides.',
  find(input) {
    if (onlyHides(input, input.kindOf)) return [];
    return openFreezes(input).map(({ endsAt, reason }) => ({
      message: `frozen until ${endsAt.toISOString()}: ${reason}`,
      concerns: [],
    }));
  },
};

/** A freeze window is open, and the release passes it. */
export const freezePassed: Gate = {
  code: 'FREEZE_PASSED',
  title: 'The release passes a freeze window',
  appears: 'A freeze window is open, and after the release every visitor sees at most what they saw before.',
  appliesTo: 'FORWARD',
  severity: 'WARNING',
  subject: 'RELEASE',
  refusesSchedule: false,
  resolution: null,
  override: null,
  find(input) {
    if (!onlyHides(input, input.kindOf)) return [];
    return openFreezes(input).map(({ endsAt, reason }) => ({
      message: `frozen until ${endsAt.toISOString()} (${reason}); this release passes, because it only hides`,
      concerns: [],
    }));
  },
};
