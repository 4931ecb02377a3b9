import { continuesFrom, type LandedChange } from '@paddock/contracts';
import type { ConfigPosition } from './config-state.js';

/** The input of a follower's decision. */
export interface Situation {
  /** The position of the held state; `undefined` before the first. */
  readonly held: ConfigPosition | undefined;
  readonly head: ConfigPosition;
  /** All releases after `held` up to the head; `LOST` where one of them is no longer kept. Absent: not read yet. */
  readonly between?: readonly LandedChange[] | 'LOST' | undefined;
  /** The failed steps towards this head. */
  readonly failed?: FailedSteps | undefined;
}

/** Steps towards one head that failed. */
export interface FailedSteps {
  readonly attempts: number;
  /** Steps that end at this release or a later one are not tried again for this head. */
  readonly from: number;
}

/**
 * What a follower does next. `STAY`: it holds the head. `WAIT`: the head is behind the held state, so upstream lost
 * releases that will come back. `FORWARD`: apply the releases `from` to `to` together. `STOP`: no further release can be
 * applied, and the held state stays in force. `READ_ALL`: releases do not lead to the head, so everything live is read.
 */
export type Decision =
  | { readonly action: 'STAY' }
  | { readonly action: 'WAIT' }
  | { readonly action: 'FORWARD'; readonly from: number; readonly to: number }
  | { readonly action: 'STOP' }
  | { readonly action: 'READ_ALL'; readonly why: string };

/** After this many failures the distance is halved; before, each step ends right before the known failure. */
const SINGLE_STEPS = 20;

/** Decides the next step from the held state to the head. It never goes back within one history. */
export function decideStep({ held, head, between, failed }: Situation): Decision {
  if (!held) return { action: 'READ_ALL', why: 'no state is held' };
  if (held.epoch !== head.epoch) return { action: 'READ_ALL', why: 'another history' };
  if (head.seq < held.seq) return { action: 'WAIT' };
  if (head.seq === held.seq && head.stateHash === held.stateHash) return { action: 'STAY' };
  if (head.seq === held.seq) return { action: 'READ_ALL', why: 'another state at the same seq' };
  if (between === 'LOST') return { action: 'READ_ALL', why: 'releases in between are no longer kept' };
  if (between && !continuesFrom(held, between))
    return { action: 'READ_ALL', why: 'the releases do not continue from the state held here' };
  const to = endOfStep(held.seq, head.seq, failed);
  return to === undefined ? { action: 'STOP' } : { action: 'FORWARD', from: held.seq + 1, to };
}

/**
 * All releases at first. Behind a failure, ends are tried one by one, newest first, because most failures lie at the
 * head; then the distance is halved, so that any number of releases takes a few attempts.
 */
function endOfStep(held: number, head: number, failed: FailedSteps | undefined): number | undefined {
  if (!failed) return head;
  const newest = failed.from - 1;
  if (newest <= held) return undefined;
  return failed.attempts < SINGLE_STEPS ? newest : held + Math.ceil((newest - held) / 2);
}

/**
 * Notes that the step to `to` failed.
 * @param since the oldest release from which on every step up to `to` fails for the same reason, where that is known
 */
export function afterFailure(failed: FailedSteps | undefined, to: number, since = to): FailedSteps {
  return { attempts: (failed?.attempts ?? 0) + 1, from: Math.min(to, since) };
}

/**
 * May a state that was read in full replace the held state? Upstream may have moved while it was read, and within one
 * history the seq never goes back.
 */
export function mayReplace(held: ConfigPosition | undefined, read: ConfigPosition): boolean {
  return !held || held.epoch !== read.epoch || read.seq >= held.seq;
}
