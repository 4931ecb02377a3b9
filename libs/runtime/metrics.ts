import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * The metrics of one process: the process's own (CPU, memory, event loop lag) and whatever its parts register, all
 * labelled with the app's name. A registry of its own, so that several apps can live in one test process.
 */
export function createMetrics(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Buckets in seconds for work that should take milliseconds. */
export const FAST_BUCKETS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export { Counter, Gauge, Histogram, Registry };
