import type { Place } from './clk.js';
import type { MarketFilter } from './market-filter.js';
import type { Sink } from './sink.js';

/** A place with a number that orders places: the higher one is later. */
export interface Position extends Omit<Place, 'filter'> {
  readonly stamp: number;
  /** The same for rules and silence: their changes bypass windows, so they may be ahead of the log's position. */
  readonly rulesStamp: number;
}

/** The log position of `read` with the rules and the silence of `rules`. */
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
  /** The position that its last frame brought it to. */
  position: Position;
  /** When it was found to read too slowly; no frame is written to it until it has caught up. */
  stalledAt: number | undefined;
}

/** A reader with more unread gets no frames until it has read them. Missed frames are not kept: they are computed from the markets. */
export const MAX_UNREAD_BYTES = 256 << 10;

/** The content of a frame, before it is encoded for a subscriber. */
export interface FrameContent {
  readonly entries: readonly string[];
  /** Members between `pt` and `m`: `"con":true,`. */
  readonly extra: string;
}

/** The subscriptions of one view, window and filter: all get the same frames, which are encoded once. */
export class SubscriptionGroup {
  readonly subscribers = new Set<Subscriber>();
  lastFrameAt: number;
  /** The image of one version, kept because many readers subscribe at once when an edge starts. */
  image: { readonly version: number; readonly entries: readonly string[] } | undefined;

  constructor(
    readonly filter: MarketFilter,
    readonly hbMs: number,
    private readonly clkOf: (place: Place) => string,
    now: number,
  ) {
    this.lastFrameAt = now;
  }

  /** Sends entries to all subscribers. A subscriber that is ahead of the others keeps its own position until they reach it. */
  send(content: FrameContent, position: Position, now: number): void {
    this.lastFrameAt = now;
    this.toAll(position, now, (id, clk) => marketFrame(id, clk, now, content));
  }

  beat(position: Position, now: number): void {
    this.lastFrameAt = now;
    this.toAll(position, now, (id, clk) => `{"op":"hb","id":${id},"clk":"${clk}","pt":${now}}`);
  }

  /** Sends a frame to one subscriber. Without `position` the frame is not the last of its image. */
  sendTo(subscriber: Subscriber, content: FrameContent, position: Position | undefined, now: number): void {
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
