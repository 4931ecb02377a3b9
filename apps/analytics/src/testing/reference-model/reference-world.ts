import { checkMetric, type MetricBody, parseMetric } from '@paddock/metrics';
import { seededRandom } from '@paddock/testing';
import type { Definitions, Metric } from '../../../../../test/reference-model/definitions.js';
import { type Delivery, type Intake, takeIn } from '../../../../../test/reference-model/intake.js';
import { Definitions as LiveDefinitions } from '../../definitions/definitions.js';
import { CONTRACTS, toEventSchema } from './contracts.js';
import { Draw } from './draw.js';
import { type Night, NIGHTS } from './nights.js';
import { arrivalOf, type Around, randomDeliveries } from './random-events.js';
import { randomMetrics } from './random-metrics.js';
import { type Query, randomQuery } from './random-queries.js';

/** Everything drawn from one seed: definitions, deliveries and queries. */
export interface ReferenceWorld {
  readonly seed: number;
  readonly night: Night;
  /** The clock of the collector and of all answers at the beginning. */
  readonly now: number;
  readonly definitions: Definitions;
  readonly deliveries: readonly Delivery[];
  /** The model's state after the deliveries. */
  readonly intake: Intake;
  readonly queries: readonly Query[];
}

/** How large a world is. */
export interface WorldSize {
  readonly requests: number;
  readonly events: number;
  readonly queries: number;
}

/** Draws a world; the same seed gives the same one. */
export function drawWorld(seed: number, size: WorldSize): ReferenceWorld {
  const draw = new Draw(seededRandom(seed));
  const night = NIGHTS[seed % NIGHTS.length] ?? draw.pick(NIGHTS);
  const at = Date.parse(night.at);
  const around: Around = { night: at, now: arrivalOf(at) };
  const deliveries = randomDeliveries(draw, around, size);
  const definitions = { contracts: CONTRACTS, metrics: randomMetrics(draw, around) };
  const queries = draw.many(size.queries, () => randomQuery(draw, definitions, around, night.zone));
  return { seed, night, now: around.now, definitions, deliveries, intake: takeIn(CONTRACTS, deliveries), queries };
}

/** Definitions as config, checked as a release would check them. */
export function toLiveDefinitions({ contracts, metrics }: Definitions): LiveDefinitions {
  const bodies = Object.entries(metrics).map(([key, metric]) => [key, toBody(key, metric)] as const);
  const live = new LiveDefinitions(Object.values(contracts).map(toEventSchema), bodies);
  const problems = bodies.flatMap(([key, body]) =>
    checkMetric(key, body, live).map((problem) => ({ key, ...problem })),
  );
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return live;
}

function toBody(key: string, metric: Metric): MetricBody {
  const parsed = parseMetric({ title: key, ...metric });
  if (!parsed.ok) throw new Error(`${key}: ${JSON.stringify(parsed.problems)}`);
  return parsed.body;
}
