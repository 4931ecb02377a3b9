import { LRUCache } from 'lru-cache';
import { type Minute, WINDOW_MS } from '../store/store.js';
import type { Interval } from './interval.js';

/** The inputs of an answer. */
export interface Dependency {
  events: readonly string[];
  /** The time whose events can change it. */
  span: Interval;
}

interface Entry {
  answer: Promise<unknown>;
  dependency: Dependency;
}

const MAX_ENTRIES = 500;

/**
 * A cache of answers, each computed once. An answer is valid until events of one of its windows are announced or
 * stored; there is no time to live, and no stale answer is returned. Requests during a computation share its result,
 * unless its windows were touched since.
 */
export class AnswerCache {
  private readonly entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  hits = 0;
  misses = 0;

  async read<T>(
    key: string,
    dependency: Dependency,
    isAnswer: (value: unknown) => value is T,
    compute: () => Promise<T>,
  ): Promise<T> {
    const known = this.entries.get(key);
    if (known) {
      const answer = await known.answer;
      if (isAnswer(answer)) {
        this.hits += 1;
        return answer;
      }
    }
    this.misses += 1;
    const answer = compute();
    const entry = { answer, dependency };
    this.entries.set(key, entry);
    // A failed computation is not cached.
    answer.catch(() => this.entries.peek(key) === entry && this.entries.delete(key));
    return answer;
  }

  /** Drops the answers that events of these windows can change, also those that are still being computed. */
  touched(event: string, minutes: readonly Minute[]): void {
    if (minutes.length === 0) return;
    const start = minutes.reduce((least, minute) => Math.min(least, minute), Infinity) * WINDOW_MS;
    const end = (minutes.reduce((most, minute) => Math.max(most, minute), -Infinity) + 1) * WINDOW_MS;
    for (const [key, { dependency }] of this.entries.entries()) {
      if (dependency.events.includes(event) && dependency.span.start < end && start < dependency.span.end)
        this.entries.delete(key);
    }
  }

  /** Definitions changed. */
  clear(): void {
    this.entries.clear();
  }
}
