import type { ReceiptOutbox } from '@paddock/live-config';
import { FAST_BUCKETS, Gauge, Histogram, type Registry } from '@paddock/runtime';
import type { ChangeStream } from '../changes/change-stream.js';
import type { Environment, EnvironmentListener } from '../state/environment.js';
import type { Environments } from '../state/environments.js';
import type { AppliedChange } from '../state/recent-changes.js';

/** The metrics of an edge. Gauges are read when Prometheus scrapes; only the delay of releases is observed as it happens. */
export class EdgeMetrics implements EnvironmentListener {
  private readonly startedAt = Date.now();
  private readonly applySeconds: Histogram<'environment'>;

  constructor(
    private readonly registry: Registry,
    private readonly environments: Environments,
  ) {
    this.applySeconds = new Histogram({
      name: 'paddock_edge_apply_seconds',
      help: 'Time from the landing of a release to when its bytes are served here',
      labelNames: ['environment'],
      buckets: FAST_BUCKETS,
      registers: [registry],
    });
    this.perEnvironment('paddock_edge_seq', 'Newest applied release', ({ state }) => state?.position.seq ?? 0);
    this.perEnvironment('paddock_edge_documents', 'Live documents', ({ state }) => state?.size ?? 0);
    this.perEnvironment(
      'paddock_edge_unserved',
      '1 while the environment is known and cannot be served',
      ({ serves }) => (serves ? 0 : 1),
    );
    this.perEnvironment(
      'paddock_edge_rejected',
      '1 while the head cannot be applied, or a live document is refused',
      ({ rejection, refusal }) => ((rejection ?? refusal) ? 1 : 0),
    );
    this.perEnvironment(
      'paddock_edge_staleness_seconds',
      'Time since upstream was heard of',
      ({ heardAt, knownSince }) => (Date.now() - (heardAt ?? knownSince)) / 1000,
    );
  }

  applied(environment: Environment, changes: readonly AppliedChange[]): void {
    for (const { change } of changes) {
      const landedAt = Date.parse(change.landedAt);
      if (landedAt >= this.startedAt)
        this.applySeconds.observe({ environment: environment.name }, Math.max(0, Date.now() - landedAt) / 1000);
    }
  }

  replaced(): void {
    // A state that was read in full does not show how long its releases took.
  }

  /** Gauges of parts that count for themselves. */
  watch(parts: { stream: ChangeStream; outbox: ReceiptOutbox }): void {
    this.gauge('paddock_edge_streams', 'Open change streams', () => parts.stream.size);
    this.gauge(
      'paddock_edge_receipts_waiting',
      'Receipts that the queue has not taken yet',
      () => parts.outbox.backlog,
    );
    this.gauge(
      'paddock_edge_body_bytes',
      'Memory that document bodies take',
      () => this.environments.arena.allocatedBytes,
    );
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  private perEnvironment(name: string, help: string, read: (environment: Environment) => number): void {
    const { environments } = this;
    new Gauge({
      name,
      help,
      labelNames: ['environment'],
      registers: [this.registry],
      collect() {
        for (const environment of environments.all()) this.set({ environment: environment.name }, read(environment));
      },
    });
  }
}
