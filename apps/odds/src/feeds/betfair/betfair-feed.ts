import type { Logger } from '@paddock/runtime';
import type { FeedLimits } from '../../markets/feed-watch.js';
import type { Feed, FeedOutlet, RecoverCause } from '../feed.js';
import { pauseAfterFailure } from '../pause.js';
import { BetfairMarkets, endsSegments } from './betfair-markets.js';
import {
  type BetfairMessage,
  type MarketChangeMessage,
  parseMessage,
  type StatusMessage,
  UnusableMessage,
} from './messages.js';
import { type StreamEndpoint, streamLines } from './stream-connection.js';

/** How to subscribe; the filters go to Betfair as they are. */
export interface BetfairOptions {
  readonly key: string;
  readonly endpoint: StreamEndpoint;
  readonly appKey: string;
  /** A session token; asked again when Betfair does not accept the one before. */
  readonly session: (renew: boolean) => Promise<string>;
  readonly marketFilter: object;
  readonly fields?: readonly string[];
  readonly conflateMs?: number;
  readonly heartbeatMs?: number;
}

/** Betfair's own advice is to distrust a stream at twice its heartbeat; the contract gives it ten seconds. */
const SILENCE_MS = 10_000;
const FIELDS = ['EX_BEST_OFFERS', 'EX_MARKET_DEF', 'EX_LTP', 'SP_PROJECTED'];
/** Errors that a new session resolves. */
const SESSION_ERRORS = ['NO_SESSION', 'INVALID_SESSION_INFORMATION', 'NOT_AUTHORIZED'];

/** What the feed keeps between connections, so that it can resume. */
interface Resume {
  initialClk: string | undefined;
  clk: string | undefined;
}

/** A client of the Exchange Stream API: authenticates, subscribes, and resumes after every interruption. */
export class BetfairFeed implements Feed {
  readonly keys: readonly [string];
  private readonly key: string;
  readonly limits: FeedLimits;
  private readonly markets: BetfairMarkets;
  private readonly resume: Resume = { initialClk: undefined, clk: undefined };
  private outlet: FeedOutlet | undefined;
  private subscription = 0;
  private messages = 0;
  private renewSession = false;
  private late = false;
  /** Has this connection brought the books up to date? Until then they are those of the previous connection. */
  private current = false;
  /** Was a change lost on its way to the log while they were not? */
  private hasHole = false;
  private heartbeatMs: number;

