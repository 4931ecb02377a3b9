import { setTimeout as delay } from 'node:timers/promises';
import { bucketStart, GRAINS, shift } from '@paddock/metrics';
import type { Logger } from '@paddock/runtime';
import type { Definitions } from '../definitions/definitions.js';
import type { DimensionValue } from '../queries/metric-series.js';
import { QueryReader } from '../queries/query-problems.js';
import type { Answered, Queries } from '../queries/queries.js';
import { Subscriber } from './subscriber.js';

/** A query for the changes of a series that ends now. */
export interface AskedLive {
  metric: string;
  grain: string;
  timeZone?: string | null | undefined;
  dimensions?: readonly string[] | null | undefined;
  filter?: unknown;
  limit?: number | null | undefined;
  /** How many buckets, including the current one. */
  buckets?: number | null | undefined;
}

/** The new value of one point. */
export interface PointChange {
  dimensions: DimensionValue[];
  start: number;
  end: number;
  value: string | null;
  finality: string;
  /** Names the computation of the value; a different name means that the definition changed. */
  version: string;
}

const DEFAULT_BUCKETS = 60;
const MAX_BUCKETS = 1_500;
/** The shortest interval between computations; changes in between are sent together. */
const CONFLATE_MS = 250;
/** Time alone changes finality and opens buckets. */
const TICK_MS = 1_000;

interface Topic {
  asked: AskedLive;
  events: readonly string[];
  readers: Set<Subscriber<PointChange>>;
  image: Map<string, PointChange>;
  dirty: boolean;
  computedAt: number;
}

/**
 * Watched series. Each is computed once for all its subscribers, when its events were stored or a second has passed,
 * and only changed points are sent.
 */
export class LiveSeries {
  private readonly topics = new Map<string, Topic>();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly queries: Queries,
    private readonly logger: Logger,
    private readonly clock: () => number = Date.now,
  ) {}

  get readers(): number {
    return [...this.topics.values()].reduce((sum, { readers }) => sum + readers.size, 0);
  }

  /**
   * Sends all points first, then those that changed.
   * @throws InvalidQuery
   */
  async watch(asked: AskedLive): Promise<AsyncIterableIterator<PointChange[]>> {
    checkLive(this.queries.context.definitions, asked);
    const key = JSON.stringify([
      asked.metric,
      asked.grain,
      asked.timeZone,
      asked.dimensions,
      asked.filter,
      asked.limit,
      asked.buckets,
    ]);
    const first = await this.answer(asked);
    const topic = this.topics.get(key) ?? {
      asked,
      events: first.answer.events,
      readers: new Set(),
      image: imageOf(first),
      dirty: false,
      computedAt: this.clock(),
    };
    this.topics.set(key, topic);
    const reader = new Subscriber<PointChange>(() => {
      topic.readers.delete(reader);
      if (topic.readers.size === 0) this.topics.delete(key);
    });
    topic.readers.add(reader);
    reader.push(topic.image);
    this.running ??= this.run();
    return reader;
  }

  /** Events of these windows were stored. */
  touched(event: string): void {
    for (const topic of this.topics.values()) if (topic.events.includes(event)) topic.dirty = true;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
    await Promise.all(
      [...this.topics.values()].flatMap(({ readers }) => [...readers]).map((reader) => reader.return()),
    );
  }

  private async run(): Promise<void> {
    while (!this.closing.signal.aborted) {
      await delay(CONFLATE_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      for (const topic of [...this.topics.values()]) {
        if (this.closing.signal.aborted || (!topic.dirty && this.clock() - topic.computedAt < TICK_MS)) continue;
        await this.refresh(topic).catch((error: unknown) =>
          this.logger.warn(
            { err: error, metric: topic.asked.metric },
            'a watched series could not be computed; it is tried again',
          ),
        );
      }
    }
  }

  private async refresh(topic: Topic): Promise<void> {
    topic.dirty = false;
    topic.computedAt = this.clock();
    const answered = await this.answer(topic.asked);
    topic.events = answered.answer.events;
    const image = imageOf(answered);
    const changes = [...image].filter(([point, change]) => !isSame(topic.image.get(point), change));
    topic.image = image;
    if (changes.length === 0) return;
    for (const reader of topic.readers) {
      // A reader so slow that old buckets pile up gets a full snapshot instead.
      if (reader.size > 2 * image.size) reader.push(image, { reset: true });
      else reader.push(changes);
    }
  }

  private answer({ buckets, ...asked }: AskedLive): Promise<Answered> {
    const now = this.clock();
    const timeZone = zoneOf(this.queries.context.definitions, asked);
    const grain = GRAINS.find((one) => one === asked.grain.toLowerCase()) ?? 'minute';
    const from = shift(
      bucketStart(now, grain, timeZone),
      { amount: (buckets ?? DEFAULT_BUCKETS) - 1, unit: grain },
      timeZone,
      -1,
    );
    return this.queries.series({ ...asked, timeZone, from: iso(from), to: iso(now + 1) });
  }
}

const iso = (at: number): string => new Date(at).toISOString();

function zoneOf(definitions: Definitions, { metric, timeZone }: AskedLive): string {
  return timeZone ?? definitions.metric(metric)?.serving?.timeZone ?? 'UTC';
}

/** The members that must be valid before times are computed. */
function checkLive(definitions: Definitions, asked: AskedLive): void {
  const { metric, grain, buckets } = asked;
  const reader = new QueryReader(definitions);
  reader.metric(metric);
  reader.grain(grain);
  reader.timeZone(zoneOf(definitions, asked));
  reader.integer('buckets', buckets ?? DEFAULT_BUCKETS, 1, MAX_BUCKETS);
  reader.done();
}

function imageOf({ answer, versions }: Answered): Map<string, PointChange> {
  const version = versions.flatMap(({ computation }) => computation ?? []).join(' ');
  const image = new Map<string, PointChange>();
  for (const { dimensions, values, shown } of answer.rows) {
    const cells = JSON.stringify(dimensions);
    for (const index of shown) {
      const { start, end } = answer.intervals[index] ?? { start: 0, end: 0 };
      image.set(`${cells} ${start}`, {
        dimensions,
        start,
        end,
        value: values[index]?.toFixed() ?? null,
        finality: answer.finality[index] ?? 'OPEN',
        version,
      });
    }
  }
  return image;
}

function isSame(a: PointChange | undefined, b: PointChange): boolean {
  return a !== undefined && a.value === b.value && a.finality === b.finality && a.version === b.version;
}
