import type { Place } from './clk.js';
import type { MarketFilter } from './market-filter.js';
import type { Sink } from './sink.js';

/** A place with a number: of two, the later one is further on. */
export interface Position extends Omit<Place, 'filter'> {
  readonly stamp: number;
  /** The same of rules and silence: what they change passes windows by, so they may be further on than what was read. */
  readonly rulesStamp: number;
}

/** As far in the log as one position, with the rules and the silence of another. */
export function under(rules: Position, read: Position): Position {
  const shards = read.shards.map((place) => ({
    ...place,
    silent: rules.shards.find(({ shard }) => shard === place.shard)?.silent ?? place.silent,
  }));
  return {
    view: read.view,
    policy: rules.policy,
    at: rules.at,
    shards,
    stamp: read.stamp,
    rulesStamp: rules.rulesStamp,
  };
}

/** One subscription of one connection. */
export interface Subscriber {
  readonly id: number;
  readonly sink: Sink;
  /** What it was sent last leads here. */
  position: Position;
  /** When it was found to read too slowly; nothing is written to it until it has caught up. */
  stalledAt: number | undefined;
}

/** A reader that leaves so much unread gets nothing more until it has read: what it misses is not kept, but made from the markets. */
export const MAX_UNREAD_BYTES = 256 << 10;

/** What a frame says, before it is written for anybody. */
export interface FrameContent {
  readonly entries: readonly string[];
  /** Members between `pt` and `m`: `"con":true,`. */
  readonly extra: string;
}

/** The subscriptions of one view, window and filter: whatever one of them gets, all get, and it is written once. */
export class SubscriptionGroup {
  readonly subscribers = new Set<Subscriber>();
  lastFrameAt: number;
  /** An image, as long as nothing happens: many subscribe at once when an edge starts. */
  image: { readonly version: number; readonly entries: readonly string[] } | undefined;

  constructor(
    readonly filter: MarketFilter,
    readonly hbMs: number,
    private readonly clkOf: (place: Place) => string,
    now: number,
  ) {
    this.lastFrameAt = now;
  }

  /** Entries to everybody. A subscriber that is further on than the others keeps its own place in the log until they are there. */
  send(content: FrameContent, position: Position, now: number): void {
    this.lastFrameAt = now;
    this.toAll(position, now, (id, clk) => marketFrame(id, clk, now, content));
  }

  beat(position: Position, now: number): void {
    this.lastFrameAt = now;
    this.toAll(position, now, (id, clk) => `{"op":"hb","id":${id},"clk":"${clk}","pt":${now}}`);
  }

  /** One subscriber's own frame; without `position` it is not the last one of what it says. */
  tell(subscriber: Subscriber, content: FrameContent, position: Position | undefined, now: number): void {
    const clk = position && this.clk(position);
    subscriber.sink.write(subscriber.sink.format.encode(marketFrame(subscriber.id, clk, now, content), clk));
    if (position) subscriber.position = position;
  }

  clk({ view, policy, at, shards }: Position): string {
    const { name: filter, partitions } = this.filter;
    return this.clkOf({ view, filter, policy, at, shards: shards.filter(({ shard }) => partitions.includes(shard)) });
  }

  private toAll(position: Position, now: number, write: (id: number, clk: string) => string): void {
    const frames = new Map<string, Buffer>();
    const common = this.clk(position);
    for (const subscriber of this.subscribers) {
      const { sink, id } = subscriber;
      if (subscriber.stalledAt !== undefined) continue;
      if (sink.buffered > MAX_UNREAD_BYTES) {
        subscriber.stalledAt = now;
        continue;
      }
      const isAhead = subscriber.position.stamp > position.stamp;
      if (!isAhead) subscriber.position = position;
      else if (position.rulesStamp > subscriber.position.rulesStamp)
        subscriber.position = under(position, subscriber.position);
      const name = `${sink.format.name} ${id} ${isAhead ? `${subscriber.position.stamp} ${subscriber.position.rulesStamp}` : ''}`;
      let frame = frames.get(name);
      if (!frame) {
        const clk = isAhead ? this.clk(subscriber.position) : common;
        frame = sink.format.encode(write(id, clk), clk);
        frames.set(name, frame);
      }
      sink.write(frame);
    }
  }
}

function marketFrame(id: number, clk: string | undefined, pt: number, { entries, extra }: FrameContent): string {
  return `{"op":"mc","id":${id},${clk === undefined ? '' : `"clk":"${clk}",`}"pt":${pt},${extra}"m":[${entries.join(',')}]}`;
}