  constructor(
    private readonly options: BetfairOptions,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {
    this.key = options.key;
    this.keys = [options.key];
    this.heartbeatMs = options.heartbeatMs ?? 5_000;
    this.limits = { silenceMs: Math.max(2 * this.heartbeatMs, SILENCE_MS), lagMs: SILENCE_MS };
    this.markets = new BetfairMarkets(options.key);
  }

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    this.outlet = outlet;
    await outlet.down('RESTART');
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.connectOnce(outlet, signal, () => (failures = 0));
        this.logger.warn({ feed: this.key }, 'Betfair ended the connection');
      } catch (error) {
        this.logger.warn({ err: error, feed: this.key }, 'Betfair stream broke, connecting again');
      } finally {
        this.current = false;
      }
      await pauseAfterFailure(failures, signal);
    }
  }

  /**
   * While the connection is up to date the books are complete, so they are reported again without asking Betfair. Without
   * a connection, or while it is late, that would bring back old prices; a connection reports everything once it is up to date.
   */
  recover(_source?: string, cause?: RecoverCause): void {
    if (this.outlet && this.current && !this.late) void this.sayAnew(this.outlet);
    else if (cause === 'LOST') this.hasHole = true;
  }

  private async connectOnce(outlet: FeedOutlet, signal: AbortSignal, onSuccess: () => void): Promise<void> {
    const session = await this.options.session(this.renewSession);
    this.renewSession = false;
    let send: (message: object) => void = () => undefined;
    const silenceMs = (): number => 2 * this.heartbeatMs + 1_000;
    for await (const line of streamLines(this.options.endpoint, {
      onOpen: (give) => (send = give),
      silenceMs,
      signal,
    })) {
      outlet.alive();
      let message: BetfairMessage;
      try {
        message = parseMessage(line);
      } catch (error) {
        outlet.quarantine(line, error);
        if (error instanceof UnusableMessage && !error.aboutMarkets) continue;
        await this.forget(outlet);
        throw error;
      }
      switch (message.op) {
        case 'connection':
          send({ op: 'authentication', id: (this.messages += 1), appKey: this.options.appKey, session });
          this.subscription = 0;
          break;
        case 'status':
          this.accept(message);
          if (this.subscription === 0) this.subscribe(send);
          break;
        case 'mcm':
          // Late messages of an older subscription would mix with the image of the new one.
          if (message.id === undefined || message.id === this.subscription) await this.take(message, outlet);
          onSuccess();
          break;
      }
    }
  }

  /**
   * A line that cannot be read may have changed any market, and every later change builds on it: nothing is offered until
   * a new connection has brought images of everything.
   */
  private async forget(outlet: FeedOutlet): Promise<void> {
    this.current = false;
    this.resume.clk = this.resume.initialClk = undefined;
    await outlet.down('UNREADABLE');
  }

  /** @throws Error when Betfair refuses; the next connection corrects the cause where it can */
  private accept({ statusCode, errorCode, errorMessage }: StatusMessage): void {
    if (statusCode === 'SUCCESS') return;
    if (errorCode === 'INVALID_CLOCK') this.resume.clk = this.resume.initialClk = undefined;
    if (errorCode && SESSION_ERRORS.includes(errorCode)) this.renewSession = true;
    throw new Error(`Betfair refused: ${errorCode ?? 'FAILURE'} ${errorMessage ?? ''}`.trimEnd());
  }

  private subscribe(send: (message: object) => void): void {
    const { marketFilter, fields = FIELDS, conflateMs = 0, heartbeatMs = 5_000 } = this.options;
    const { initialClk, clk } = this.resume;
    this.messages += 1;
    this.subscription = this.messages;
    send({
      op: 'marketSubscription',
      id: this.subscription,
      segmentationEnabled: true,
      conflateMs,
      heartbeatMs,
      marketFilter,
      marketDataFilter: { fields, ladderLevels: 3 },
      ...(initialClk && clk ? { initialClk, clk } : {}),
    });
  }

  private async take(message: MarketChangeMessage, outlet: FeedOutlet): Promise<void> {
    await this.checkLateness(message, outlet);
    this.heartbeatMs = message.heartbeatMs ?? this.heartbeatMs;
    await outlet.write(this.markets.take(message, this.now()));
    // A clock kept before the last segment would skip the segments that are still to come.
    if (!endsSegments(message.segmentType)) return;
    this.resume.initialClk = message.initialClk ?? this.resume.initialClk;
    this.resume.clk = message.clk ?? this.resume.clk;
    if (message.ct !== 'SUB_IMAGE' && message.ct !== 'RESUB_DELTA') return;
    this.current = true;
    // An image was just reported, unless part of it was lost. A delta reports only changes, so the rest is reported below.
    if (message.ct === 'SUB_IMAGE' && !this.hasHole) await outlet.complete();
    else await this.sayAnew(outlet);
  }

  /** `status: 503` marks messages as late, until a message comes without it. */
  private async checkLateness({ status }: MarketChangeMessage, outlet: FeedOutlet): Promise<void> {
    if (status === 503 && !this.late) {
      this.late = true;
      await outlet.down('LATE');
    } else if (status !== 503 && this.late) {
      this.late = false;
      await this.sayAnew(outlet);
    }
  }

  private async sayAnew(outlet: FeedOutlet): Promise<void> {
    this.hasHole = false;
    await outlet.write(this.markets.images(this.now()));
    await outlet.complete();
  }
}
