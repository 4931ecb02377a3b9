import { AGGREGATIONS, GRAINS } from '@paddock/metrics';
import { enumOf } from '../rules/enum-of.js';

export const AggregationEnum = enumOf(AGGREGATIONS, 'Aggregation', 'The aggregation of the values of events.', {
  count: 'How many events.',
  sum: 'Their sum, to the last digit.',
  count_distinct: 'How many different values.',
  min: 'The least.',
  max: 'The greatest.',
  average: 'Their mean.',
  percentile: 'The value below which a share of them lies; approximate.',
});

export const GrainEnum = enumOf(GRAINS, 'Grain', 'The length of a bucket of time, by the calendar of a zone.', {
  second: 'A second.',
  minute: 'A minute.',
  hour: 'An hour.',
  day: 'A day, of 23 to 25 hours.',
  week: 'A week from Monday.',
  month: 'A month.',
  quarter: 'Three months from January, April, July or October.',
  year: 'A year.',
});

export const DistinctAccuracyEnum = enumOf(
  ['exact', 'approximate'],
  'DistinctAccuracy',
  'How different values are counted.',
  {
    exact: 'Every one is kept.',
    approximate: 'By a sketch of bounded size, about 1% off.',
  },
);

export const PeriodAggregationEnum = enumOf(
  ['first', 'last', 'average'],
  'PeriodAggregation',
  "Which day's figure stands for a longer bucket.",
  {
    first: 'The first one.',
    last: 'The last one.',
    average: 'The mean of all.',
  },
);

export const ConversionCalculationEnum = enumOf(
  ['conversions', 'conversion_rate'],
  'ConversionCalculation',
  'The value that is computed from conversions.',
  {
    conversions: 'How many.',
    conversion_rate: 'Which share of the base.',
  },
);

export const ConversionCountingEnum = enumOf(
  ['events', 'converters'],
  'ConversionCounting',
  'What counts as a conversion.',
  {
    events: 'Every event that follows.',
    converters: 'Every base event that is followed.',
  },
);

export const FunnelOrderEnum = enumOf(
  ['ordered', 'strict', 'unordered'],
  'FunnelOrder',
  'How the steps of a funnel follow each other.',
  {
    ordered: 'In this order; other events may come between.',
    strict: 'In this order; no other event of the entity, of any contract, may come between.',
    unordered: 'In any order.',
  },
);

export const FunnelRangeEnum = enumOf(
  ['entry', 'every_step'],
  'FunnelRange',
  'The events that the time range of a query bounds.',
  {
    entry: 'When the path was entered.',
    every_step: 'Every step.',
  },
);

export const RetentionModeEnum = enumOf(['bounded', 'rolling'], 'RetentionMode', 'When coming back counts.', {
  bounded: 'In that very period.',
  rolling: 'In that period or any later one, up to the newest event.',
});

export const RetentionPeriodEnum = enumOf(['day', 'week', 'month'], 'RetentionPeriod', 'The length of a period.', {
  day: 'A day.',
  week: 'A week.',
  month: 'A month.',
});

export const RetentionCohortEnum = enumOf(['first', 'every'], 'RetentionCohort', 'Which starts of an entity count.', {
  first: 'Only the first one ever.',
  every: 'Each period in which it started.',
});

export const SessionMeasureEnum = enumOf(
  ['sessions', 'average_duration', 'events_per_session', 'bounce_rate'],
  'SessionMeasure',
  'Figures of sessions.',
  {
    sessions: 'How many.',
    average_duration: 'Their mean length in seconds.',
    events_per_session: 'Their mean number of events.',
    bounce_rate: 'The share of those with a single event.',
  },
);
