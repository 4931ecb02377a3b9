import type { OddsChange } from '@paddock/contracts';
import { Match } from './match.js';
import { SeededRandom } from './random.js';

/** Invented clubs, so that a simulated price is not taken for a real one. */
const LEAGUES = [
  {
    competition: 'Northern League',
    country: 'GB',
    clubs: [
      'Ashford Rovers',
      'Blackmoor Town',
      'Carrick Athletic',
      'Dunmere City',
      'Eastvale United',
      'Fernhill',
      'Glenbrook Albion',
      'Harrow Vale',
    ],
  },
  {
    competition: 'Liga del Sol',
    country: 'ES',
    clubs: ['Alborada', 'Bahía Clara', 'Costa Lisa CF', 'Deportivo Luna', 'Estrella Mayor', 'Fuente Vieja'],
  },
] as const;

/** The parameters of a simulated day. */
export interface MatchDayOptions {
  readonly feed: string;
  readonly seed: number;
  /** Number of pitches: as many matches are announced or under way at any time. */
  readonly matches: number;
  /** How long a match lasts in reality, in milliseconds. */
  readonly matchMs: number;
}

/** Share of a pitch's time in which its next match is announced and not yet begun. */
const BEFORE = 0.4;

/**
 * Matches without end, one after the other on every pitch. Which match is on, and its goals, follow from the seed and the
 * time alone, so a restart continues the same matches, and settles those that ended meanwhile.
 */
export class MatchDay {
  private readonly pitches: { readonly round: number; readonly match: Match }[][];

  constructor(
    private readonly options: MatchDayOptions,
    begin: number,
  ) {
    this.pitches = Array.from({ length: options.matches }, (_, pitch) => {
      const round = this.roundAt(pitch, begin);
      return [round - 1, round].map((number) => ({ round: number, match: this.match(pitch, number) }));
    });
  }

  /** The changes up to `now`. */
  tick(now: number): OddsChange[] {
    return this.pitches.flatMap((matches, pitch) => {
      const round = this.roundAt(pitch, now);
      if (matches.at(-1)?.round !== round) matches.push({ round, match: this.match(pitch, round) });
      const changes = matches.flatMap(({ match }) => match.tick(now));
      while (matches[0]?.match.over) matches.shift();
      return changes;
    });
  }

  /** Reports everything again. */
  images(now: number): OddsChange[] {
    return this.pitches.flat().flatMap(({ match }) => match.image(now));
  }

  private get roundMs(): number {
    return this.options.matchMs / (1 - BEFORE);
  }

  /** Pitches are out of step, so that something begins and ends all the time. */
  private beginOf(pitch: number, round: number): number {
    return Math.round((round + pitch / this.options.matches) * this.roundMs);
  }

  private roundAt(pitch: number, now: number): number {
    return Math.floor(now / this.roundMs - pitch / this.options.matches);
  }

  private match(pitch: number, round: number): Match {
    const { feed, seed, matches, matchMs } = this.options;
    const number = round * matches + pitch;
    const random = new SeededRandom((seed + Math.imul(number, 0x9e3779b1)) >>> 0);
    const { competition, country, clubs } = LEAGUES[pitch % LEAGUES.length] ?? LEAGUES[0];
    const home = random.integer(0, clubs.length - 1);
    const away = (home + random.integer(1, clubs.length - 1)) % clubs.length;
    const startAt = this.beginOf(pitch, round) + Math.round(this.roundMs * BEFORE);
    return new Match(
      feed,
      {
        number,
        home: clubs[home] ?? '',
        away: clubs[away] ?? '',
        competition,
        country,
        startAt,
        endAt: startAt + matchMs,
      },
      random,
    );
  }
}
