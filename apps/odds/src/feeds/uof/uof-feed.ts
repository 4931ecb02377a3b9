import type { Logger } from '@paddock/runtime';
import type { FeedLimits } from '../../markets/feed-watch.js';
import type { Feed, FeedOutlet, RecoverCause } from '../feed.js';
import { MessageOrder } from './message-order.js';
import type { UofEventMessage, UofMessage } from './message-types.js';
import { parseUofMessage, UnusableMessage } from './messages.js';
import { normaliseUof, stopOfEvent } from './normalise.js';
import { RecoveryRejected } from './recovery-requests.js';
import {
  type RecoveryAction,
  type RecoveryEvent,
  type RecoveryState,
  recoveryStep,
  UNRECOVERED,
  UOF_RULES,
} from './recovery.js';
import { UofReference } from './reference.js';

export interface UofOptions {
  readonly key: string;
  /** Producers that are subscribed to, by number. */
  readonly producers: readonly [number, ...number[]];
  /** Messages as they come, until the signal aborts. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<string>;
  /** Fixtures and market descriptions that are known from the beginning. */
  readonly reference: readonly string[];
  /** Asks Sportradar to send again what came after a timestamp, or everything. Rejects when it was not accepted, with RecoveryRejected where the timestamp may be why. */
  readonly requestRecovery: (product: number, requestId: number, after: number | undefined) => Promise<void>;
}

/** Timestamps are Sportradar's, and clocks differ by seconds. */
const MAX_AHEAD_MS = 86_400_000;

/** A client of Sportradar's Unified Odds Feed: every producer has its own recovery, and its own key in the log. */
export class UofFeed implements Feed {
  readonly keys: readonly [string, ...string[]];
  readonly limits: FeedLimits = { silenceMs: UOF_RULES.silenceMs, lagMs: UOF_RULES.silenceMs };
  private readonly reference = new UofReference();
  private readonly order = new MessageOrder((market) => this.reference.market(market)?.groups);
  private readonly producers: Map<number, RecoveryState>;
  private outlet: FeedOutlet | undefined;

  constructor(
    private readonly options: UofOptions,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {
    this.keys = [options.key, ...options.producers.map((product) => this.keyOf(product))];
    // Ids of their own for each process: the answer to what the process before asked for may still be on its way.
    const requests = Math.floor(now() / 1_000);
    this.producers = new Map(options.producers.map((product) => [product, { ...UNRECOVERED, requests }]));
    for (const document of options.reference) this.reference.take(document);
  }

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    this.outlet = outlet;
    for (const [product, state] of this.producers) {
      this.producers.set(product, { ...state, phase: 'DOWN' });
      await outlet.down('RESTART', this.keyOf(product));
    }
    const clock = setInterval(() => {
      for (const product of this.producers.keys()) void this.step(product, { type: 'tick' });
    }, 1_000);
    try {
      for await (const text of this.options.messages(signal)) await this.take(text, outlet);
    } finally {
      clearInterval(clock);
    }
  }

  recover(source: string, cause: RecoverCause): void {
    const event: RecoveryEvent = { type: cause === 'LOST' ? 'lost' : 'distrusted' };
    for (const product of this.producers.keys()) if (this.keyOf(product) === source) void this.step(product, event);
  }

  private async take(text: string, outlet: FeedOutlet): Promise<void> {
    let message: UofMessage;
    try {
      message = parseUofMessage(text);
    } catch (error) {
      outlet.quarantine(text, error);
      if (error instanceof UnusableMessage) await this.distrust(error, outlet);
      return;
    }
    const { product } = message;
    if (message.type === 'alive') {
      if (message.subscribed && this.producers.has(product)) outlet.alive(this.keyOf(product));
      await this.step(product, message);
    } else if (message.type === 'snapshot_complete') {
      await this.step(product, message);
    } else {
      await this.takeEvent(message, text, outlet);
    }
  }

  private async takeEvent(message: UofEventMessage, text: string, outlet: FeedOutlet): Promise<void> {
    const { product, event, timestamp } = message;
    if (timestamp > this.now() + MAX_AHEAD_MS) {
      // Everything that is said in time would be older.
      outlet.quarantine(text, 'the timestamp is more than a day ahead');
      return this.stopEvent(event, product, outlet);
    }
    if (!this.producers.has(product) && message.type === 'odds_change') {
      // Nothing checks whether that producer is alive, so its prices could stand for ever.
      outlet.quarantine(text, `odds of producer ${product}, which is not among the feed's producers`);
      return;
    }
    for (const { reason } of message.flaws) outlet.quarantine(text, reason);
    const admitted = this.order.admit(message, text);
    if (admitted)
      await outlet.write(normaliseUof(this.options.key, this.feedOf(product), admitted, this.reference, this.now()));
  }

  /** What a message that cannot be read may have changed is not offered any more: its event, or everything. */
  private async distrust({ event, product, lost }: UnusableMessage, outlet: FeedOutlet): Promise<void> {
    if (event !== undefined) await this.stopEvent(event, product ?? 0, outlet);
    else if (lost) for (const known of this.producers.keys()) await this.step(known, { type: 'unreadable' });
  }

  private stopEvent(event: string, product: number, outlet: FeedOutlet): Promise<void> {
    const pt = this.order.distrust(event, product);
    return outlet.write([stopOfEvent(this.options.key, this.feedOf(product), event, pt, this.now())]);
  }

  private async step(product: number, event: RecoveryEvent): Promise<void> {
    const before = this.producers.get(product);
    if (!before) return;
    const [state, actions] = recoveryStep(before, event, this.now());
    this.producers.set(product, state);
    for (const action of actions) await this.act(product, action);
  }

  private async act(product: number, action: RecoveryAction): Promise<void> {
    switch (action.type) {
      case 'down':
        await this.outlet?.down(action.reason, this.keyOf(product));
        break;
      case 'up':
        await this.outlet?.complete(this.keyOf(product));
        break;
      case 'request':
        // Not awaited: the answer comes through the messages that wait behind this one.
        void this.request(product, action.requestId, action.after);
        break;
    }
  }

  private async request(product: number, requestId: number, after: number | undefined): Promise<void> {
    try {
      await this.options.requestRecovery(product, requestId, after);
      await this.step(product, { type: 'requested', requestId, ok: true });
    } catch (error) {
      this.logger.warn({ err: error, feed: this.keyOf(product) }, 'recovery was not accepted, asking again');
      await this.step(product, {
        type: 'requested',
        requestId,
        ok: false,
        badTime: after !== undefined && error instanceof RecoveryRejected,
      });
    }
  }

  /** The key of a producer; the feed's own for one that is not subscribed to, whose results hold all the same. */
  private feedOf(product: number): string {
    return this.producers.has(product) ? this.keyOf(product) : this.options.key;
  }

  private keyOf(product: number): string {
    return `${this.options.key}-${product}`;
  }
}
