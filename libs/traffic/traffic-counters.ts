import type { Redis } from 'ioredis';
import { redisAreas } from '@paddock/contracts';

/** The labels of a count: client, route and version. All come from config and code, so they stay few. */
export interface TrafficKey {
  readonly client: string;
  /** The route's pattern, never the path. */
  readonly route: string;
  readonly version: string;
}

/** How often, and when last. */
export interface TrafficCount extends TrafficKey {
  /** `2026-11-20`, UTC. */
  readonly day: string;
  readonly requests: number;
  readonly lastAt: number;
}

const DAYS_KEPT = 90;
const DAY_MS = 86_400_000;
/** Counts that wait for Redis at most; beyond, requests of further clients and routes are not counted. */
const MAX_WAITING = 10_000;

/** A day's counts in Redis: hash from client, version and route to requests, and to the last moment under `at `. */
function dayKey(prefix: string, day: string): string {
  return `${redisAreas(prefix).traffic}${day}`;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Counts requests with one addition each, and adds the sums to Redis periodically. Sums that Redis cannot take wait. */
export class TrafficCounters {
  private waiting = new Map<string, { day: string; field: string; requests: number; lastAt: number }>();
  private flushing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly onError: (error: unknown) => void,
    everyMs = 2_000,
  ) {
    this.timer = setInterval(() => void this.flush(), everyMs);
    this.timer.unref();
  }

  count({ client, route, version }: TrafficKey, now = Date.now()): void {
    this.add(dayOf(now), [client, version, route].join('\t'), 1, now);
  }

  /** Adds the counts to Redis; called periodically. */
  flush(): Promise<void> {
    this.flushing ??= this.bring().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private add(day: string, field: string, requests: number, lastAt: number): void {
    const name = `${day} ${field}`;
    const known = this.waiting.get(name);
    if (known) {
      known.requests += requests;
      known.lastAt = Math.max(known.lastAt, lastAt);
    } else if (this.waiting.size < MAX_WAITING) this.waiting.set(name, { day, field, requests, lastAt });
  }

  private async bring(): Promise<void> {
    if (this.waiting.size === 0) return;
    const taken = [...this.waiting.values()];
    this.waiting = new Map();
    const transaction = this.redis.multi();
    for (const { day, field, requests, lastAt } of taken) {
      transaction.hincrby(dayKey(this.prefix, day), field, requests);
      // Another process may have seen it later, by a clock that is a little ahead: a second more or less says nothing here.
      transaction.hset(dayKey(this.prefix, day), `at ${field}`, lastAt);
    }
    for (const day of new Set(taken.map((count) => count.day)))
      transaction.expire(dayKey(this.prefix, day), (DAYS_KEPT * DAY_MS) / 1_000);
    try {
      const results = await transaction.exec();
      for (const [error] of results ?? []) if (error) throw error;
    } catch (error) {
      for (const { day, field, requests, lastAt } of taken) this.add(day, field, requests, lastAt);
      this.onError(error);
    }
  }
}

/** The counts of the last days, today included. */
export async function readTraffic(
  redis: Redis,
  prefix: string,
  days: number,
  now = Date.now(),
): Promise<TrafficCount[]> {
  const names = Array.from({ length: Math.min(days, DAYS_KEPT) }, (_, ago) => dayOf(now - ago * DAY_MS));
  const counted = await Promise.all(names.map(async (day) => countsOf(day, await redis.hgetall(dayKey(prefix, day)))));
  return counted.flat();
}

function countsOf(day: string, fields: Readonly<Record<string, string>>): TrafficCount[] {
  return Object.entries(fields).flatMap(([field, requests]) => {
    if (field.startsWith('at ')) return [];
    const [client = '', version = '', route = ''] = field.split('\t');
    return [{ day, client, version, route, requests: Number(requests), lastAt: Number(fields[`at ${field}`] ?? 0) }];
  });
}
