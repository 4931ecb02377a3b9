const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PAGES = ['home', 'football', 'tennis', 'in-play', 'promotions'] as const;
const PROMOS = ['summer-festival', 'price-boost-saturday', 'app-only-preview', 'welcome'] as const;
const SPORTS = ['football', 'football', 'football', 'tennis', 'golf', 'horse-racing'] as const;
const CHANNELS = ['web', 'web', 'app'] as const;

/** Shares of events that are late, repeated or malformed. */
const LATE = 0.02;
const TWICE = 0.02;
const BROKEN = 0.01;

/** An event on its way to a collector. */
export type SampleEvent = Readonly<Record<string, unknown>>;

/** Numbers from 0 to below 1. */
type Chance = () => number;

interface Visitor {
  user: string;
  session: string;
  channel: string;
  registered: boolean;
  /** Steps that the session still has. */
  left: number;
}

/**
 * Visitors of a sportsbook who look around, click on promos, join, deposit, bet and win or lose. The same seed gives
 * the same visitors and events. A few events are late, repeated or malformed, as in production.
 */
export class SampleVisitors {
  private readonly chance: Chance;
  private readonly visitors: Visitor[] = [];
  private readonly later: { at: number; event: SampleEvent }[] = [];
  private known = 0;
  private sent = 0;
  private owed = 0;

  /** @param run makes the ids of this run unique */
  constructor(
    seed: number,
    private readonly run: string,
    private readonly perSecond: number,
  ) {
    this.chance = mulberry32(seed);
  }

  /** The events of the time up to `now`. */
  step(now: number, elapsedMs: number): SampleEvent[] {
    this.owed += (elapsedMs / SECOND) * this.perSecond;
    const events: SampleEvent[] = [];
    while (this.owed >= 1) {
      this.owed -= 1;
      events.push(...this.spoilt(this.happens(now), now));
    }
    for (const due of this.later.filter(({ at }) => at <= now)) events.push(due.event);
    this.later.splice(0, this.later.length, ...this.later.filter(({ at }) => at > now));
    return events;
  }

  private happens(now: number): SampleEvent {
    const visitor = this.pickVisitor();
    visitor.left -= 1;
    const { user, session, channel } = visitor;
    const event = (name: string, fields: object): SampleEvent => ({
      event: name,
      id: this.nextId(),
      at: new Date(now).toISOString(),
      user,
      session,
      channel,
      ...fields,
    });
    const dice = this.chance();
    if (dice < 0.4) return event('page_view', { page: this.pick(PAGES) });
    if (dice < 0.65) return event('promo_impression', { promo: this.pick(PROMOS) });
    if (dice < 0.72) return event('promo_click', { promo: this.pick(PROMOS) });
    if (!visitor.registered) {
      visitor.registered = dice < 0.85;
      return visitor.registered ? event('registration', {}) : event('page_view', { page: this.pick(PAGES) });
    }
    if (dice < 0.8) return event('deposit', { amount: 5 * (1 + Math.floor(this.chance() * 20)), currency: 'GBP' });
    return this.bet(event, now);
  }

  private bet(event: (name: string, fields: object) => SampleEvent, now: number): SampleEvent {
    const stake = Math.round((0.5 + this.chance() * this.chance() * 50) * 100) / 100;
    const odds = Math.round((1.2 + this.chance() * 4) * 100) / 100;
    const sport = this.pick(SPORTS);
    const bet = `${this.run}-bet-${this.sent}`;
    const at = now + (30 + this.chance() * 270) * SECOND;
    // A margin of 5%: with fair odds, bets would win as often as the odds imply.
    const payout = this.chance() < 0.95 / odds ? Math.round(stake * odds * 100) / 100 : 0;
    const settled = event('bet_settled', { bet, sport, stake, payout, at: new Date(at).toISOString() });
    this.later.push({ at, event: settled });
    return event('bet_placed', { bet, sport, stake, odds, in_play: this.chance() < 0.4 });
  }

  /** The event as received, mostly unchanged. */
  private spoilt(event: SampleEvent, now: number): SampleEvent[] {
    const dice = this.chance();
    if (dice < LATE) return [{ ...event, at: new Date(now - (5 + this.chance() * 35) * MINUTE).toISOString() }];
    if (dice < LATE + TWICE) {
      this.later.push({ at: now + this.chance() * MINUTE, event });
      return [event];
    }
    if (dice < LATE + TWICE + BROKEN) return [this.broken(event, now)];
    return [event];
  }

  private broken(event: SampleEvent, now: number): SampleEvent {
    const faults: readonly (() => SampleEvent)[] = [
      () => ({ ...event, id: undefined }),
      () => ({ ...event, at: 'yesterday' }),
      () => ({ ...event, user: 42 }),
      () => ({ ...event, event: 'bet_plcaed' }),
      () => ({ ...event, at: new Date(now + 24 * 60 * MINUTE).toISOString() }),
    ];
    return (faults[Math.floor(this.chance() * faults.length)] ?? (() => event))();
  }

  /** A visitor whose session continues, or a new one; one of four is a returning visitor. */
  private pickVisitor(): Visitor {
    const present = this.visitors.filter(({ left }) => left > 0);
    const found = present[Math.floor(this.chance() * 12)];
    if (found) return found;
    const returning =
      this.visitors.length > 0 && this.chance() < 0.25
        ? this.visitors[Math.floor(this.chance() * this.visitors.length)]
        : undefined;
    const visitor = returning ?? this.newcomer();
    visitor.session = `${visitor.user}-${this.sent}`;
    visitor.left = 3 + Math.floor(this.chance() * 15);
    return visitor;
  }

  private newcomer(): Visitor {
    this.known += 1;
    const visitor = {
      user: `${this.run}-u${this.known}`,
      session: '',
      channel: this.pick(CHANNELS),
      registered: false,
      left: 0,
    };
    this.visitors.push(visitor);
    // Visitors without recent activity are dropped, so that a long run needs little memory.
    if (this.visitors.length > 2_000) this.visitors.shift();
    return visitor;
  }

  private nextId(): string {
    this.sent += 1;
    return `${this.run}-${this.sent}`;
  }

  private pick<T>(options: readonly [T, ...T[]]): T {
    return options[Math.floor(this.chance() * options.length)] ?? options[0];
  }
}

/** mulberry32 */
function mulberry32(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
