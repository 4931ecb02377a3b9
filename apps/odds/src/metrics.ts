import { Counter, Gauge, type Registry } from '@paddock/runtime';

/** The metrics of the odds service. */
export function oddsMetrics(registry: Registry) {
  const registers = [registry];
  return {
    updates: new Counter({
      name: 'paddock_odds_updates_total',
      help: 'Records written to odds.markets',
      labelNames: ['type'],
      registers,
    }),
    quarantined: new Counter({
      name: 'paddock_odds_quarantined_total',
      help: 'Messages set aside',
      labelNames: ['feed'],
      registers,
    }),
    /** Reads the partitions at each scrape. */
    observe(
      shards: () => readonly { readonly partition: number; readonly books: number; readonly down: readonly string[] }[],
    ): void {
      new Gauge({
        name: 'paddock_odds_books',
        help: 'Markets kept in memory, by partition',
        labelNames: ['partition'],
        registers,
        collect() {
          this.reset();
          for (const { partition, books } of shards()) this.set({ partition }, books);
        },
      });
      new Gauge({
        name: 'paddock_odds_feeds_down',
        help: 'Partitions that do not believe a feed',
        labelNames: ['feed'],
        registers,
        collect() {
          this.reset();
          for (const { down } of shards()) for (const feed of down) this.inc({ feed });
        },
      });
    },
  };
}
