import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import type { BetfairMarketChange, MarketChangeMessage } from '../feeds/betfair/messages.js';

/** What a client asked, in order. */
export interface Asked {
  readonly op: string;
  readonly id: number;
  readonly [member: string]: unknown;
}

/** An Exchange Stream endpoint over TLS that speaks the real protocol under the control of a test. */
export class FakeBetfair {
  readonly asked: Asked[] = [];
  private readonly sockets = new Set<TLSSocket>();
  private subscriber: { readonly socket: TLSSocket; readonly id: number } | undefined;
  /** Answers an authentication or subscription otherwise than with success. */
  refuse: (asked: Asked) => string | undefined = () => undefined;
  /** Says nothing on its own after a subscription succeeded: the test does. */
  image: readonly BetfairMarketChange[] | undefined;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    readonly ca: string,
  ) {}

  static async start(): Promise<FakeBetfair> {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const server = createServer({ key, cert });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    const fake = new FakeBetfair(server, address.port, cert);
    server.on('secureConnection', (socket) => fake.serve(socket));
    return fake;
  }

  /** Sends a market change message to the subscriber. */
  send(message: Omit<MarketChangeMessage, 'op'>): void {
    if (!this.subscriber) throw new Error('no client has subscribed');
    write(this.subscriber.socket, { op: 'mcm', id: this.subscriber.id, ...message });
  }

  /** Sends any text as a line. */
  sendRaw(line: string): void {
    this.subscriber?.socket.write(`${line}\r\n`);
  }

  /** Breaks every connection. */
  cut(): void {
    this.subscriber = undefined;
    for (const socket of this.sockets) socket.destroy();
  }

  get subscribed(): boolean {
    return this.subscriber !== undefined;
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private serve(socket: TLSSocket): void {
    this.sockets.add(socket);
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (this.subscriber?.socket === socket) this.subscriber = undefined;
    });
    write(socket, { op: 'connection', connectionId: createHash('sha1').update(String(Math.random())).digest('hex') });
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.answer(socket, JSON.parse(line));
    });
  }

  private answer(socket: TLSSocket, asked: Asked): void {
    this.asked.push(asked);
    const errorCode = this.refuse(asked);
    if (errorCode) {
      write(socket, {
        op: 'status',
        id: asked.id,
        statusCode: 'FAILURE',
        errorCode,
        errorMessage: 'refused',
        connectionClosed: true,
      });
      socket.end();
      return;
    }
    write(socket, { op: 'status', id: asked.id, statusCode: 'SUCCESS', connectionClosed: false });
    if (asked.op !== 'marketSubscription') return;
    this.subscriber = { socket, id: asked.id };
    if (this.image && !asked['clk'])
      this.send({
        ct: 'SUB_IMAGE',
        initialClk: 'i0',
        clk: 'c0',
        heartbeatMs: 500,
        conflateMs: 0,
        pt: Date.now(),
        mc: this.image,
      });
  }
}

function write(socket: TLSSocket, message: object): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\r\n`);
}
