import type { MarketChange, PollMapping } from '@paddock/contracts';
import type { OutboundClient } from '@paddock/outbound';
import { type Logger, parseBoundedJson } from '@paddock/runtime';
import type { FeedLimits } from '../../markets/feed-watch.js';
import type { Feed, FeedOutlet } from '../feed.js';
import { pause } from '../pause.js';
import { mapAnswer } from './mapping.js';

/** A source that is polled. */
export interface PollerOptions {
  readonly key: string;
  readonly outbound: OutboundClient;
  /** Its parameters may be secrets, so it is never logged. */
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly mapping: PollMapping;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 4 << 20;
const ANSWER = { depth: 32, members: 200_000 };
const MAX_RETRY_MS = 600_000;

/** The source asks us to wait. */
class Throttled extends Error {
  constructor(readonly waitMs: number) {
    super(`asked to wait ${waitMs} ms`);
  }
}

/** The answer of the source cannot be read. */
class UnreadableAnswer extends Error {}

/** Polls a URL. Every answer is an image of everything: markets that it leaves out are withdrawn. */
export class PollerFeed implements Feed {
  readonly keys: readonly [string];
  readonly limits: FeedLimits;
  private known = new Map<string, MarketChange>();
  private etag: string | undefined;
  private wake = new AbortController();

  constructor(
    private readonly options: PollerOptions,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {
    this.keys = [options.key];
    const silenceMs = Math.max(2 * options.intervalMs, 20_000);
    this.limits = { silenceMs, lagMs: silenceMs };
  }

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    await outlet.down('RESTART');
    let complete = false;
    let failing = false;
    while (!signal.aborted) {
      const due = this.now() + this.options.intervalMs;
      let waitMs = 0;
      try {
        const fromScratch = this.wake.signal.aborted || !complete;
        if (fromScratch) this.etag = undefined;
        this.wake = new AbortController();
        await this.poll(outlet, signal);
        outlet.alive();
        if (fromScratch) await outlet.complete();
        complete = true;
        failing = false;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof UnreadableAnswer && complete) {
          // It may have changed any market: all stay suspended until an answer can be read.
          await outlet.down('UNREADABLE');
          complete = false;
        }
        waitMs = error instanceof Throttled ? error.waitMs : 0;
        if (!failing) this.logger.warn({ err: error, feed: this.options.key }, 'polling fails, going on');
        failing = true;
      }
      await pause(
        Math.max(waitMs, due - this.now(), 10),
        waitMs > 0 ? signal : AbortSignal.any([signal, this.wake.signal]),
      );
    }
  }

  recover(): void {
    this.wake.abort();
  }

  private async poll(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    const { outbound, url, headers = {} } = this.options;
    const response = await outbound.send(url, {
      headers: { accept: 'application/json', ...headers, ...(this.etag ? { 'if-none-match': this.etag } : {}) },
      signal,
      ...{ followWithinOrigin: true, firstByteMs: TIMEOUT_MS, wholeMs: TIMEOUT_MS },
    });
    if (!response.ok) {
      response.discard();
      if (response.status === 304) return;
      if (response.status === 429 || response.status === 503)
        throw new Throttled(retryAfterMs(response.headers['retry-after'], this.now()));
      throw new Error(`status ${response.status}`);
    }
    const body = (await response.read(MAX_BYTES)).toString();
    const at = this.now();
    const { changes, unusable } = this.read(body, at, outlet);
    for (const problem of unusable) outlet.quarantine(JSON.stringify(problem.market) ?? '', problem);
    await outlet.write([...changes, ...this.withdrawn(changes, at)]);
    this.known = new Map(changes.map((change) => [change.market, change]));
    this.etag = response.headers.etag;
  }

  private read(body: string, at: number, outlet: FeedOutlet): ReturnType<typeof mapAnswer> {
    try {
      return mapAnswer(this.options.mapping, this.options.key, parseBoundedJson(body, ANSWER), at);
    } catch (error) {
      outlet.quarantine(body, error);
      throw new UnreadableAnswer('the answer cannot be read', { cause: error });
    }
  }

  private withdrawn(changes: readonly MarketChange[], at: number): MarketChange[] {
    const present = new Set(changes.map(({ market }) => market));
    return [...this.known.values()]
      .filter(({ market }) => !present.has(market))
      .map((change) => ({ ...change, at, source: { feed: this.options.key, pt: at }, status: 'INACTIVE' }));
  }
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3); a second where it is absent or unreadable. */
function retryAfterMs(header: string | undefined, now: number): number {
  const seconds = Number(header ?? '1');
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header ?? '') - now;
  return Math.min(Math.max(Number.isNaN(waitMs) ? 1_000 : waitMs, 100), MAX_RETRY_MS);
}
