import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, PROBLEM_TYPE, quote } from './problem.js';

/** Takes a connection that is to become a WebSocket. @throws Problem */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Gives each request for a WebSocket to whoever serves its path; a refusal is the HTTP answer that it would be elsewhere. */
export function serveUpgrades(server: Server, byPath: Readonly<Record<string, Upgrade>>): void {
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    try {
      const upgrade = byPath[path.replace(/\/$/, '')];
      if (!upgrade) throw new Problem(404, 'NOT_FOUND', `there is no WebSocket at ${quote(path)}`);
      upgrade(request, socket, head);
    } catch (error) {
      if (!(error instanceof Problem)) {
        socket.destroy();
        throw error;
      }
      refuse(socket, error);
    }
  });
}

function refuse(socket: Duplex, problem: Problem): void {
  const body = problem.body();
  const headers = { 'Content-Type': PROBLEM_TYPE, 'Content-Length': String(Buffer.byteLength(body)), 'Cache-Control': 'no-store', Connection: 'close', ...problem.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.code}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
