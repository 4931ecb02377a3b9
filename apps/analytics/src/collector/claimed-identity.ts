import { type IdentityLink, MAX_ID_LENGTH } from '../identity/link.js';
import { readTime } from './event-time.js';
import { type Rejection, reject } from './rejection.js';

/** The ids that a sender names beside or within an event; an empty text means that no id was given, and is left out. */
export interface ClaimedIdentity {
  user?: string;
  anonymous?: string;
  /** The id that `user` replaces. */
  previous?: string;
}

/** A Segment call that identifies a visitor, even where no contract turns it into an event. */
export interface IdentityCall extends ClaimedIdentity {
  call: 'identify' | 'alias';
  /** When it was made, as it was sent. */
  time?: unknown;
}

/** Whether a value gives no id: missing, null or an empty text. */
export function isMissingId(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** The ids of a message of Segment's API. */
export function claimedIdentity(message: Readonly<Record<string, unknown>>): ClaimedIdentity {
  const { userId, anonymousId, previousId } = message;
  return { ...named('user', userId), ...named('anonymous', anonymousId), ...named('previous', previousId) };
}

function named<const Role extends keyof ClaimedIdentity>(role: Role, value: unknown): { [role in Role]?: string } {
  const found: { [role in Role]?: string } = {};
  if (!isMissingId(value) && (typeof value === 'string' || typeof value === 'number')) found[role] = String(value);
  return found;
}

/** The links that a set of ids states: the visitor is the user, and the user had another id before. */
export function claimedLinks({ user, anonymous, previous }: ClaimedIdentity, at: number): IdentityLink[] {
  if (user === undefined) return [];
  return [
    ...(anonymous === undefined ? [] : [{ from: anonymous, user, alias: false, at }]),
    ...(previous === undefined ? [] : [{ from: previous, user, alias: true, at }]),
  ];
}

/** Why ids cannot be kept. */
export function identityProblem({ user, anonymous, previous }: ClaimedIdentity): Rejection | undefined {
  for (const [field, id] of [
    ['userId', user],
    ['anonymousId', anonymous],
    ['previousId', previous],
  ] as const) {
    if (id === undefined) continue;
    if (id.length > MAX_ID_LENGTH) return reject('ID_MISSING', `must have 1 to ${MAX_ID_LENGTH} characters`, field);
    if (!id.isWellFormed()) return reject('TEXT_INVALID', 'contains half a character', field);
  }
  return undefined;
}

/** The links of one call, or why it states none. */
export function callLinks(
  identity: IdentityCall,
  { receivedAt, skewMs }: { receivedAt: number; skewMs: number },
): IdentityLink[] | Rejection {
  const { call, user, anonymous, previous, time } = identity;
  const problem = identityProblem(identity);
  if (problem) return problem;
  const missing =
    call === 'alias'
      ? user === undefined
        ? 'userId'
        : previous === undefined
          ? 'previousId'
          : undefined
      : user === undefined && anonymous === undefined
        ? 'userId'
        : undefined;
  if (missing !== undefined) return reject('ID_MISSING', `is needed by ${call}`, missing);
  const made = time === undefined || time === null ? receivedAt - skewMs : readTime(time, 'timestamp');
  return typeof made === 'number' ? claimedLinks(identity, made + skewMs) : made;
}
