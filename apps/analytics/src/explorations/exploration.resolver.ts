import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Requires } from '../access/scope.guard.js';
import { orProblem, type ValidationProblem } from '../graphql/problems.js';
import { toMetricSeries } from '../graphql/to-series.js';
import { Reconciliations } from '../reconciliation/reconciliations.js';
import { Exploration, ExplorationResult, SavedExploration } from './exploration.object.js';
import { SavedExplorations } from './saved-explorations.js';

/** Explorations that were saved as config. */
@Resolver()
@Requires('read')
export class ExplorationResolver {
  constructor(
    @Inject(SavedExplorations) private readonly saved: SavedExplorations,
    @Inject(Reconciliations) private readonly reconciliations: Reconciliations,
  ) {}

  @Query(() => [SavedExploration], { description: 'The saved explorations, by key.' })
  explorations(): SavedExploration[] {
    return [...this.saved.all].map(([key, body]) => SavedExploration.of(key, body));
  }

  @Query(() => ExplorationResult, { description: 'Runs a saved exploration.' })
  exploration(
    @Args('key', { description: 'Key of the document.' }) key: string,
  ): Promise<Exploration | ValidationProblem> {
    return orProblem(async () => {
      const { body, from, to, answered } = await this.saved.answer(key);
      const status = body.metric === undefined ? null : await this.reconciliations.status(body.metric);
      return Object.assign(new Exploration(), {
        saved: SavedExploration.of(key, body),
        from,
        to,
        answer: toMetricSeries(answered, status),
      });
    });
  }
}
