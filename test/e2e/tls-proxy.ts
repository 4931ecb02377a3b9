import { createServer, type Server } from 'node:https';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { generate } from 'selfsigned';

/** Where requests below a prefix go. */
export type Routes = Readonly<Record<string, string>>;

/** A reverse proxy as operators run one: it ends TLS, removes the prefix of a path, and says who came and how. */
export class TlsProxy {
  private constructor(
    private readonly server: Server,
    /** The certificate that clients trust. */
    readonly certificate: string,
  ) {}

  /** @param routes `{ '/edge': 'http://127.0.0.1:4100' }` */
  static async start(routes: Routes): Promise<TlsProxy> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const server = createServer({ cert, key });
    server.on('request', (incoming, response) => {
      const passed = pass(routes, incoming);
      passed.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.writeHead(502).end());
      response.on('close', () => passed.destroy());
      incoming.pipe(passed);
    });
    server.on('upgrade', (incoming, socket, head) => upgrade(routes, incoming, socket, head));
    await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
    return new TlsProxy(server, cert);
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `https://localhost:${address.port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

function pass(routes: Routes, incoming: IncomingMessage) {
  const path = incoming.url ?? '/';
  const [prefix, target] = Object.entries(routes).find(([prefix]) => path.startsWith(`${prefix}/`)) ?? [];
  if (prefix === undefined || target === undefined) throw new Error(`no route for ${path}`);
  return request(target + path.slice(prefix.length), { method: incoming.method, headers: forwarded(incoming) });
}

function forwarded({ headers, socket }: IncomingMessage): OutgoingHttpHeaders {
  const before = headers['x-forwarded-for'];
  return {
    ...headers,
    'x-forwarded-for': [...(before === undefined ? [] : [before]), socket.remoteAddress].join(', '),
    'x-forwarded-proto': 'https',
  };
}

function upgrade(routes: Routes, incoming: IncomingMessage, client: Duplex, head: Buffer): void {
  const passed = pass(routes, incoming);
  const end = (): void => void client.destroy();
  passed.on('error', end);
  passed.on('response', end);
  passed.on('upgrade', (answer: IncomingMessage, server: Socket, first: Buffer) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
    client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    client.write(first);
    server.write(head);
    server.pipe(client).pipe(server);
    server.on('error', end);
    client.on('error', () => server.destroy());
  });
  passed.end();
}
