import { setTimeout as delay } from 'node:timers/promises';
import { counter, Shape } from '@paddock/contracts';
import type { Landing } from '@paddock/live-config';
import type { MetricBody } from '@paddock/metrics';
import type { Logger } from '@paddock/runtime';
import type { Rollups } from '../processor/rollups.js';
import { lines, type Store } from '../store/store.js';
import { Definitions, simpleVersion, type SimpleVersion } from './definitions.js';

/** A metric's definition in a certain version, compiled. */
export interface MetricVersion extends SimpleVersion {
  body: MetricBody;
  /** Its release and revision, where known. */
  landing?: Landing;
  /** Where the version's own definitions of events and other metrics are found. */
  definitions: Definitions;
}

/** The version that a metric answers with, and the next version while that is computed. */
interface Served {
  current: MetricVersion;
  next?: MetricVersion;
  /** Previous versions, newest first, kept up to date so that a rollback is immediate. */
  retained: MetricVersion[];
}

const RETAINED = 2;
const LOOK_MS = 200;
const TABLE =
  'CREATE TABLE IF NOT EXISTS served (metric String, rollup String, body String, events String, changed UInt64) ENGINE = ReplacingMergeTree(changed) ORDER BY metric';
/** Stores of earlier versions have no such column. */
const LANDING = "ALTER TABLE served ADD COLUMN IF NOT EXISTS landing String DEFAULT ''";

/**
 * Which version of each simple metric answers. A changed definition is computed in the background, while the previous
 * one answers and is kept up to date. When every closed window is covered, the answer switches in one step. A rollback
 * is the same step and immediate, because the previous version was kept.
 */
export class ServedMetrics {
  private readonly served = new Map<string, Served>();
  /** Metrics that answer from raw events until their windows are computed for the first time. */
  private readonly fresh = new Set<string>();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  private constructor(
    private readonly store: Store,
    private readonly rollups: Rollups,
    private readonly logger: Logger,
  ) {}

  static async open(store: Store, rollups: Rollups, logger: Logger): Promise<ServedMetrics> {
    const metrics = new ServedMetrics(store, rollups, logger);
    await store.engine.run(TABLE);
    await store.engine.run(LANDING);
    for (const row of await store.engine.select('SELECT metric, body, events, landing FROM served FINAL'))
      metrics.restore(String(row['metric']), String(row['body']), String(row['events']), String(row['landing']));
    return metrics;
  }

  /** The version that answers now. */
  current(metric: string): MetricVersion | undefined {
    return this.served.get(metric)?.current;
  }

  /** The version that is being computed and does not answer yet. */
  next(metric: string): MetricVersion | undefined {
    return this.served.get(metric)?.next;
  }

  /**
   * The versions that would answer if these definitions were live: read from raw events, neither computed ahead nor
   * stored.
   */
  trial(definitions: Definitions): ServedMetrics {
    const trial = new ServedMetrics(this.store, this.rollups, this.logger);
    for (const metric of definitions.metricKeys) {
      const version = versionOf(metric, definitions);
      if (version) trial.served.set(metric, { current: version, retained: [] });
    }
    return trial;
  }

  /** Metrics whose newest version is not yet computed for all earlier windows. */
  get catchingUp(): string[] {
    return [...this.served]
      .filter(([metric, { next }]) => next !== undefined || this.fresh.has(metric))
      .map(([metric]) => metric);
  }

  async apply(definitions: Definitions): Promise<void> {
    const live = new Set<string>();
    for (const metric of definitions.metricKeys) {
      const version = versionOf(metric, definitions);
      if (!version) continue;
      live.add(metric);
      await this.take(metric, version);
    }
    for (const metric of this.served.keys()) if (!live.has(metric)) this.served.delete(metric);
    await this.switchReady();
    this.dropUnused();
  }

