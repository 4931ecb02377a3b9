import { type FeedRequest, ODDS_REQUESTS } from '@paddock/contracts';
import { type EventLog, type Follower, type Lease, type Member, partitionOf, type Topic } from '@paddock/eventlog';
import type { Logger } from '@paddock/runtime';
import type { Feed } from './feed.js';
import { LogOutlet } from './log-outlet.js';
import { pauseAfterFailure } from './pause.js';

/** Holds nothing: owning one of its partitions is the right to run the feeds whose keys belong there. */
const ODDS_FEEDS: Topic = { name: 'odds.feeds', partitions: 4, retention: { ms: 60_000, bytes: 1 << 10 } };

export interface FeedRunnerParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly onQuarantine: (feed: string) => void;
  readonly leaseMs?: number;
}

/** A feed that is to run. */
export interface ChosenFeed {
  readonly feed: Feed;
  /** Identifies its config: a feed of the same key and version keeps running. */
  readonly version: string;
}

interface RunningFeed extends ChosenFeed {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Runs each feed in one process at a time, whatever the number of processes; when one ends, another takes its feeds over. */
export class FeedRunner {
  /** By key, as below. */
  private chosen: ReadonlyMap<string, ChosenFeed> = new Map();
  private readonly running = new Map<string, RunningFeed>();
  private readonly leases = new Map<number, Lease>();
  private readonly member: Member;
  private readonly requests: Follower;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FeedRunnerParts) {
    const { log, logger, leaseMs } = parts;
    const onError = (error: unknown): void => logger.warn({ err: error }, 'feeds: the log cannot be reached');
    this.member = log.join(ODDS_FEEDS, 'feeds', {
      assigned: (lease) => {
        this.leases.set(lease.partition, lease);
        this.startMissing();
        return Promise.resolve(undefined);
      },
      revoked: async (lease) => {
        this.leases.delete(lease.partition);
        await Promise.all(
          [...this.running.values()]
            .filter(({ feed }) => partitionOf(ODDS_FEEDS, feed.keys[0]) === lease.partition)
            .map((running) => this.stop(running)),
        );
      },
      records: () => Promise.resolve(),
      lost: () => undefined,
      onError,
      ...(leaseMs ? { leaseMs } : {}),
    });
    this.requests = log.follow(ODDS_REQUESTS, {
      from: 'next',
      records: (records) => records.forEach(({ value }) => this.take(value.toString())),
      lost: () => Promise.resolve(undefined),
      onError,
    });
  }

  /** Keys of the feeds that run in this process. */
  get keys(): string[] {
    return [...this.running.keys()];
  }

  /**
   * Makes these the feeds that run: starts, stops and replaces those that differ, and leaves the others alone. A feed that
   * is no longer among them is down at once, because no source reports its markets any more.
   */
  become(feeds: readonly ChosenFeed[]): Promise<void> {
    this.chosen = new Map(feeds.map((one) => [one.feed.keys[0], one]));
    this.turn = this.turn.then(() => this.change());
    return this.turn;
  }

  async close(): Promise<void> {
    await this.turn;
    await Promise.all([this.member.leave(), this.requests.close()]);
  }

  private async change(): Promise<void> {
    const outdated = [...this.running.values()].filter(
      ({ feed, version }) => this.chosen.get(feed.keys[0])?.version !== version,
    );
    await Promise.all(
      outdated.map(async (running) => {
        await this.stop(running);
        if (!this.chosen.has(running.feed.keys[0])) await this.sayDown(running.feed);
      }),
    );
    this.startMissing();
  }

  private startMissing(): void {
    for (const { feed, version } of this.chosen.values()) {
      const lease = this.leases.get(partitionOf(ODDS_FEEDS, feed.keys[0]));
      if (!lease || this.running.has(feed.keys[0])) continue;
      const stop = new AbortController();
      this.running.set(feed.keys[0], { feed, version, stop, ended: this.run(feed, lease, stop.signal) });
    }
  }

  private async stop({ feed, stop, ended }: RunningFeed): Promise<void> {
    stop.abort();
    await ended;
    this.running.delete(feed.keys[0]);
  }

  private async sayDown(feed: Feed): Promise<void> {
    const { log, logger } = this.parts;
    const [key] = feed.keys;
    const lease = this.leases.get(partitionOf(ODDS_FEEDS, key));
    if (!lease) return;
    const outlet = new LogOutlet(key, { log, logger, lease, now: () => Date.now(), onLost: () => undefined });
    await Promise.all(feed.keys.map((source) => outlet.down('DISCONNECTED', source)));
    await outlet.close();
    logger.info({ feed: key }, 'feed taken off');
  }

  private async run(feed: Feed, lease: Lease, signal: AbortSignal): Promise<void> {
    const { log, logger, onQuarantine } = this.parts;
    const [key] = feed.keys;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const outlet = new LogOutlet(key, {
        log,
        logger,
        lease,
        now: () => Date.now(),
        onQuarantine: () => onQuarantine(key),
        onLost: () => feed.keys.forEach((source) => feed.recover(source, 'LOST')),
      });
      try {
        logger.info({ feed: key }, 'feed begins');
        await feed.run(outlet, signal);
      } catch (error) {
        logger.error({ err: error, feed: key }, 'feed failed, beginning again');
      } finally {
        await outlet.close();
      }
      await pauseAfterFailure(failures, signal);
    }
  }

  private take(json: string): void {
    const request = parseRequest(json);
    if (!request) {
      this.parts.logger.warn({ request: json.slice(0, 200) }, 'request to a feed ignored: it makes no sense');
      return;
    }
    for (const { feed } of this.running.values())
      if (feed.keys.includes(request.feed)) feed.recover(request.feed, 'DOWN');
  }
}

/** Never throws: one bad record would otherwise be delivered for ever, and block all records after it. */
function parseRequest(json: string): Pick<FeedRequest, 'feed'> | undefined {
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'recover') return undefined;
  return 'feed' in value && typeof value.feed === 'string' ? { feed: value.feed } : undefined;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
