import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { type MetricPreview as PreviewShape, PREVIEW_GRAINS } from '@paddock/metrics';
import { enumOf } from '../../rules/enum-of.js';
import type { PreviewAnswer } from './analytics-client.js';
import type { DefinitionBundle, PlannedEventSchema, PlannedExploration, PlannedMetric } from './planned-metrics.js';

export const PreviewGrainEnum = enumOf(PREVIEW_GRAINS, 'PreviewGrain', 'How finely a preview shows a series.', {
  minute: 'The last hour that has events.',
  hour: 'The last day that has events.',
  day: 'The last 30 days that have events.',
});

@ObjectType({ description: 'How a simple metric reads raw events.' })
export class CompiledStatement {
  @Field({ description: 'Key of the simple metric.' }) metric: string;
  @Field({ description: 'ClickHouse SQL, per minute; `{from}` and `{to}` stand for the time.' }) sql: string;
}

@ObjectType({ description: 'The cost of the values of a dimension.' })
export class PreviewDimension {
  @Field({ description: 'Name of the dimension.' }) name: string;
  @Field(() => Float, { description: 'How many values it had; beyond 1,000, about.' }) values: number;
  @Field(() => Int, { description: 'How many are kept apart; the others count together.' }) limit: number;
}

@ObjectType({ description: 'A bucket of time, a step of a funnel, or a period of a retention.' })
export class MetricPreviewRow {
  @Field({ description: 'Start of the bucket, name of the step, or number of the period.' }) label: string;
  @Field(() => Float, { nullable: true, description: 'The value of the metric.' }) value: number | null;
  @Field(() => Float, { nullable: true, description: 'The value of the live metric, if there is one.' }) live:
    number | null;
}

@ObjectType({ description: 'The results of a metric on recent events.' })
export class MetricPreview {
  @Field(() => String, {
    nullable: true,
    description: 'The reason why there is no preview; then all other fields are empty, and nothing is blocked.',
  })
  unavailable: string | null;
  @Field(() => Date, { nullable: true, description: 'Start of the time that was read.' }) from: Date | null;
  @Field(() => Date, { nullable: true, description: 'Its end.' }) to: Date | null;
  @Field(() => [String], { description: 'The statements that were run.' }) sql: string[];
  @Field(() => Float, { nullable: true, description: 'Raw events that they read, by the estimate of the engine.' })
  rowsRead: number | null;
  @Field(() => Float, { nullable: true, description: 'Number of raw events that a backfill reads.' })
  rowsStored: number | null;
  @Field(() => Float, { nullable: true, description: 'How long the statements took, in milliseconds.' }) readMs:
    number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'About how long a backfill takes, in milliseconds, at the pace of those statements; 0 where everything is computed already, null where nothing is computed ahead.',
  })
  backfillMs: number | null;
  @Field(() => [PreviewDimension], { description: 'Cardinality of its dimensions.' }) dimensions: PreviewDimension[];
  @Field(() => [MetricPreviewRow], { description: 'The answer.' }) rows: MetricPreviewRow[];

  static of(answer: PreviewAnswer): MetricPreview {
    const nothing = {
      unavailable: null,
      from: null,
      to: null,
      sql: [],
      rowsRead: null,
      rowsStored: null,
      readMs: null,
      backfillMs: null,
      dimensions: [],
      rows: [],
    };
    return Object.assign(new MetricPreview(), nothing, 'preview' in answer ? shown(answer.preview) : answer);
  }
}

function shown({ from, to, ...rest }: PreviewShape): object {
  return { ...rest, from: new Date(from), to: new Date(to) };
}

@ObjectType({ description: 'The effect of a release on a metric.' })
export class MetricPlan {
  @Field(() => ID, { description: 'The id of the metric.' }) documentId: string;
  @Field({ description: 'Its key.' }) metric: string;
  @Field(() => [String], { description: 'Keys of the metrics that are computed from it, through however many others.' })
  usedBy: string[];
  @Field(() => [String], {
    description: 'Keys of the saved explorations that ask for it, directly or through metrics.',
  })
  exploredBy: string[];
  @Field(() => [CompiledStatement], {
    description: 'How it reads raw events; empty while the definition has mistakes.',
  })
  statements: CompiledStatement[];

  definitions: DefinitionBundle;

  static of(plan: PlannedMetric): MetricPlan {
    return Object.assign(new MetricPlan(), plan);
  }
}

@ObjectType({ description: 'The effect of a release on an event schema.' })
export class EventSchemaPlan {
  @Field(() => ID, { description: 'The id of the event schema.' }) documentId: string;
  @Field({ description: 'Name of the event.' }) event: string;
  @Field(() => [String], { description: 'Keys of the metrics that speak of it, directly or through others.' })
  usedBy: string[];
  @Field(() => [String], { description: 'Keys of the saved explorations of its events, directly or through metrics.' })
  exploredBy: string[];

  static of(plan: PlannedEventSchema): EventSchemaPlan {
    return Object.assign(new EventSchemaPlan(), plan);
  }
}

@ObjectType({ description: 'The effect of a release on a saved exploration.' })
export class ExplorationPlan {
  @Field(() => ID, { description: 'The id of the exploration.' }) documentId: string;
  @Field({ description: 'Its key.' }) exploration: string;
  @Field(() => [String], { description: 'Keys of the metrics that it is answered from, through however many others.' })
  metrics: string[];
  @Field(() => [String], { description: 'Names of the events that it is answered from.' }) events: string[];

  static of(plan: PlannedExploration): ExplorationPlan {
    return Object.assign(new ExplorationPlan(), plan);
  }
}
