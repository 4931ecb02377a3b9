import type { EventSchemaBody } from '@paddock/metrics';
import { type Minute, personsOf, type Store, WINDOW_MS } from '../store/store.js';
import { type TimePolicy, timePolicy } from './policies.js';
import { type Finality, finalityOf, Watermark } from './watermark.js';

interface Source {
  policy: TimePolicy;
  watermark: Watermark;
  /** Closed windows that got events and still count as revised, each with the watermark of that change. */
  revised: Map<Minute, number>;
  /** The same where only the person of an event changed; it does not affect numbers without persons. */
  regrouped: Map<Minute, number>;
}

/**
 * Until when a window counts as revised: until it is final or, where it was final before, until as much time has passed
 * again. A number that was shown as final must not change without a sign.
 */
function revisedUntil(minute: Minute, at: number, latenessMs: number): number {
  const end = (minute + 1) * WINDOW_MS;
  return (end + latenessMs <= at ? at : end) + latenessMs;
}

/** The event time of each source: its watermark, and the windows that late events changed. */
export class Sources {
  private readonly sources = new Map<string, Source>();

  constructor(private readonly store: Store) {}

  /** Applies a contract's rules. A new source starts from its newest stored window. */
  async follow(contract: EventSchemaBody, now: number): Promise<void> {
    const policy = timePolicy(contract.time);
    const known = this.sources.get(contract.event);
    if (known) {
      known.policy = policy;
      known.watermark.follow(policy);
      return;
    }
    const watermark = new Watermark(policy);
    const newest = await this.store.newestMinute(contract.event);
    if (newest !== undefined) watermark.observe(newest * WINDOW_MS, now, now);
    const since = watermark.at(now) - policy.latenessMs;
    const recent = async (scope: string) =>
      newest === undefined ? new Map<Minute, number>() : this.store.revisedSince(scope, since);
    this.sources.set(contract.event, {
      policy,
      watermark,
      revised: await recent(contract.event),
      regrouped: await recent(personsOf(contract.event)),
    });
  }

  /** Records closed windows that are about to change. Call it before their events are stored. */
  async revise(
    event: string,
    minutes: readonly Minute[],
    now: number,
    { persons = false }: { persons?: boolean } = {},
  ): Promise<void> {
    const source = this.sources.get(event);
    if (!source) return;
    const watermark = source.watermark.at(now);
    const closed = minutes.filter((minute) => (minute + 1) * WINDOW_MS <= watermark);
    if (closed.length === 0) return;
    await this.store.revise(persons ? personsOf(event) : event, closed, watermark);
    const revised = persons ? source.regrouped : source.revised;
    for (const minute of closed) revised.set(minute, watermark);
    for (const [minute, at] of revised)
      if (revisedUntil(minute, at, source.policy.latenessMs) <= watermark) revised.delete(minute);
  }

  /** The events that are followed. */
  get events(): Iterable<string> {
    return this.sources.keys();
  }

  /** Records events up to `newestEvent`. */
  observe(event: string, newestEvent: number, receivedAt: number, now: number): void {
    this.sources.get(event)?.watermark.observe(newestEvent, receivedAt, now);
  }

  /** Milliseconds; -Infinity for a source without events. */
  watermark(event: string, now: number): number {
    return this.sources.get(event)?.watermark.at(now) ?? -Infinity;
  }

  /**
   * A value that changes whenever time alone may change the finality of windows up to `end`: with each second while
   * some are open, with each minute until all are final.
   */
  stamp(event: string, end: number, now: number): string {
    const source = this.sources.get(event);
    if (!source) return 'unknown';
    const watermark = source.watermark.at(now);
    if (watermark >= end + source.policy.latenessMs && !isRevised(source, 0, end, watermark, true)) return 'final';
    return watermark >= end ? `closed ${Math.floor(watermark / WINDOW_MS)}` : `open ${Math.floor(watermark / 1_000)}`;
  }

  /** The finality of the time from `start` to `end`; `persons` for numbers that depend on resolved identities. */
  finality(event: string, start: number, end: number, now: number, persons = false): Finality {
    const source = this.sources.get(event);
    if (!source) return 'OPEN';
    const watermark = source.watermark.at(now);
    return finalityOf(end, watermark, source.policy.latenessMs, isRevised(source, start, end, watermark, persons));
  }
}

function isRevised(
  { revised, regrouped, policy }: Source,
  start: number,
  end: number,
  watermark: number,
  persons: boolean,
): boolean {
  const [first, last] = [Math.floor(start / WINDOW_MS), Math.ceil(end / WINDOW_MS)];
  const within = ([minute, at]: readonly [Minute, number]): boolean =>
    minute >= first && minute < last && watermark < revisedUntil(minute, at, policy.latenessMs);
  return [...revised].some(within) || (persons && [...regrouped].some(within));
}
