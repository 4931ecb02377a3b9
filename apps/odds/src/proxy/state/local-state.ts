import { LRUCache } from 'lru-cache';
import { type Failure, isBreaking, type Outcome } from '../outcome.js';
import { Notifier } from './notifier.js';
import {
  type Claim,
  FAILURES_BEFORE_REST,
  leaseMs,
  type News,
  type Permit,
  type Question,
  resting,
  type SharedState,
} from './shared-state.js';

/** The last request about one question. */
interface Slot {
  readonly window: number;
  readonly fence: number;
  readonly until: number;
  done: boolean;
  waiting: number;
  failure?: Failure;
}

interface UpstreamState {
  failures: number;
  /** Until when, and why, the upstream is not asked: its own `Retry-After`, and our cooldown. */
  throttled?: Failure;
  rest?: { failure: Failure; probing: boolean };
}

/** Questions whose last request is kept. */
const MAX_SLOTS = 100_000;

/** Agreement within one process. It stores no answers: the caller has them in memory. */
export class LocalState implements SharedState {
  private readonly slots = new LRUCache<string, Slot>({ max: MAX_SLOTS });
  private readonly upstreams = new Map<string, UpstreamState>();
  private readonly notifier = new Notifier();
  private fences = 0;

  constructor(private readonly now: () => number = Date.now) {}

  claim(question: Question, counted: string | undefined): Promise<Claim> {
    return Promise.resolve(this.decide(question, counted));
  }

  news({ id }: Question): News {
    return this.notifier.subscribe(id);
  }

  private decide(question: Question, counted: string | undefined): Claim {
    const { id, upstream } = question;
    const now = this.now();
    const window = Math.floor(now / upstream.windowMs);
    const slot = this.slots.get(id);
    if (slot && !slot.done && slot.until > now) return this.join(slot, counted);
    if (slot?.done && slot.window >= window) {
      const { failure } = slot;
      return failure
        ? { kind: 'DONE', outcome: { ok: false, failure } }
        : { kind: 'LATER', waitMs: (slot.window + 1) * upstream.windowMs - now };
    }
    const state = this.stateOf(upstream.key);
    const rest = this.restOf(question, state, now);
    if (rest) return { kind: 'RESTING', failure: rest };
    if (state.failures >= FAILURES_BEFORE_REST)
      state.rest = {
        failure: resting(upstream, now, now + leaseMs(upstream), 'one request is finding out whether it is back'),
        probing: true,
      };
    const taken: Slot = { window, fence: (this.fences += 1), until: now + leaseMs(upstream), done: false, waiting: 0 };
    this.slots.set(id, taken);
    return { kind: 'YOURS', permit: this.permit(question, taken) };
  }

  private join(slot: Slot, counted: string | undefined): Claim {
    const fence = String(slot.fence);
    if (counted !== fence) slot.waiting += 1;
    return { kind: 'RUNNING', fence, leave: () => Promise.resolve(void (slot.waiting -= 1)) };
  }

  private permit(question: Question, slot: Slot): Permit {
    const isOurs = (): boolean => this.slots.get(question.id) === slot && !slot.done;
    return {
      window: slot.window,
      settle: (outcome) => {
        const ours = isOurs();
        slot.done = true;
        if (!outcome.ok) slot.failure = outcome.failure;
        if (ours) this.note(question, outcome);
        this.notifier.notify(question.id);
        return Promise.resolve(ours);
      },
      abandon: () => {
        if (isOurs() && slot.waiting > 0) return Promise.resolve(false);
        slot.done = true;
        this.notifier.notify(question.id);
        return Promise.resolve(true);
      },
    };
  }

  private note({ upstream }: Question, outcome: Outcome): void {
    const state = this.stateOf(upstream.key);
    if (outcome.ok) {
      state.failures = 0;
      delete state.rest;
      return;
    }
    const { failure } = outcome;
    if (failure.code === 'UPSTREAM_THROTTLED') {
      delete state.rest;
      state.throttled = resting(upstream, failure.at, failure.restUntil ?? failure.retryAt, failure.detail);
    } else if (isBreaking(failure)) {
      state.failures += 1;
      if (state.failures >= FAILURES_BEFORE_REST)
        state.rest = {
          failure: resting(upstream, failure.at, failure.at + upstream.cooldownMs, failure.detail),
          probing: false,
        };
    } else delete state.rest;
  }

  private restOf({ upstream }: Question, { throttled, rest }: UpstreamState, now: number): Failure | undefined {
    if (throttled && throttled.retryAt > now) return throttled;
    if (!rest || rest.failure.retryAt <= now) return undefined;
    // The response time of the one request is unknown: check again in the next window.
    return rest.probing
      ? { ...rest.failure, retryAt: Math.min(rest.failure.retryAt, now + upstream.windowMs) }
      : rest.failure;
  }

  private stateOf(upstream: string): UpstreamState {
    const known = this.upstreams.get(upstream);
    if (known) return known;
    const fresh: UpstreamState = { failures: 0 };
    this.upstreams.set(upstream, fresh);
    return fresh;
  }
}
