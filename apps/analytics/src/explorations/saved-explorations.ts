import type { ExplorationBody } from '@paddock/metrics';
import { InvalidQuestion } from '../queries/question-problems.js';
import type { Answered, Questions } from '../queries/questions.js';
import { exploredTime } from './explored-time.js';

/** A saved exploration with the answer that it has now. */
export interface AnsweredExploration {
  key: string;
  body: ExplorationBody;
  from: string;
  to: string;
  answered: Answered;
}

/** Explorations that are live as config. Each is asked as somebody would ask it by hand, so both get the same answer. */
export class SavedExplorations {
  constructor(private readonly questions: Questions) {}

  /** By key, in the order of the keys. */
  get all(): ReadonlyMap<string, ExplorationBody> {
    return this.questions.context.definitions.explorations;
  }

  /** @throws InvalidQuestion */
  async answer(key: string): Promise<AnsweredExploration> {
    const { definitions, now } = this.questions.context;
    const body = definitions.explorations.get(key);
    if (!body)
      throw new InvalidQuestion([
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
      ? await this.questions.explore({ ...asked, measure })
      : await this.questions.series({ ...asked, metric: metric ?? '' });
    return { key, body, ...time, answered };
  }
}
