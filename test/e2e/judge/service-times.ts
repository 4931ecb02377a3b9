import type { EdgeEvent, Read } from './history.js';

/** When one process of an edge was expected to answer. */
interface Service {
  readonly from: number;
  to: number;
  /** A kill may cut what is under way; an orderly end may not. */
  killed: boolean;
  askedToEndAt: number;
}

/** The end of a process is seen a moment after its connections broke. */
const SEEN_LATE_MS = 1_000;

/** When each edge was in service, by what happened to its processes. */
export class ServiceTimes {
  private readonly services = new Map<number, Service[]>();
  private readonly pauses = new Map<number, { from: number; to: number }[]>();

  constructor(events: readonly EdgeEvent[]) {
    for (const event of events) this.add(event);
  }

  /** May a read of an edge fail? Only where no process was in service, or it was killed or stood still meanwhile. */
  excusesFailure({ edge, from, to }: Read): boolean {
    const service = this.services.get(edge)?.find((one) => one.from <= from && from < one.to);
    if (!service || from >= service.askedToEndAt || this.isPaused(edge, from, to)) return true;
    return service.killed && service.to <= to + SEEN_LATE_MS;
  }

  /** Was an edge in service when a read was sent? */
  wasReady({ edge, from }: Read): boolean {
    return this.services.get(edge)?.some((one) => one.from <= from && from < one.to) ?? false;
  }

  isPaused(edge: number, from: number, to: number): boolean {
    return this.pauses.get(edge)?.some((pause) => pause.from < to && pause.to > from) ?? false;
  }

  private add({ edge, at, what, signal }: EdgeEvent): void {
    const services = this.services.get(edge) ?? [];
    const pauses = this.pauses.get(edge) ?? [];
    this.services.set(edge, services);
    this.pauses.set(edge, pauses);
    const [service, pause] = [services.at(-1), pauses.at(-1)];
    if (what === 'ready') services.push({ from: at, to: Infinity, killed: false, askedToEndAt: Infinity });
    if (what === 'paused') pauses.push({ from: at, to: Infinity });
    if (what === 'asked to end' && service) service.askedToEndAt = at;
    if ((what === 'resumed' || what === 'ended') && pause) pause.to = Math.min(pause.to, at);
    if (what !== 'ended' || !service || service.to !== Infinity) return;
    service.to = at;
    service.killed = signal === 'SIGKILL';
  }
}
