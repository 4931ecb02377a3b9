import { canonicalJson, sha256Hex } from '@paddock/contracts';
import type { Landing } from '@paddock/live-config';
import {
  type Catalogue,
  type CompiledSimple,
  compileSimple,
  type EventSchemaBody,
  type ExplorationBody,
  fieldTypes,
  type MetricBody,
  rollupColumns,
} from '@paddock/metrics';

/** Contracts, metrics and explorations as they are live together. Immutable: a release makes a new one. */
export class Definitions implements Catalogue {
  private readonly contracts: ReadonlyMap<string, EventSchemaBody>;
  private readonly metrics: ReadonlyMap<string, MetricBody>;
  /** By key, in the order of the keys. */
  readonly explorations: ReadonlyMap<string, ExplorationBody>;

  constructor(
    contracts: Iterable<EventSchemaBody> = [],
    metrics: Iterable<readonly [string, MetricBody]> = [],
    explorations: Iterable<readonly [string, ExplorationBody]> = [],
    /** The release of each metric, by key, where a release brought it. */
    private readonly landings: ReadonlyMap<string, Landing> = new Map(),
  ) {
    this.contracts = new Map([...contracts].map((contract) => [contract.event, contract]));
    this.metrics = new Map(metrics);
    this.explorations = new Map([...explorations].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  event(name: string): EventSchemaBody | undefined {
    return this.contracts.get(name);
  }

  metric(key: string): MetricBody | undefined {
    return this.metrics.get(key);
  }

  /** The release and revision of a metric; `undefined` where no release brought it, or none is kept that did. */
  landing(metric: string): Landing | undefined {
    return this.landings.get(metric);
  }

  /** Whether a contract declares a field in any of its versions. */
  hasField(event: string, field: string): boolean {
    const contract = this.contracts.get(event);
    return contract !== undefined && fieldTypes(contract).has(field);
  }

  get events(): Iterable<EventSchemaBody> {
    return this.contracts.values();
  }

  get metricKeys(): Iterable<string> {
    return this.metrics.keys();
  }
}

/** The computation of a simple metric. Equal names mean equal numbers, whatever the metric's key is. */
export interface SimpleVersion {
  /** Name of its rollup. */
  rollup: string;
  compiled: CompiledSimple;
}

/** Compiles a simple metric. The rollup is named after the computation, so a new title needs no recomputation. */
export function simpleVersion(body: MetricBody, catalogue: Catalogue): SimpleVersion | undefined {
  const contract = body.simple && catalogue.event(body.simple.event);
  if (!body.simple || !contract) return undefined;
  const compiled = compileSimple(body.simple, contract);
  const { event, condition, dimensions, measure } = compiled;
  const computes = {
    event,
    condition,
    dimensions: dimensions.map(({ cell, maxCardinality }) => [cell, maxCardinality]),
    columns: rollupColumns(compiled),
    measure: measure.parts.map(({ compute }) => compute),
  };
  return { rollup: `rollup_${sha256Hex(canonicalJson(computes)).slice(0, 20)}`, compiled };
}
