import type { Logger } from '@paddock/runtime';
import type { Analytics } from './analytics.js';
import { LiveSeries } from './live/live-series.js';
import { Quarantine } from './quarantine/quarantine.js';
import { AnswerCache } from './queries/answer-cache.js';
import { Queries } from './queries/queries.js';
import { BatchImports } from './reconciliation/batch-imports.js';
import { BatchSources } from './reconciliation/batch-sources.js';
import { Reconciliations } from './reconciliation/reconciliations.js';

/** The services behind the APIs. They are built on analytics, which does not depend on them. */
export class Serving {
  private constructor(
    readonly queries: Queries,
    readonly live: LiveSeries,
    readonly quarantine: Quarantine,
    readonly reconciliations: Reconciliations,
    readonly imports: BatchImports,
  ) {}

  static async open(analytics: Analytics, logger: Logger, sources = new BatchSources(new Map())): Promise<Serving> {
    const current = () => analytics.context;
    const clock = () => analytics.context.now;
    const queries = new Queries(current, new AnswerCache());
    const live = new LiveSeries(queries, logger, clock);
    analytics.processor.listeners.push((event, minutes) => {
      queries.cache.touched(event, minutes);
      live.touched(event);
    });
    const reconciliations = await Reconciliations.open(current, logger);
    const quarantine = new Quarantine(analytics.store.engine, analytics.collector, () => analytics.definitions, clock);
    return new Serving(queries, live, quarantine, reconciliations, new BatchImports(current, reconciliations, sources));
  }

  async close(): Promise<void> {
    await this.live.close();
    await this.reconciliations.close();
  }
}
