import type { Actor } from '../access/actor.js';
import { mayRead, readsAllOf } from '../access/reading.js';
import type { PlanGate } from './plan.js';
import { gatesForReader, HIDDEN_GATE } from './plan-for-reader.js';

/** Why a scheduled release was paused, as the scheduler stores it. */
interface StoredReason {
  code: string;
  message: string;
  /** Reasons that were stored by an older version name no documents that their messages concern. */
  gates?: (Omit<PlanGate, 'concerns'> & Partial<Pick<PlanGate, 'concerns'>>)[];
}

/** The text that replaces the e-mail address of a user and the scope of their missing grant. */
const SCHEDULER_LACKS_GRANT = 'the user who scheduled it no longer has the grant for release:publish for all of it';

/** Why a scheduled release was paused, as one reader may see it. */
export function pauseReason(stored: string, environment: string, reader: Actor): string {
  const { code, message, gates = [] }: StoredReason = JSON.parse(stored);
  if (code === 'FORBIDDEN') return SCHEDULER_LACKS_GRANT;
  if (readsAllOf(reader, environment)) return message;
  const known = gates.flatMap(({ concerns, ...gate }) => (concerns ? [{ ...gate, concerns }] : []));
  if (known.length === 0 || known.length < gates.length) return HIDDEN_GATE;
  const seen = gatesForReader(known, { document: ({ kind, site }) => mayRead(reader, { kind, site, environment }) });
  return seen.map((gate) => gate.message).join('; ');
}
