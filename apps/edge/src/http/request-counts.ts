import { Counter, type Registry } from '#runtime';

/** Counts answers to layout requests with an addition each, and tells Prometheus when it asks. */
export class RequestCounts {
  private readonly byStatus = new Map<number, number>();
  /** Answered without taking the URL apart again. */
  recalled = 0;

  constructor(metrics: Registry) {
    const { byStatus } = this;
    const told = new Map<number, number>();
    new Counter({
      name: 'edge_layout_requests_total',
      help: 'Answers to layout requests by status',
      labelNames: ['status'],
      registers: [metrics],
      collect() {
        for (const [status, count] of byStatus) {
          this.inc({ status }, count - (told.get(status) ?? 0));
          told.set(status, count);
        }
      },
    });
  }

  /** An answer was sent. */
  layout(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }
}
