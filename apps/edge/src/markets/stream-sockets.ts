import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '@paddock/runtime';
import { Problem, type RequestMistake } from '../http/problem.js';
import { secretOf } from '../http/client-access.js';
import type { OpenedMarkets } from './market-access.js';
import { assertNoMistakes, type MarketStreams, STREAM_ROUTE } from './market-streams.js';
import { byeFrame, type ByeCode, type FrameFormat, type Sink } from './sink.js';
import { type ClientFrame, type FrameRefusal, parseCaller, parseClientFrame } from './subscription-request.js';

const MAX_FRAME_BYTES = 64 << 10;
const MAX_SUBSCRIPTIONS = 16;
/** Every subscription is answered by an image: so many within the time, and no more. */
const REQUESTS = { most: 40, withinMs: 10_000 };
/** A client that sends this many invalid messages speaks another protocol. */
const MAX_REFUSALS = 20;
const PING_EVERY_MS = 15_000;
const FAREWELL_MS = 1_000;

const CLOSE_CODES: Readonly<Record<ByeCode, number>> = { SLOW: 1013, DRAIN: 1001, KEY: 4403 };

/** The protocol's name, and the same as a token: `/` may not stand in one, so browsers and most clients refuse to send it. */
const PROTOCOL = 'odds/1';
const PROTOCOL_TOKEN = 'odds.1';
const KEY_PREFIX = 'key.';

const WS_FORMAT: FrameFormat = { name: 'ws', encode: (json) => textFrame(Buffer.from(json)) };

