import type { Grain } from '../time/calendar.js';

/** How many dimensions a question may be split by. */
export const MAX_QUESTION_DIMENSIONS = 4;
/** The maximum and the default number of combinations of dimensions in an answer. */
export const MAX_LIMIT = 1_000;
export const DEFAULT_LIMIT = 10;
/** How many buckets an answer may have. */
export const MAX_BUCKETS = 11_000;

/** Nearly the shortest bucket of each grain: bounds the number of buckets without computing them. */
export const SHORTEST_MS: Readonly<Record<Grain, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 82_800_000,
  week: 601_200_000,
  month: 2_415_600_000,
  quarter: 7_776_000_000,
  year: 31_532_400_000,
};

/** With what a series is compared, bucket by bucket: the same number of buckets before it, or the same ones of the calendar. */
export const PERIOD_COMPARISONS = [
  'PREVIOUS_PERIOD',
  'PREVIOUS_DAY',
  'PREVIOUS_WEEK',
  'PREVIOUS_MONTH',
  'PREVIOUS_QUARTER',
  'PREVIOUS_YEAR',
] as const;
export type PeriodComparison = (typeof PERIOD_COMPARISONS)[number];
