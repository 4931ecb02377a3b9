import { countedElsewhere, type Registry } from '@paddock/runtime';

/** Counts answers to layout requests with one addition each; Prometheus reads the sums when it scrapes. */
export class RequestCounts {
  private readonly byStatus = new Map<number, number>();
  /** Answered without taking the URL apart again. */
  recalled = 0;

  constructor(metrics: Registry) {
    countedElsewhere(
      metrics,
      {
        name: 'paddock_edge_layout_requests_total',
        help: 'Answers to layout requests by status',
        labelNames: ['status'],
      },
      () => [...this.byStatus].map(([status, count]) => [{ status }, count]),
    );
    countedElsewhere(
      metrics,
      {
        name: 'paddock_edge_url_cache_hits_total',
        help: 'Layout answers whose URL was known, so that it was not parsed again',
        labelNames: [],
      },
      () => [[{}, this.recalled]],
    );
  }

  /** An answer was sent. */
  layout(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }
}
