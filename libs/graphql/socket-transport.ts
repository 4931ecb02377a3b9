import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { CloseCode, handleProtocols, makeServer, type ServerOptions } from 'graphql-ws';
import type { RawData, WebSocket, WebSocketServer } from 'ws';
import { requestIdOf } from '@paddock/http-server';
import type { Logger } from '@paddock/runtime';

/** A client that answers no ping within this time is gone. */
const PING_EVERY_MS = 12_000;
/** How long clients have to say goodbye when the server stops. */
const FAREWELL_MS = 1_000;

/** The state of one socket. */
export interface SocketExtra {
  readonly socket: WebSocket;
  /** The request that opened it. */
  readonly request: IncomingMessage;
  /** The id that finds the socket in the logs. */
  readonly requestId: string;
}

/**
 * Joins graphql-ws to ws as graphql-ws's own `useServer` does, except that client mistakes go to our log and not to the
 * console. @returns what closes all sockets with 1001
 */
export function joinSockets(
  sockets: WebSocketServer,
  options: ServerOptions<Record<string, unknown>, SocketExtra>,
  logger: Logger,
): () => Promise<void> {
  const protocol = makeServer(options);
  sockets.options.handleProtocols = handleProtocols;
  sockets.on('connection', (socket, request) => {
    const requestId = requestIdOf(request);
    const stopPinging = keepAlive(socket);
    const failed = (error: unknown): void => {
      logger.error({ err: error, requestId }, 'a message on a socket could not be handled');
      socket.close(CloseCode.InternalServerError, 'something went wrong here');
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => void socket.on('message', (data) => void receive(textOf(data)).catch(failed)),
      },
      { socket, request, requestId },
    );
    // ws itself closes the socket with the right code after a message that is too long or a broken frame.
    socket.on('error', (error) => logger.debug({ err: error, requestId }, 'socket'));
    socket.once('close', (code, reason) => {
      stopPinging();
      void closed(code, reason.toString()).catch(failed);
    });
  });
  return async () => {
    const allClosed = new Promise<void>((resolve) => sockets.close(() => resolve()));
    for (const socket of sockets.clients) socket.close(1001, 'the server is stopping');
    await Promise.race([allClosed, delay(FAREWELL_MS, undefined, { ref: false })]);
    for (const socket of sockets.clients) socket.terminate();
  };
}

function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_EVERY_MS);
  return () => clearInterval(timer);
}

/** Resolves when the data have left for the client, so that the source of the events waits for it. */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else socket.send(data, (error) => (error ? reject(error) : resolve()));
  });
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
}
