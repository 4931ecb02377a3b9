import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { LayoutEndpoint } from './layout-endpoint.js';
import { Problem, PROBLEM_TYPE } from './problem.js';

/** Clients behind a load balancer keep their connections longer than it does (60 s is common). */
const KEEP_ALIVE_MS = 72_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;

/** An HTTP server that asks the layout endpoint first and leaves everything else to the framework. */
export function layoutsFirst(endpoint: LayoutEndpoint): (framework: (request: IncomingMessage, response: ServerResponse) => void) => Server {
  return (framework) =>
    createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS }, (request, response) => {
      if (!endpoint.handle(request, response)) framework(request, response);
    });
}

/** What could not even be read as a request is answered as every other problem, on the bare socket. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = unreadable(error.code);
  const body = problem.body();
  const head = [`HTTP/1.1 ${problem.status} ${problem.code}`, `Content-Type: ${PROBLEM_TYPE}`, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function unreadable(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem(431, 'HEADERS_TOO_LARGE', 'the request line and headers have more than 16384 bytes');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem(408, 'TIMEOUT', 'the request did not arrive in time');
  return new Problem(400, 'BAD_REQUEST', 'this is not an HTTP request');
}
