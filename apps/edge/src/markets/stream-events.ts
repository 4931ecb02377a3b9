import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { OpenedMarkets } from './market-access.js';
import type { MarketStreams } from './market-streams.js';
import { byeFrame, type ByeCode, type FrameFormat, RETRY_MS, type Sink } from './sink.js';
import type { SubscribeOptions } from './subscription-request.js';

/** Without `id:` a browser keeps the one before, so only what ends an image can be resumed from. */
const SSE_FORMAT: FrameFormat = {
  name: 'sse',
  encode: (json, clk) => Buffer.from(`${clk === undefined ? '' : `id: ${clk}\n`}data: ${json}\n\n`),
};

class EventSink implements Sink {
  readonly format = SSE_FORMAT;

  constructor(
    private readonly response: ServerResponse,
    private readonly onEnd: () => void,
  ) {}

  get buffered(): number {
    return this.line.writableLength;
  }

  write(frame: Buffer): void {
    if (!this.response.writableEnded) this.line.write(frame);
  }

  end(code: ByeCode): void {
    this.onEnd();
    this.write(SSE_FORMAT.encode(byeFrame(code), undefined));
    this.response.end();
    // A client that does not read does not get the end of the stream either.
    if (code === 'SLOW') this.response.destroy();
  }

  /** Written to the socket and not to the response, which adds cost per frame and reader, unless an earlier answer is pending. */
  private get line(): Socket | ServerResponse {
    return this.response.socket ?? this.response;
  }
}

/**
 * `odds/1` as server-sent events: the same frames, one subscription per connection, its id 1. The body ends with the
 * connection, so no frame needs a length around it (RFC 9112, 6.3).
 */
export function openEvents(
  response: ServerResponse,
  streams: MarketStreams,
  opened: OpenedMarkets,
  wishes: SubscribeOptions,
): void {
  response.removeHeader('Transfer-Encoding');
  response.writeHead(200, {
    Connection: 'close',
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // Tells nginx and its like to pass events on as they come.
    'X-Accel-Buffering': 'no',
  });
  // An answer to HEAD has no body to stream.
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const [least, most] = RETRY_MS;
  response.write(`retry: ${randomInt(least, most)}\n\n`);
  const leave = (): void => {
    end();
    streams.remove(sink);
  };
  const sink = new EventSink(response, leave);
  streams.add(sink, opened);
  const end = streams.subscribe(opened, 1, wishes, sink);
  response.once('close', leave);
}
