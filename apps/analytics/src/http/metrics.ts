import { Counter, FAST_BUCKETS, Gauge, Histogram, type Registry } from '@paddock/runtime';
import type { Analytics } from '../analytics.js';
import { REJECTION_CODES } from '../collector/rejection.js';
import type { Serving } from '../serving.js';

/** Buckets in seconds, from the target to the delay of a sender that was offline. */
const LAG_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 86_400];
/** How long a count of the quarantine is cached, because it reads the store. */
const COUNTED_FOR_MS = 10_000;

/** Registers the metrics of the analytics process. Names, types and units follow the conventions of Prometheus. */
export function observeAnalytics(analytics: Analytics, serving: Serving, metrics: Registry): void {
  observeEvents(analytics, metrics);
  observeLag(analytics, metrics);
  observeMemory(analytics, metrics);
  observeQuarantine(serving, metrics);
  observeQueries(serving, metrics);
}

function observeEvents({ collector, processor }: Analytics, metrics: Registry): void {
  counter(metrics, 'analytics_events_received_total', 'Events in the requests of senders', [], (add) =>
    add({}, collector.counts.accepted + sum(collector.counts.refused.values())),
  );
  counter(metrics, 'analytics_events_accepted_total', 'Events that were written to the event log', [], (add) =>
    add({}, collector.counts.accepted),
  );
  counter(
    metrics,
    'analytics_events_refused_total',
    'Events that were refused, by the code of the first mistake',
    ['reason'],
    (add) => {
      for (const reason of REJECTION_CODES) add({ reason }, collector.counts.refused.get(reason) ?? 0);
    },
  );
  counter(
    metrics,
    'analytics_events_total',
    'Events that were read from the event log, by what became of them',
    ['outcome'],
    (add) => {
      for (const [outcome, count] of Object.entries(processor.counts)) add({ outcome }, count);
    },
  );
  counter(
    metrics,
    'analytics_duplicates_total',
    'Events that did not count, since another event with their id is stored',
    [],
    (add) => add({}, processor.counts.duplicates),
  );
  counter(
    metrics,
    'analytics_dead_letters_total',
    'What was in the event log and could not be stored: rows that the store refused, and unreadable records',
    ['kind'],
    (add) => {
      add({ kind: 'row' }, processor.counts.poisoned);
      add({ kind: 'record' }, processor.unreadableRecords);
    },
  );
}

function observeLag({ processor, sources }: Analytics, metrics: Registry): void {
  const lag = new Histogram({
    name: 'analytics_event_queryable_lag_seconds',
    help: 'From the time of the newest event of a stored batch until queries count it',
    buckets: LAG_BUCKETS,
    registers: [metrics],
  });
  const delay = new Histogram({
    name: 'analytics_received_queryable_lag_seconds',
    help: 'From the receipt of a batch of events until queries count them',
    buckets: LAG_BUCKETS,
    registers: [metrics],
  });
  processor.storedListeners.push(({ newest, receivedAt }, now) => {
    lag.observe(Math.max(0, now - newest) / 1_000);
    delay.observe(Math.max(0, now - receivedAt) / 1_000);
  });
  new Gauge({
    name: 'analytics_watermark_timestamp_seconds',
    help: 'Time before which all events of this name are taken to have arrived',
    labelNames: ['event'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const event of sources.events) {
        const watermark = sources.watermark(event, Date.now());
        if (Number.isFinite(watermark)) this.set({ event }, watermark / 1_000);
      }
    },
  });
}

function observeMemory({ collector, deduplication }: Analytics, metrics: Registry): void {
  gauge(
    metrics,
    'analytics_collector_buffer_bytes',
    'Bytes that wait to be written to the event log',
    () => collector.bufferedBytes,
  );
  gauge(
    metrics,
    'analytics_collector_buffer_limit_bytes',
    'Bytes that may wait before senders are refused',
    () => collector.limits.maxBufferedBytes,
  );
  gauge(metrics, 'analytics_deduplication_ids', 'Ids of received events in memory', () => deduplication.size.ids);
  gauge(
    metrics,
    'analytics_deduplication_bytes',
    'Memory that the ids of received events take',
    () => deduplication.size.bytes,
  );
}

function observeQuarantine({ quarantine }: Serving, metrics: Registry): void {
  let counted = { at: -Infinity, open: 0 };
  new Gauge({
    name: 'analytics_quarantine_open_events',
    help: 'Refused events in quarantine that were not repaired, as counted within the last ten seconds',
    registers: [metrics],
    async collect() {
      const now = performance.now();
      if (now - counted.at > COUNTED_FOR_MS) counted = { at: now, open: await quarantine.openCount() };
      this.set(counted.open);
    },
  });
}

function observeQueries({ queries }: Serving, metrics: Registry): void {
  const durations = new Histogram({
    name: 'analytics_query_duration_seconds',
    help: 'Time to answer a query, by its kind and outcome: answered, refused as invalid, or failed',
    labelNames: ['question', 'outcome'],
    buckets: FAST_BUCKETS,
    registers: [metrics],
  });
  queries.listeners.push((kind, outcome, ms) => durations.observe({ question: kind, outcome }, ms / 1_000));
  counter(
    metrics,
    'analytics_answers_total',
    'Answers to queries of series, by whether they were cached',
    ['cache'],
    (add) => {
      add({ cache: 'hit' }, queries.cache.hits);
      add({ cache: 'miss' }, queries.cache.misses);
    },
  );
}

type Labels = Record<string, string>;

/** A counter whose value is kept elsewhere. */
function counter(
  metrics: Registry,
  name: string,
  help: string,
  labelNames: string[],
  read: (add: (labels: Labels, count: number) => void) => void,
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [metrics],
    collect() {
      this.reset();
      read((labels, count) => this.inc(labels, count));
    },
  });
}

function gauge(metrics: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [metrics],
    collect() {
      this.set(read());
    },
  });
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