/** An unmasked, final text frame (RFC 6455, 5.2). */
function textFrame(payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  if (length < 126) header[1] = length;
  else if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

/** One connection: frames that were made for many go straight to its socket. */
class SocketSink implements Sink {
  readonly format = WS_FORMAT;
  readonly subscriptions = new Map<number, () => void>();
  refusals = 0;
  answersPings = true;
  private requests: number[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly stream: Duplex,
  ) {}

  get buffered(): number {
    return this.stream.writableLength;
  }

  write(frame: Buffer): void {
    if (this.socket.readyState === this.socket.OPEN) this.stream.write(frame);
  }

  say(frame: object): void {
    this.write(WS_FORMAT.encode(JSON.stringify(frame), undefined));
  }

  end(code: ByeCode): void {
    this.release();
    this.write(WS_FORMAT.encode(byeFrame(code), undefined));
    this.close(CLOSE_CODES[code], code);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    setTimeout(() => this.socket.terminate(), FAREWELL_MS).unref();
  }

  release(): void {
    for (const end of this.subscriptions.values()) end();
    this.subscriptions.clear();
  }

  /** Does it ask too often? */
  isHasty(now: number): boolean {
    this.requests = [...this.requests.filter((at) => now - at < REQUESTS.withinMs), now];
    return this.requests.length > REQUESTS.most;
  }
}

/** `odds/1` over WebSocket, at `/v2/markets/stream`. */
export class StreamSockets {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    clientTracking: true,
    handleProtocols: (offered) => offered.has(PROTOCOL_TOKEN) && PROTOCOL_TOKEN,
  });
  private readonly sinks = new Map<WebSocket, SocketSink>();
  private readonly pinging: NodeJS.Timeout;

  constructor(
    private readonly streams: MarketStreams,
    private readonly logger: Logger,
  ) {
    this.pinging = setInterval(() => this.ping(), PING_EVERY_MS);
    this.pinging.unref();
  }

  /** @throws Problem where the caller may not */
  upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const { offered, restore } = readProtocols(request);
    const mistakes: RequestMistake[] = [];
    const { clientKey, ...caller } = parseCaller(request.url ?? '', mistakes);
    assertNoMistakes(mistakes);
    const inProtocol = offered.find((name) => name.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length);
    const opened = this.streams.admit(
      { ...caller, secret: secretOf(request.headers, inProtocol ?? clientKey) },
      STREAM_ROUTE,
    );
    if (restore) this.sockets.once('headers', restoreProtocol);
    this.sockets.handleUpgrade(request, stream, head, (socket) => this.serve(socket, stream, opened));
    // A handshake that ws refuses emits no headers: the next client's handshake must not get this answer.
    this.sockets.off('headers', restoreProtocol);
  };

  /** Resolves when all sockets are closed, after a second at most, so that their last frames arrive. */
  async close(): Promise<void> {
    clearInterval(this.pinging);
    const left = [...this.sinks.keys()].map((socket) => once(socket, 'close'));
    await Promise.race([Promise.all(left), delay(FAREWELL_MS, undefined, { ref: false })]);
    for (const socket of this.sockets.clients) socket.terminate();
  }

  private serve(socket: WebSocket, stream: Duplex, opened: OpenedMarkets): void {
    const sink = new SocketSink(socket, stream);
    this.sinks.set(socket, sink);
    this.streams.add(sink, opened);
    socket.on('pong', () => (sink.answersPings = true));
    // ws itself closes the socket with the right code after a frame that is too long or broken.
    socket.on('error', (error) => this.logger.debug({ err: error }, 'market stream'));
    socket.on('message', (data, isBinary) => {
      if (isBinary) sink.close(1003, 'frames are text');
      else this.take(sink, opened, textOf(data));
    });
    socket.once('close', () => {
      sink.release();
      this.streams.remove(sink);
      this.sinks.delete(socket);
    });
  }

  private take(sink: SocketSink, opened: OpenedMarkets, text: string): void {
    const frame = parseClientFrame(text);
    const refusal = 'code' in frame ? frame : this.refusalOf(sink, frame);
    if (refusal) {
      sink.say({ op: 'err', ...refusal });
      sink.refusals += 1;
      if (sink.refusals >= MAX_REFUSALS) sink.close(1008, 'this is not odds/1');
      return;
    }
    if ('code' in frame) return;
    if (frame.op === 'sub') sink.subscriptions.set(frame.id, this.streams.subscribe(opened, frame.id, frame, sink));
    else {
      sink.subscriptions.get(frame.id)?.();
      sink.subscriptions.delete(frame.id);
      sink.say({ op: 'unsub', id: frame.id });
    }
  }

  private refusalOf(sink: SocketSink, { id, op }: ClientFrame): FrameRefusal | undefined {
    const { subscriptions } = sink;
    const known = subscriptions.has(id);
    if (op === 'unsub')
      return known
        ? undefined
        : { id, code: 'UNKNOWN_ID', errors: [{ field: 'id', message: 'is no subscription of this connection' }] };
    if (known)
      return {
        id,
        code: 'ID_IN_USE',
        errors: [{ field: 'id', message: 'is a subscription already; end it first, or take another' }],
      };
    if (subscriptions.size >= MAX_SUBSCRIPTIONS)
      return {
        id,
        code: 'TOO_MANY',
        errors: [{ field: 'id', message: `a connection carries up to ${MAX_SUBSCRIPTIONS} subscriptions` }],
      };
    if (sink.isHasty(Date.now()))
      return {
        id,
        code: 'TOO_MANY',
        errors: [
          {
            field: 'op',
            message: `at most ${REQUESTS.most} subscriptions are taken within ${REQUESTS.withinMs / 1_000} s`,
          },
        ],
      };
    return undefined;
  }

  private ping(): void {
    for (const [socket, sink] of this.sinks) {
      if (!sink.answersPings) {
        socket.terminate();
        continue;
      }
      sink.answersPings = false;
      socket.ping();
    }
  }
}

/**
 * What subprotocols a client offers. `odds/1` is not a token, and ws refuses whole requests that have it: it is read as
 * the token that it stands for, and answered as it was asked.
 */
function readProtocols({ headers }: IncomingMessage): { offered: string[]; restore: boolean } {
  const header = headers['sec-websocket-protocol'];
  if (header === undefined) return { offered: [], restore: false };
  const asked = header.split(',').map((name) => name.trim());
  const offered = asked.map((name) => (name === PROTOCOL ? PROTOCOL_TOKEN : name));
  if (!offered.includes(PROTOCOL_TOKEN))
    throw new Problem(400, 'UNKNOWN_PROTOCOL', `the subprotocol here is ${PROTOCOL_TOKEN}`);
  headers['sec-websocket-protocol'] = offered.join(', ');
  return { offered, restore: asked.includes(PROTOCOL) };
}

function restoreProtocol(headers: string[]): void {
  headers.splice(0, headers.length, ...headers.map((line) => line.replace(`: ${PROTOCOL_TOKEN}`, `: ${PROTOCOL}`)));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
}
