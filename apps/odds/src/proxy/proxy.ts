import { LRUCache } from 'lru-cache';
import type { OutboundClient } from '@paddock/outbound';
import { askUpstream } from './ask-upstream.js';
import { type Ask, Flight } from './flight.js';
import type { Answer, Failure, Outcome } from './outcome.js';
import { bytesOf } from './packed-bodies.js';
import type { Question, SharedState } from './state/shared-state.js';

/**
 * Where an answer came from: `HIT`, of this window; `MISS`, waited for; `UPDATING`, of the previous window, while the new
 * one is on its way; `STALE`, the last good one, because no newer one is available.
 */
export type Freshness = 'HIT' | 'MISS' | 'UPDATING' | 'STALE';

/** The answer to a caller. */
export interface Served {
  readonly answer: Answer;
  readonly freshness: Freshness;
  readonly ageMs: number;
  /** Why it is stale. */
  readonly failure?: Failure;
}

/** No answer may be shown: none is known, or the known one is too old. */
export class NotServed extends Error {
  constructor(
    readonly failure: Failure,
    /** When the upstream last answered; `undefined` where this process does not know. */
    readonly lastGoodAt: number | undefined,
  ) {
    super(failure.detail);
  }
}

/** The state kept for a question. */
interface Known {
  readonly answer?: Answer;
  /** When the answer came in here. */
  readonly learnedAt: number;
  readonly failure?: Failure;
}

export interface ProxyOptions {
  readonly state: SharedState;
  /** The way to upstreams. */
  readonly outbound: OutboundClient;
  /** Memory for answers, in bytes. */
  readonly cacheBytes: number;
  readonly now?: () => number;
  readonly onAsked?: (upstream: string, outcome: Outcome, ms: number) => void;
}

/** Cost of an entry besides its body. */
const ENTRY_BYTES = 1_000;

/** Limit of different questions under way at once, so that one client cannot use up all sockets and memory. */
const MAX_FLIGHTS = 512;

function overloaded({ upstream }: Question, at: number): Failure {
  return {
    code: 'BUSY',
    detail: `${MAX_FLIGHTS} other questions are being asked`,
    at,
    retryAt: at + upstream.windowMs,
  };
}

/** Answers questions to third parties from memory, and asks each of them at most once per window. */
export class Proxy {
  private readonly known: LRUCache<string, Known>;
  private readonly flights = new Map<string, Flight>();
  private readonly now: () => number;

  constructor(private readonly options: ProxyOptions) {
    this.now = options.now ?? Date.now;
    this.known = new LRUCache({
      maxSize: options.cacheBytes,
      sizeCalculation: ({ answer }) => ENTRY_BYTES + (answer ? bytesOf(answer) : 0),
    });
  }

  /** Requests under way, and bytes in memory. */
  get load(): { flights: number; bytes: number } {
    return { flights: this.flights.size, bytes: this.known.calculatedSize };
  }

  /** @throws NotServed; CallerLeft when `signal` aborts before there is an answer */
  async read(question: Question, signal: AbortSignal): Promise<Served> {
    const { windowMs } = question.upstream;
    const now = this.now();
    const known = this.known.get(question.id);
    if (known?.answer && known.answer.window >= Math.floor(now / windowMs))
      return this.serve(question, known.answer, 'HIT');
    if (known?.failure && now < known.failure.retryAt) return this.serveDespite(question, known.answer, known.failure);
    const underWay = this.flights.get(question.id);
    if (!underWay && this.flights.size >= MAX_FLIGHTS)
      return this.serveDespite(question, known?.answer, overloaded(question, now));
    const flight = underWay ?? this.begin(question, known);
    const current = known?.answer && this.isCurrent(question, known, flight) ? known.answer : undefined;
    if (current) {
      flight.keep();
      return this.serve(question, current, known?.failure ? 'STALE' : 'UPDATING', known?.failure);
    }
    const outcome = await flight.join(signal);
    if (outcome.ok) return this.serve(question, outcome.answer, 'MISS');
    return this.serveDespite(question, this.known.get(question.id)?.answer, outcome.failure);
  }

  /**
   * May the last answer be shown while the next one is on its way? Under constant polling it is older than a window only
   * by the upstream's response time. For a question that was not asked for a while, the caller waits instead.
   */
  private isCurrent({ upstream }: Question, { answer, learnedAt, failure }: Known, flight: Flight): boolean {
    if (!answer || this.now() - answer.asOf > upstream.silenceMs) return false;
    const { windowMs } = upstream;
    if (failure && flight.begunAt - failure.retryAt <= windowMs) return true;
    return flight.begunAt - learnedAt <= 2 * windowMs;
  }

  private begin(question: Question, known: Known | undefined): Flight {
    const { id, upstream } = question;
    const ask: Ask = async (_question, { window }, signal) => {
      const begun = performance.now();
      const outcome = await askUpstream({
        outbound: this.options.outbound,
        upstream,
        target: question.target,
        window,
        previous: known?.answer,
        signal,
      });
      this.options.onAsked?.(upstream.key, outcome, performance.now() - begun);
      return outcome;
    };
    const forget = (): void => {
      if (this.flights.get(id) === flight) this.flights.delete(id);
    };
    const flight: Flight = new Flight(question, this.options.state, ask, this.now, forget);
    this.flights.set(id, flight);
    flight.outcome
      .then((outcome) => this.learn(id, outcome))
      .catch(() => undefined)
      .finally(forget);
    return flight;
  }

  private learn(id: string, outcome: Outcome): void {
    const { answer: previous, learnedAt = 0 } = this.known.peek(id) ?? {};
    if (outcome.ok) {
      if (!previous || previous.requestedAt <= outcome.answer.requestedAt)
        this.known.set(id, { answer: outcome.answer, learnedAt: this.now() });
    } else {
      this.known.set(id, { ...(previous ? { answer: previous } : {}), learnedAt, failure: outcome.failure });
    }
  }

  private serve({ upstream }: Question, answer: Answer, freshness: Freshness, failure?: Failure): Served {
    const now = this.now();
    const ageMs = Math.max(0, now - answer.asOf);
    if (ageMs <= upstream.silenceMs) return { answer, freshness, ageMs, ...(failure ? { failure } : {}) };
    const old: Failure = {
      code: 'UPSTREAM_ERROR',
      detail: `what the upstream says is older than ${upstream.silenceMs} ms`,
      at: now,
      retryAt: (answer.window + 1) * upstream.windowMs,
    };
    throw new NotServed(failure ?? old, answer.asOf);
  }

  private serveDespite(question: Question, answer: Answer | undefined, failure: Failure): Served {
    if (answer) return this.serve(question, answer, 'STALE', failure);
    throw new NotServed(failure, undefined);
  }
}
