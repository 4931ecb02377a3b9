import { Counter, FAST_BUCKETS, Gauge, Histogram, type Registry } from '@paddock/runtime';

/** The metrics of the proxy. Upstreams come from config, so labels stay few. */
export function proxyMetrics(registry: Registry) {
  const registers = [registry];
  return {
    served: new Counter({
      name: 'paddock_proxy_requests_total',
      help: 'Answers to clients, by where they came from or why there was none',
      labelNames: ['upstream', 'result'],
      registers,
    }),
    asked: new Histogram({
      name: 'paddock_proxy_upstream_request_duration_seconds',
      help: 'Requests to upstreams, by what came of them',
      labelNames: ['upstream', 'result'],
      buckets: FAST_BUCKETS,
      registers,
    }),
    observe(load: () => { readonly flights: number; readonly bytes: number }, alone: () => boolean): void {
      new Gauge({
        name: 'paddock_proxy_flights',
        help: 'Questions under way',
        registers,
        collect() {
          this.set(load().flights);
        },
      });
      new Gauge({
        name: 'paddock_proxy_cache_bytes',
        help: 'Memory taken by answers',
        registers,
        collect() {
          this.set(load().bytes);
        },
      });
      new Gauge({
        name: 'paddock_proxy_alone',
        help: '1 while windows are not shared with other processes',
        registers,
        collect() {
          this.set(alone() ? 1 : 0);
        },
      });
    },
  };
}
