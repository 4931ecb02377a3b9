/** Units of durations; days and longer are calendar units, whose length in hours depends on the zone and the date. */
export const DURATION_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];

/** `7 days`: a number of one unit. */
export interface Duration {
  amount: number;
  unit: DurationUnit;
}

const SHORT: Readonly<Record<string, DurationUnit>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  q: 'quarter',
  y: 'year',
};
const PATTERN = /^(\d{1,6}) ?([a-z]+)$/;
/** Milliseconds of the units that have the same length everywhere. */
export const EXACT_MS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const;

/** Reads `30s`, `5m`, `72h`, `7d`, `2w`, `1mo`, `7 days`, `1 month`; `undefined` for anything else and for zero. */
export function parseDuration(text: string): Duration | undefined {
  const [, digits = '', word = ''] = PATTERN.exec(text) ?? [];
  const amount = Number(digits);
  const unit = SHORT[word] ?? DURATION_UNITS.find((name) => name === word || `${name}s` === word);
  return unit && amount > 0 ? { amount, unit } : undefined;
}

/**
 * Milliseconds of a duration that is the same everywhere; days count as 24 hours, months as 30 days. For timeouts and
 * estimates; how long a window on the calendar is, `shift` and `windowEnds` say.
 */
export function durationMs({ amount, unit }: Duration): number {
  return (
    amount * (unit === 'second' || unit === 'minute' || unit === 'hour' ? EXACT_MS[unit] : DAYS[unit] * 86_400_000)
  );
}

const DAYS = { day: 1, week: 7, month: 30, quarter: 91, year: 365 } as const;
