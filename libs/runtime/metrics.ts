import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { build } from './build.js';

/** Gauges of the library whose names end as those of counters do. `nodejs_active_resources` and its kin say the same. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * The metrics of one process: the process's own (CPU, memory, event loop lag), what it was built from, and whatever its
 * parts register, all labelled with the app's name. A registry of its own, so that several apps can live in one test
 * process. Names of ours begin with `paddock_`, then the part, and end in the base unit; those of counters end in `_total`
 * (https://prometheus.io/docs/practices/naming/). A test reads the metrics of every process and checks that.
 */
export function createMetrics(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: 'paddock_build_info',
    help: 'Always 1; the labels name the version of the program, its commit and its Node',
    labelNames: ['version', 'revision', 'node'],
    registers: [registry],
  }).set({ ...build, node: process.version }, 1);
  return registry;
}

/** A counter whose value a part of the program keeps: read at each scrape, so that counting costs one addition. */
export function countedElsewhere<Label extends string>(
  registry: Registry,
  { name, help, labelNames }: { name: string; help: string; labelNames: Label[] },
  read: () => Iterable<readonly [labels: Record<Label, string | number>, count: number]>,
): void {
  const reported = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      for (const [labels, count] of read()) {
        const key = JSON.stringify(labels);
        this.inc(labels, count - (reported.get(key) ?? 0));
        reported.set(key, count);
      }
    },
  });
}

/** Buckets in seconds for work that should take milliseconds. */
export const FAST_BUCKETS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export { Counter, Gauge, Histogram, Registry };
