import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The faults of a network. */
type Weather =
  | { readonly kind: 'clear' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Bytes vanish, connections stay open: a pulled cable, a firewall that drops. */
  | { readonly kind: 'silent'; readonly direction: 'both' | 'replies' }
  /** Connections fall silent from the request on that contains this text. */
  | { readonly kind: 'losing-replies'; readonly to: string }
  /** New connections are reset at once. */
  | { readonly kind: 'refusing' };

/** Stands between a client and a server on this host and misbehaves on demand. */
export class TcpProxy {
  private weather: Weather = { kind: 'clear' };
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private targetPort: number,
    /** Where clients connect. */
    readonly port: number,
  ) {}

  static async to(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy has no TCP port');
    const proxy = new TcpProxy(server, targetPort, address.port);
    server.on('connection', (client) => proxy.join(client));
    return proxy;
  }

  /** Passes everything on from now on. What was swallowed stays lost: connections that missed bytes are reset. */
  heal(): void {
    if (this.weather.kind === 'silent' || this.weather.kind === 'losing-replies') this.reset();
    this.weather = { kind: 'clear' };
  }

  /** Holds every chunk back for a while, in both directions, in order. */
  slow(delayMs: number): void {
    this.weather = { kind: 'slow', delayMs };
  }

  /** Swallows everything, without closing anything. */
  silence(): void {
    this.weather = { kind: 'silent', direction: 'both' };
  }

  /** Lets requests through and swallows the replies: the caller cannot know whether it was done. */
  swallowReplies(): void {
    this.weather = { kind: 'silent', direction: 'replies' };
  }

  /** Lets the request that contains this text through, and no reply to it: it is done, and its sender never learns. */
  loseReplyTo(text: string): void {
    this.weather = { kind: 'losing-replies', to: text };
  }

  /** Passes on to another server of this host from now on, as a new address in DNS would: what is open is reset. */
  retarget(port: number): void {
    this.targetPort = port;
    this.reset();
  }

  /** Resets what is open. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Resets open and new connections. */
  refuse(): void {
    this.weather = { kind: 'refusing' };
    this.reset();
  }

  async close(): Promise<void> {
    this.server.close();
    this.reset();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    if (this.weather.kind === 'refusing') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(this.targetPort, '127.0.0.1');
    const connection = { repliesLost: false };
    this.pipe(client, upstream, 'requests', connection);
    this.pipe(upstream, client, 'replies', connection);
  }

  private pipe(
    from: Socket,
    to: Socket,
    direction: 'requests' | 'replies',
    connection: { repliesLost: boolean },
  ): void {
    const line = new Line(() => (this.weather.kind === 'slow' ? this.weather.delayMs : 0));
    this.sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (direction === 'requests' && this.weather.kind === 'losing-replies')
        connection.repliesLost ||= chunk.includes(this.weather.to);
      if (this.swallows(direction) || (direction === 'replies' && connection.repliesLost)) return;
      line.send(() => {
        if (to.destroyed || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    });
    from.on('end', () => line.send(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      line.send(() => to.destroy());
    });
  }

  private swallows(direction: 'requests' | 'replies'): boolean {
    return (
      this.weather.kind === 'silent' && (this.weather.direction === 'both' || this.weather.direction === direction)
    );
  }
}

/** One direction of one connection: what was sent first arrives first, also when the delay shrinks meanwhile. */
class Line {
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly delayMs: () => number) {}

  send(arrive: () => void): void {
    const delayMs = this.delayMs();
    if (delayMs === 0 && this.waiting === 0) {
      arrive();
      return;
    }
    this.waiting += 1;
    const held = delay(delayMs);
    this.last = this.last
      .then(() => held)
      .then(() => {
        this.waiting -= 1;
        arrive();
      });
  }
}
