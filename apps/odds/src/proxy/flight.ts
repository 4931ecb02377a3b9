import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from './outcome.js';
import { leaseMs, type Permit, type Question, type SharedState } from './state/shared-state.js';

/** Notifications may get lost, so each waiter also checks this often. */
const LOOK_EVERY_MS = 250;

/** The caller disconnected. */
export class CallerLeft extends Error {}

/** All callers disconnected before the outcome was known. */
export class Abandoned extends Error {}

/** Asks the upstream, under a permit. It rejects only when the signal aborts. */
export type Ask = (question: Question, permit: Permit, signal: AbortSignal) => Promise<Outcome>;

/**
 * One attempt of this process to get the answer to a question, by asking or by waiting for another process that asks.
 * It belongs to no caller: it ends early only when the last caller has left.
 */
export class Flight {
  readonly begunAt: number;
  private readonly ended: Promise<Outcome>;
  private readonly abort = new AbortController();
  private waiters = 0;
  private kept = false;
  private permit: Permit | undefined;

  constructor(
    private readonly question: Question,
    private readonly state: SharedState,
    private readonly ask: Ask,
    private readonly now: () => number,
    private readonly onEmpty: () => void,
  ) {
    this.begunAt = now();
    this.ended = this.run();
    // Waiting callers get the error; without this handler a flight without callers would be an unhandled rejection.
    this.ended.catch(() => undefined);
  }

  /** Continues without waiting callers: clients that got a stale answer expect the next one to be newer. */
  keep(): void {
    this.kept = true;
  }

  get outcome(): Promise<Outcome> {
    return this.ended;
  }

  /** Waits for the outcome. @throws CallerLeft as soon as `signal` aborts; the other callers keep waiting */
  async join(signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) throw new CallerLeft();
    this.waiters += 1;
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(new CallerLeft());
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([this.ended, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      this.waiters -= 1;
      if (this.waiters === 0 && !this.kept && signal.aborted) void this.giveUp();
    }
  }

  /** Later callers start a new flight. Another process that waits for this answer still gets it. */
  private async giveUp(): Promise<void> {
    this.onEmpty();
    if (this.permit && !(await this.permit.abandon())) return;
    this.abort.abort(new Abandoned());
  }

  private async run(): Promise<Outcome> {
    const { signal } = this.abort;
    const { upstream } = this.question;
    const patientUntil = this.begunAt + leaseMs(upstream);
    const news = this.state.news(this.question);
    let leave: (() => Promise<void>) | undefined;
    let counted: string | undefined;
    try {
      for (;;) {
        const claim = await this.state.claim(this.question, counted);
        if (claim.kind === 'YOURS') {
          leave = undefined;
          return await this.askOurselves(claim.permit, signal);
        }
        if (claim.kind === 'DONE') return claim.outcome;
        if (claim.kind === 'RESTING') return { ok: false, failure: claim.failure };
        signal.throwIfAborted();
        const left = patientUntil - this.now();
        if (claim.kind === 'RUNNING') {
          ({ leave, fence: counted } = claim);
          if (left <= 0) return this.busy('another process asks the upstream and has no answer yet', upstream.windowMs);
          await news.next(Math.min(left, LOOK_EVERY_MS), signal);
        } else {
          if (claim.waitMs > left)
            return this.busy('it was asked in this window already, and no process waited for the answer', claim.waitMs);
          await delay(claim.waitMs, undefined, { signal });
        }
        signal.throwIfAborted();
      }
    } finally {
      news.close();
      if (signal.aborted) await leave?.();
    }
  }

  private async askOurselves(permit: Permit, signal: AbortSignal): Promise<Outcome> {
    this.permit = permit;
    let asking = signal;
    if (signal.aborted) {
      // All callers left while the permit was on its way. Another process may have begun to wait for this one.
      if (await permit.abandon()) throw new Abandoned();
      asking = new AbortController().signal;
    }
    const outcome = await this.ask(this.question, permit, asking);
    await permit.settle(outcome);
    return outcome;
  }

  private busy(detail: string, waitMs: number): Outcome {
    const at = this.now();
    return { ok: false, failure: { code: 'BUSY', detail, at, retryAt: at + waitMs } };
  }
}
