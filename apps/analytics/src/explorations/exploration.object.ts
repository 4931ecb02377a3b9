import { createUnionType, Field, ObjectType } from '@nestjs/graphql';
import { type ExplorationBody, VISUALISATIONS } from '@paddock/metrics';
import { ValidationProblem } from '../graphql/problems.js';
import { enumOf, GrainEnum } from '../graphql/query.input.js';
import { MetricSeries } from '../graphql/series.object.js';

const VisualisationEnum = enumOf(
  VISUALISATIONS.map((one) => one.toUpperCase()),
  'Visualisation',
  'How an exploration is best drawn.',
);

@ObjectType({ description: 'A query that is saved as config.' })
export class SavedExploration {
  @Field({ description: 'The key of the document.' }) key: string;
  @Field({ description: 'The title, for people.' }) title: string;
  @Field(() => String, { nullable: true, description: 'What it is for, in words.' }) description: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Key of the metric that it queries; null where it measures an event.',
  })
  metric: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Name of the event that it measures; null for a query of a metric.',
  })
  event: string | null;
  @Field(() => [String], { description: 'Names of the fields by which it is broken down.' }) dimensions: string[];
  @Field(() => GrainEnum, { description: 'The length of a bucket.' }) grain: string;
  @Field(() => String, {
    nullable: true,
    description: 'The length of its time range, `7d`; null where the range has fixed ends.',
  })
  last: string | null;
  @Field(() => VisualisationEnum, { nullable: true, description: 'How to draw it.' }) visualisation: string | null;

  static of(key: string, body: ExplorationBody): SavedExploration {
    const { title, description = null, metric = null, measure, dimensions = [], grain, range, visualisation } = body;
    const shown = {
      key,
      title,
      description,
      metric,
      dimensions,
      event: measure?.event ?? null,
      grain: grain.toUpperCase(),
      last: range.last ?? null,
      visualisation: visualisation?.toUpperCase() ?? null,
    };
    return Object.assign(new SavedExploration(), shown);
  }
}

@ObjectType({ description: 'A saved exploration with its current answer.' })
export class Exploration {
  @Field(() => SavedExploration, { description: 'The saved query and its title.' })
  saved: SavedExploration;
  @Field({ description: 'RFC 3339: from when it was asked, inclusive.' }) from: string;
  @Field({ description: 'RFC 3339, exclusive.' }) to: string;
  @Field(() => MetricSeries, {
    description: 'The answer of `explore`, or of `metricSeries` for a saved query of a metric, to the same query.',
  })
  answer: MetricSeries;
}

export const ExplorationResult = createUnionType({
  name: 'ExplorationResult',
  types: () => [Exploration, ValidationProblem] as const,
});
