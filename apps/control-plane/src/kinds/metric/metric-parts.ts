import { Field, Int } from '@nestjs/graphql';
import type {
  EventSelection as EventSelectionShape,
  Filter,
  FunnelExclusion as FunnelExclusionShape,
  FunnelStep as FunnelStepShape,
  Grain,
  MetricDimension as MetricDimensionShape,
  MetricInput as InputMetricShape,
} from '@paddock/metrics';
import { BodyType } from '../body-type.js';
import { EventFilter } from './event-filter.js';
import { GrainEnum } from './metric.enums.js';

@BodyType('Some events of one contract.')
export class EventSelection implements EventSelectionShape {
  @Field({ description: 'Name of the event; its event schema must be live.' })
  event: string;

  @Field(() => EventFilter, { nullable: true, description: 'Which of them count.' })
  filter?: Filter;
}

@BodyType('A way to split a metric.')
export class MetricDimension implements MetricDimensionShape {
  @Field({ description: 'Lower-case letters, digits and underscores.' })
  name: string;

  @Field(() => String, { nullable: true, description: "The event's field; the name where left out." })
  field?: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many values are kept apart, 1 to 10,000; all others count together as "other". 300 where left out.',
  })
  maxCardinality?: number;
}

@BodyType('Another metric that this one is computed from.')
export class InputMetric implements InputMetricShape {
  @Field({ description: 'Key of the metric.' })
  metric: string;

  @Field(() => String, {
    nullable: true,
    description: 'Its name within the expression; its key, with underscores, where left out.',
  })
  alias?: string;

  @Field(() => String, { nullable: true, description: 'Reads it this much earlier: `7d`, `1 month`.' })
  offsetWindow?: string;

  @Field(() => GrainEnum, {
    nullable: true,
    description: 'Reads it at the start of the grain that contains the bucket.',
  })
  offsetToGrain?: Grain;
}

@BodyType('One step of a funnel.')
export class FunnelStep implements FunnelStepShape {
  @Field({ description: 'What people call it.' })
  name: string;

  @Field({ description: 'Name of the event; its event schema must be live.' })
  event: string;

  @Field(() => EventFilter, { nullable: true, description: 'Which of them count.' })
  filter?: Filter;

  @Field(() => String, { nullable: true, description: 'At most this long after the step before: `30m`.' })
  within?: string;
}

@BodyType('An event that ends an attempt when it comes between two steps.')
export class FunnelExclusion implements FunnelExclusionShape {
  @Field({ description: 'Name of the event; its event schema must be live.' })
  event: string;

  @Field(() => EventFilter, { nullable: true, description: 'Which of them count.' })
  filter?: Filter;

  @Field(() => Int, { nullable: true, description: 'After this step, counted from 1; the first where left out.' })
  after?: number;

  @Field(() => Int, { nullable: true, description: 'Before this step; the last where left out.' })
  before?: number;
}
