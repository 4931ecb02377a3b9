import { canonicalJson } from '@paddock/contracts';
import type { EventLog } from '@paddock/eventlog';
import type { Logger } from '@paddock/runtime';
import { Collector, type CollectorLimits } from './collector/collector.js';
import { Deduplication } from './deduplication/deduplication.js';
import { Definitions } from './definitions/definitions.js';
import { ServedMetrics } from './definitions/served-metrics.js';
import { Identities } from './identity/identities.js';
import { Processor } from './processor/processor.js';
import { Rollups } from './processor/rollups.js';
import { Sources } from './processor/sources.js';
import type { SeriesContext } from './queries/series-answer.js';
import type { Engine } from './store/engine.js';
import { ensureRawTable } from './store/raw-table.js';
import { Store } from './store/store.js';

/** The dependencies of an analytics process. */
export interface AnalyticsOptions {
  log: EventLog;
  engine: Engine;
  logger: Logger;
  limits: CollectorLimits;
  clock?: () => number;
  /** How long a silent process keeps its part of the log; the log's own choice when left out. */
  leaseMs?: number;
  /** For how long after its receipt another event with the same id does not count; a day when left out. */
  deduplicationMs?: number;
}

const DAY_MS = 86_400_000;

/** Collector, processor and store in one process. */
export class Analytics {
  definitions = new Definitions();

  private constructor(
    readonly collector: Collector,
    readonly store: Store,
    readonly sources: Sources,
    readonly rollups: Rollups,
    readonly processor: Processor,
    readonly deduplication: Deduplication,
    readonly metrics: ServedMetrics,
    private readonly clock: () => number,
  ) {}

  static async open({
    log,
    engine,
    logger,
    limits,
    clock = Date.now,
    leaseMs,
    deduplicationMs = DAY_MS,
  }: AnalyticsOptions): Promise<Analytics> {
    const store = await Store.open(engine);
    const identities = await Identities.open(engine);
    const sources = new Sources(store);
    const rollups = new Rollups(store, sources, logger, clock);
    const deduplication = new Deduplication(engine, deduplicationMs);
    const processor = new Processor(log, store, sources, rollups, deduplication, identities, logger, {
      clock,
      leaseMs,
    });
    const metrics = await ServedMetrics.open(store, rollups, logger);
    return new Analytics(
      new Collector(log, limits, clock),
      store,
      sources,
      rollups,
      processor,
      deduplication,
      metrics,
      clock,
    );
  }

  /** Takes contracts and metrics as they are live now; events of new contracts are accepted from here on. */
  async apply(definitions: Definitions): Promise<void> {
    for (const contract of definitions.events) {
      const known = this.definitions.event(contract.event);
      if (known && canonicalJson(known) === canonicalJson(contract)) continue;
      await ensureRawTable(this.store.engine, contract);
      await this.sources.follow(contract, this.clock());
    }
    this.definitions = definitions;
    await this.metrics.apply(definitions);
    this.collector.apply(definitions);
  }

  /** The data that queries read at this moment. */
  get context(): SeriesContext {
    const { store, definitions, metrics, rollups, sources } = this;
    return { engine: store.engine, definitions, metrics, rollups, sources, now: this.clock() };
  }

  /** Starts to store and compute. Call it after the last known good definitions are applied. */
  async start(): Promise<void> {
    await this.processor.start();
    this.rollups.start();
    this.metrics.start();
  }

  async close(): Promise<void> {
    await this.collector.close();
    await this.processor.close();
    await this.metrics.close();
    await this.rollups.close();
    await this.store.engine.close();
  }
}
