import { once } from 'node:events';
import { WebSocket } from 'ws';
import { until } from '@paddock/testing';
import { MarketClient, type WireFrame } from './market-client.js';

/** A client of `odds/1` over a real socket. */
export class MarketSocket {
  readonly client = new MarketClient();
  readonly frames: WireFrame[] = [];
  /** When each of them came, by `performance.now()`. */
  readonly arrivals: number[] = [];
  bytes = '';
  closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      this.bytes += text;
      const frame: WireFrame = JSON.parse(text);
      this.frames.push(frame);
      this.arrivals.push(performance.now());
      this.client.take(frame);
    });
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on('error', () => undefined);
  }

  static async open(edge: string, key: string, protocols: string[] = ['odds.1']): Promise<MarketSocket> {
    const socket = new WebSocket(`${edge.replace(/^http/, 'ws')}/v2/markets/stream`, protocols, {
      headers: { 'Paddock-Client-Key': key },
    });
    const market = new MarketSocket(socket);
    await once(socket, 'open');
    return market;
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Subscribes and waits for the whole of the first answer. */
  async subscribe(wishes: object = {}, id = 1): Promise<WireFrame> {
    this.send({ op: 'sub', id, ...wishes });
    return until(
      () =>
        this.frames.find(
          (frame) => frame.id === id && frame.ct !== undefined && (frame.seg === undefined || frame.seg === 'E'),
        ),
      { what: 'an answer to sub' },
    );
  }

  async close(): Promise<void> {
    this.socket.close();
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close');
  }
}
