import { type MarketDefinition, marketId, type OddsChange, type Result, toThousandths } from '@paddock/contracts';
import { chances } from './goal-model.js';
import type { SeededRandom } from './random.js';

const MINUTES = 90;
/** The bookmaker's share. */
const MARGIN = 1.05;
/** How long betting stops after a goal, in match minutes. */
const STOP_MINUTES = 1;
const LOWEST = 1.01;
const HIGHEST = 200;

interface SimulatedMarket {
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly runners: readonly string[];
}

/** The two teams, and the time of the match. */
export interface Pairing {
  readonly number: number;
  readonly home: string;
  readonly away: string;
  readonly competition: string;
  readonly country: string;
  /** When it begins and ends, in milliseconds. */
  readonly startAt: number;
  readonly endAt: number;
}

interface Goal {
  readonly minute: number;
  readonly side: 0 | 1;
}

/**
 * One football match. Its goals are drawn beforehand, so the score at any time is the same after a restart; only the
 * noise in its prices is drawn during the match.
 */
export class Match {
  private readonly strength: readonly [number, number];
  private readonly goals: readonly Goal[];
  private readonly markets: readonly SimulatedMarket[];
  private readonly event: string;
  private goalsSeen = 0;
  private announced = false;
  private finished = false;

  constructor(
    private readonly feed: string,
    private readonly pairing: Pairing,
    private readonly random: SeededRandom,
  ) {
    const { home, away, number } = pairing;
    this.event = marketId(feed, String(number));
    this.strength = [0.9 + random.next() * 1.3, 0.6 + random.next() * 1.2];
    this.goals = ([0, 1] as const)
      .flatMap((side) => goalsOf(side, this.strength[side], random))
      .toSorted((a, b) => a.minute - b.minute);
    this.markets = [
      { key: 'match-odds', type: 'MATCH_ODDS', name: 'Match odds', runners: [home, 'Draw', away] },
      { key: 'goals-2.5', type: 'OVER_UNDER_25', name: 'Over/under 2.5 goals', runners: ['Over 2.5', 'Under 2.5'] },
      { key: 'both-score', type: 'BOTH_TEAMS_TO_SCORE', name: 'Both teams to score', runners: ['Yes', 'No'] },
    ];
  }

  get over(): boolean {
    return this.finished;
  }

  /** The changes up to `now`; often none. */
  tick(now: number): OddsChange[] {
    if (this.finished) return [];
    if (now >= this.pairing.endAt) return this.end(now);
    const minute = this.minuteAt(now);
    const goals = this.goals.filter((goal) => goal.minute <= minute).length;
    const scored = goals > this.goalsSeen;
    this.goalsSeen = goals;
    if (scored && this.announced)
      return [{ type: 'bet_stop', ...this.moment(now), event: this.event, status: 'SUSPENDED' }];
    return this.stoppedAt(minute) ? [] : this.quotes(now, !this.announced);
  }

  /** Reports everything about the match again. */
  image(now: number): OddsChange[] {
    return this.finished ? [] : this.quotes(now, true);
  }

  private quotes(now: number, whole: boolean): OddsChange[] {
    this.announced ||= whole;
    const minute = this.minuteAt(now);
    const quoted = this.chancesAt(minute);
    return this.markets.flatMap((market, at): OddsChange[] => {
      // Prices move a little all the time, not all at once.
      if (!whole && this.random.next() < 0.5) return [];
      return [
        {
          type: 'market',
          ...this.moment(now),
          ...this.about(market),
          ...(whole ? { img: true, definition: this.definition(market) } : {}),
          status: this.stoppedAt(minute) ? 'SUSPENDED' : 'OPEN',
          inPlay: minute > 0,
          runners: (quoted[at] ?? []).map((chance, runner) => ({
            id: runner + 1,
            p: toThousandths(this.price(chance)),
          })),
        },
      ];
    });
  }

  private end(now: number): OddsChange[] {
    this.finished = true;
    // With nothing left to play one outcome of each market is certain.
    const certain = this.chancesAt(MINUTES);
    return this.markets.flatMap((market, at): OddsChange[] => {
      const results = (certain[at] ?? []).map((chance, runner) => ({ id: runner + 1, result: resultOf(chance > 0.5) }));
      const about = { ...this.moment(now), ...this.about(market) };
      return [
        { type: 'market', ...about, status: 'CLOSED', inPlay: false },
        { type: 'settlement', ...about, state: 'SETTLED', certainty: 'CONFIRMED', results },
      ];
    });
  }

  /** By market, then by runner. */
  private chancesAt(minute: number): number[][] {
    const left = 1 - minute / MINUTES;
    const score = ([0, 1] as const).map(
      (side) => this.goals.filter((goal) => goal.side === side && goal.minute <= minute).length,
    );
    const { home, draw, away, over, both } = chances({ home: this.strength[0] * left, away: this.strength[1] * left }, [
      score[0] ?? 0,
      score[1] ?? 0,
    ]);
    return [
      [home, draw, away],
      [over, 1 - over],
      [both, 1 - both],
    ];
  }

  private minuteAt(now: number): number {
    const { startAt, endAt } = this.pairing;
    return Math.min(MINUTES, Math.max(0, ((now - startAt) / (endAt - startAt)) * MINUTES));
  }

  private stoppedAt(minute: number): boolean {
    return this.goals.some((goal) => goal.minute <= minute && minute < goal.minute + STOP_MINUTES);
  }

  /** Fair odds less the margin, with some noise, in the steps that bookmakers use. */
  private price(chance: number): number {
    const noise = 1 + (this.random.next() - 0.5) * 0.02;
    const odds = Math.min(Math.max(noise / (Math.max(chance, 1e-4) * MARGIN), LOWEST), HIGHEST);
    const steps = odds > 10 ? 10 : 100;
    return Math.round(odds * steps) / steps;
  }

  private definition({ type, name, runners }: SimulatedMarket): MarketDefinition {
    const { home, away, competition, country, startAt } = this.pairing;
    return {
      event: this.event,
      eventName: `${home} v ${away}`,
      sport: 'football',
      competition,
      country,
      type,
      name,
      startTime: new Date(startAt).toISOString(),
      winners: 1,
      groups: ['all'],
      runners: runners.map((runner, at) => ({ id: at + 1, name: runner })),
    };
  }

  private about({ key }: SimulatedMarket): { readonly market: string; readonly event: string } {
    return { market: `${this.event}/${key}`, event: this.event };
  }

  private moment(now: number) {
    return { source: { feed: this.feed, pt: now }, at: now };
  }
}

/** Goals come at exponentially distributed distances: a Poisson process. */
function goalsOf(side: 0 | 1, expected: number, random: SeededRandom): Goal[] {
  const goals: Goal[] = [];
  for (let minute = 0; ;) {
    minute += (-Math.log(1 - random.next()) * MINUTES) / expected;
    if (minute >= MINUTES) return goals;
    goals.push({ minute, side });
  }
}

function resultOf(won: boolean): Result {
  return won ? 'WON' : 'LOST';
}
