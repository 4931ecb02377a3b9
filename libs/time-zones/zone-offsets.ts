import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A decade of days, for every zone that is asked for. */
const DAYS_KEPT = 4_000;

/** How far a zone's clocks are from UTC, remembered by day: asking Intl takes some hundred times longer. */
export class ZoneOffsets {
  private static readonly zones = new Map<string, ZoneOffsets>();
  private readonly zone: IANAZone;
  /** UTC day → offset in milliseconds; `undefined` for a day on which it changes. */
  private readonly days = new Map<number, number | undefined>();

  private constructor(name: string) {
    this.zone = IANAZone.create(name);
  }

  /** @param name of a zone that exists, so that there are some six hundred at most */
  static of(name: string): ZoneOffsets {
    let offsets = this.zones.get(name);
    if (!offsets) this.zones.set(name, (offsets = new ZoneOffsets(name)));
    return offsets;
  }

  /** Milliseconds to add to `instant`, epoch milliseconds, for what the clocks show then. */
  at(instant: number): number {
    const day = Math.floor(instant / DAY_MS);
    if (!this.days.has(day)) this.remember(day);
    return this.days.get(day) ?? this.ask(instant);
  }

  /** No zone changes its clocks and changes them back within a day. */
  private remember(day: number): void {
    if (this.days.size >= DAYS_KEPT) this.days.clear();
    const [first, last] = [this.ask(day * DAY_MS), this.ask((day + 1) * DAY_MS - 1)];
    this.days.set(day, first === last ? first : undefined);
  }

  private ask(instant: number): number {
    return this.zone.offset(instant) * MINUTE_MS;
  }
}
