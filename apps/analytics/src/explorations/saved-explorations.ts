import type { ExplorationBody } from '@paddock/metrics';
import { InvalidQuery } from '../queries/query-problems.js';
import type { Answered, Queries } from '../queries/queries.js';
import { exploredTime } from './explored-time.js';

/** A saved exploration with its current answer. */
export interface AnsweredExploration {
  key: string;
  body: ExplorationBody;
  from: string;
  to: string;
  answered: Answered;
}

/** Explorations that are live as config. Each runs as the same ad-hoc query would, so both give the same answer. */
export class SavedExplorations {
  constructor(private readonly queries: Queries) {}

  /** By key, in the order of the keys. */
  get all(): ReadonlyMap<string, ExplorationBody> {
    return this.queries.context.definitions.explorations;
  }

  /** @throws InvalidQuery */
  async answer(key: string): Promise<AnsweredExploration> {
    const { definitions, now } = this.queries.context;
    const body = definitions.explorations.get(key);
    if (!body)
      throw new InvalidQuery([
        {
          path: 'key',
          code: 'UNKNOWN_EXPLORATION',
          message: `there is no exploration ${JSON.stringify(key.slice(0, 100))}`,
        },
      ]);
    const { metric, measure, dimensions, filter, grain, range, compareTo, limit } = body;
    const own = metric === undefined ? undefined : definitions.metric(metric)?.serving?.timeZone;
    const timeZone = body.timeZone ?? own ?? 'UTC';
    const time = exploredTime(range, grain, timeZone, now);
    const asked = { ...time, grain, timeZone, dimensions, filter, compareTo, limit };
    const answered = measure
      ? await this.queries.explore({ ...asked, measure })
      : await this.queries.series({ ...asked, metric: metric ?? '' });
    return { key, body, ...time, answered };
  }
}
