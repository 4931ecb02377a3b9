import type { Audience, Schedule } from '@paddock/contracts';
import type { Placement } from '../../documents/config-kind.js';

/** What has an audience and a schedule, as a placement: without the fields that it does not have. */
export function placementOf(
  path: string,
  { audience, schedule }: { audience?: Audience; schedule?: Schedule },
): Placement {
  return { path, ...(audience ? { audience } : {}), ...(schedule ? { schedule } : {}) };
}
