import { Field, Float, Int } from '@nestjs/graphql';
import type {
  Aggregation,
  ExplorationBody,
  ExplorationMeasure as MeasureShape,
  ExplorationRange as RangeShape,
  Filter,
  Grain,
  PeriodComparison,
  Visualisation,
} from '@paddock/metrics';
import { BodyType } from '../body-type.js';
import { EventFilter } from '../metric/event-filter.js';
import { AggregationEnum, DistinctAccuracyEnum, GrainEnum } from '../metric/metric.enums.js';
import { PeriodComparisonEnum, VisualisationEnum } from './exploration.enums.js';

@BodyType('A measure over the events of one contract.')
export class ExplorationMeasure implements MeasureShape {
  @Field({ description: 'Name of the event; its event schema must be live.' })
  event: string;

  @Field(() => String, { nullable: true, description: 'Only events of contract versions in this range: `>=2.1 <3`.' })
  contract?: string;

  @Field(() => AggregationEnum, { description: 'The aggregation of the events.' })
  agg: Aggregation;

  @Field(() => String, {
    nullable: true,
    description: 'A field, or arithmetic over fields without division: `price * quantity`. Not for COUNT.',
  })
  expr?: string;

  @Field(() => Float, { nullable: true, description: '0 to 1, for PERCENTILE.' })
  percentile?: number;

  @Field(() => DistinctAccuracyEnum, { nullable: true, description: 'For COUNT_DISTINCT; EXACT where left out.' })
  accuracy?: 'exact' | 'approximate';
}

@BodyType('Which time is asked about: `last`, or `from` and `to`.')
export class ExplorationRange implements RangeShape {
  @Field(() => String, {
    nullable: true,
    description: '`24h`, `7d`, `1 month`: so long, up to the end of the bucket that is running when it is asked.',
  })
  last?: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'With `last`: up to the end of the last bucket that is over. False where left out.',
  })
  complete?: boolean;

  @Field(() => String, { nullable: true, description: 'RFC 3339, inclusive; taken down to the start of its bucket.' })
  from?: string;

  @Field(() => String, { nullable: true, description: 'RFC 3339, exclusive; the bucket that it lies in is whole.' })
  to?: string;
}

@BodyType('A question to analytics, kept: a metric, or any measure of an event, by any dimensions.')
export class Exploration implements ExplorationBody {
  @Field({ description: 'What people call it. At most 200 characters.' })
  title: string;

  @Field(() => String, { nullable: true, description: 'Its purpose. At most 10,000 characters.' })
  description?: string;

  @Field(() => String, { nullable: true, description: 'Key of a metric that is live; not together with `measure`.' })
  metric?: string;

  @Field(() => ExplorationMeasure, {
    nullable: true,
    description: 'A measure that no metric was defined for; not together with `metric`.',
  })
  measure?: ExplorationMeasure;

  @Field(() => [String], {
    nullable: true,
    description: "At most 4: names of the metric's dimensions, or paths of the event's fields.",
  })
  dimensions?: string[];

  @Field(() => EventFilter, { nullable: true, description: 'A filter of events, in addition to that of the metric.' })
  filter?: Filter;

  @Field(() => GrainEnum, { description: 'The length of buckets.' })
  grain: Grain;

  @Field(() => ExplorationRange, { description: 'Which time.' })
  range: ExplorationRange;

  @Field(() => String, {
    nullable: true,
    description: "IANA zone of the calendar; the metric's own, or UTC, where left out.",
  })
  timeZone?: string;

  @Field(() => PeriodComparisonEnum, { nullable: true, description: 'With what each bucket is compared.' })
  compareTo?: PeriodComparison;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many combinations of dimensions stay apart, 1 to 1,000; all others are one row, "other". 10 where left out.',
  })
  limit?: number;

  @Field(() => VisualisationEnum, { nullable: true, description: 'How it is best drawn.' })
  visualisation?: Visualisation;
}

export function toExploration(body: ExplorationBody): Exploration {
  return Object.assign(new Exploration(), body);
}
