import { PERIOD_COMPARISONS, VISUALISATIONS } from '@paddock/metrics';
import { enumOf } from '../rules/enum-of.js';

export const PeriodComparisonEnum = enumOf(
  PERIOD_COMPARISONS,
  'PeriodComparison',
  'With what each bucket is compared.',
  {
    PREVIOUS_PERIOD: 'As many buckets before.',
    PREVIOUS_DAY: 'The same one of the day before.',
    PREVIOUS_WEEK: 'Of the week before.',
    PREVIOUS_MONTH: 'Of the month before.',
    PREVIOUS_QUARTER: 'Of the quarter before.',
    PREVIOUS_YEAR: 'Of the year before.',
  },
);

export const VisualisationEnum = enumOf(
  VISUALISATIONS,
  'Visualisation',
  'How an answer is best drawn: a hint for boards.',
  {
    line: 'Lines over time.',
    area: 'Areas over time, one upon another.',
    bar: 'Bars.',
    table: 'A table.',
    number: 'One large number.',
  },
);
