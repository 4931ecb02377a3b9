import { Inject, Injectable } from '@nestjs/common';
import { Counter, FAST_BUCKETS, Gauge, Histogram, type Registry } from '@paddock/runtime';
import { TaskMetrics } from '@paddock/tasks';
import { METRICS } from '../process.js';

/** Metrics of the worker about publishing. Labels are environments, topics and states, so there are few series. */
@Injectable()
export class PublishingMetrics {
  readonly outboxOldestSeconds: Gauge;
  readonly lagReleases: Gauge<'environment'>;
  readonly deliveries: Counter<'environment' | 'topic' | 'result'>;
  readonly deliverySeconds: Histogram<'topic'>;
  readonly rebuilds: Counter<'environment'>;
  readonly receipts: Counter<'environment' | 'state'>;
  readonly propagationSeconds: Histogram<'environment' | 'consumer'>;
  readonly jobs: Gauge<'queue' | 'state'>;
  readonly failedJobs: Counter<'queue'>;
  readonly deadLetters: Gauge<'queue'>;
  readonly tasks: TaskMetrics;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    this.outboxOldestSeconds = new Gauge({
      name: 'paddock_outbox_oldest_pending_seconds',
      help: 'Age of the oldest outbox row that was not delivered; 0 without such rows',
      registers,
    });
    this.lagReleases = new Gauge({
      name: 'paddock_artefact_lag_releases',
      help: 'How many landed releases the artefacts in Redis are behind MySQL; -1 without artefacts',
      labelNames: ['environment'],
      registers,
    });
    this.deliveries = new Counter({
      name: 'paddock_deliveries_total',
      help: 'Delivery jobs by result: moved, unchanged or failed',
      labelNames: ['environment', 'topic', 'result'],
      registers,
    });
    this.deliverySeconds = new Histogram({
      name: 'paddock_delivery_seconds',
      help: 'Time that a delivery job took',
      labelNames: ['topic'],
      buckets: FAST_BUCKETS,
      registers,
    });
    this.rebuilds = new Counter({
      name: 'paddock_artefact_rebuilds_total',
      help: 'Complete rebuilds of an environment in Redis',
      labelNames: ['environment'],
      registers,
    });
    this.receipts = new Counter({
      name: 'paddock_receipts_total',
      help: 'Receipts stored, by state',
      labelNames: ['environment', 'state'],
      registers,
    });
    this.propagationSeconds = new Histogram({
      name: 'paddock_propagation_seconds',
      help: 'Time from the landing of a release until an instance applied it, as the receipts of instances say',
      labelNames: ['environment', 'consumer'],
      buckets: FAST_BUCKETS,
      registers,
    });
    this.tasks = new TaskMetrics(registry);
    this.jobs = new Gauge({
      name: 'paddock_queue_jobs',
      help: 'Jobs in a queue by state: waiting, active, delayed or failed',
      labelNames: ['queue', 'state'],
      registers,
    });
    this.failedJobs = new Counter({
      name: 'paddock_job_failures_total',
      help: 'Attempts of jobs that failed; most are tried again',
      labelNames: ['queue'],
      registers,
    });
    this.deadLetters = new Gauge({
      name: 'paddock_dead_letters',
      help: 'Finally failed jobs that are kept for an operator',
      labelNames: ['queue'],
      registers,
    });
  }
}