  start(): void {
    this.running ??= this.watch();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** Switches every metric whose next version has caught up. @returns their names */
  async switchReady(): Promise<string[]> {
    const switched: string[] = [];
    for (const metric of this.fresh) {
      const rollup = this.current(metric)?.rollup;
      if (rollup === undefined || this.rollups.caughtUp(rollup)) this.fresh.delete(metric);
    }
    for (const [metric, served] of this.served) {
      if (!served.next || !this.rollups.caughtUp(served.next.rollup)) continue;
      await this.becomes(metric, served, served.next);
      switched.push(metric);
    }
    if (switched.length > 0) this.dropUnused();
    return switched;
  }

  private async take(metric: string, version: MetricVersion): Promise<void> {
    const known = this.served.get(metric);
    await this.rollups.open(version);
    if (!known) {
      // There is no previous version: windows that are not computed yet are read from raw events.
      await this.remember(metric, version);
      this.served.set(metric, { current: version, retained: [] });
      this.fresh.add(metric);
    } else if (known.current.rollup === version.rollup) {
      // The numbers are the same; the title, the unit or the revision may not be.
      await this.remember(metric, version);
      this.served.set(metric, { current: version, retained: known.retained });
      await this.rollups.open(version);
    } else if (known.retained.some(({ rollup }) => rollup === version.rollup)) {
      // It was kept up to date: the rollback is immediate, and pending windows are read from raw events.
      await this.becomes(metric, known, version);
    } else {
      await this.rollups.open(known.current);
      for (const retained of known.retained) await this.rollups.open(retained);
      this.served.set(metric, { ...known, next: version });
    }
  }

  /** Switches the answering version in one step; the previous one is kept. */
  private async becomes(metric: string, { current, retained }: Served, next: MetricVersion): Promise<void> {
    await this.remember(metric, next);
    this.served.set(metric, {
      current: next,
      retained: [current, ...retained.filter(({ rollup }) => rollup !== next.rollup)].slice(0, RETAINED),
    });
    this.logger.info({ metric, from: current.rollup, to: next.rollup }, 'a metric answers with its new definition');
  }

  private async remember(metric: string, { rollup, body, definitions, landing }: MetricVersion): Promise<void> {
    const contract = body.simple && definitions.event(body.simple.event);
    await this.store.engine.insert(
      'served',
      ['metric', 'rollup', 'body', 'events', 'changed', 'landing'],
      lines([
        [
          metric,
          rollup,
          JSON.stringify(body),
          JSON.stringify(contract),
          Date.now(),
          landing ? JSON.stringify(landing) : '',
        ],
      ]),
    );
  }

  private restore(metric: string, body: string, contract: string, landing: string): void {
    const landings = new Map(landing === '' ? [] : [[metric, readLanding(landing)] as const]);
    const definitions = new Definitions([JSON.parse(contract)], [[metric, JSON.parse(body)]], [], landings);
    const version = versionOf(metric, definitions);
    if (version) this.served.set(metric, { current: version, retained: [] });
  }

  private dropUnused(): void {
    const used = [...this.served.values()].flatMap(({ current, next, retained }) => [
      current,
      ...(next ? [next] : []),
      ...retained,
    ]);
    this.rollups.keepOnly(new Set(used.map(({ rollup }) => rollup)));
  }

  private async watch(): Promise<void> {
    while (!this.closing.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      await this.switchReady().catch((error: unknown) =>
        this.logger.error({ err: error }, 'a metric could not be switched; it is tried again'),
      );
    }
  }
}

function versionOf(metric: string, definitions: Definitions): MetricVersion | undefined {
  const body = definitions.metric(metric);
  const version = body && simpleVersion(body, definitions);
  const landing = definitions.landing(metric);
  return version && { ...version, body, definitions, ...(landing ? { landing } : {}) };
}

function readLanding(json: string): Landing {
  const from = new Shape(JSON.parse(json), 'landing');
  return { seq: from.get('seq', counter), revision: from.get('revision', counter) };
}
