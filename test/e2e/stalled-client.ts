import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** A client that reads nothing any more. */
export interface StalledClient {
  /** Its port: by that the edge's end of the connection is known. */
  readonly port: number;
  close(): void;
}

/** Connects a client with a real socket that subscribes to every market and then stops reading, as a phone in a tunnel does. */
export function openStalledClient(
  transport: 'ws' | 'sse',
  { edge, key }: { edge: string; key: string },
): Promise<StalledClient> {
  return transport === 'ws' ? openSocket(edge, key) : openEvents(edge, key);
}

async function openSocket(edge: string, key: string): Promise<StalledClient> {
  const { hostname, port: edgePort } = new URL(edge);
  const tcp = connect(Number(edgePort), hostname);
  const url = `${edge.replace(/^http/, 'ws')}/v2/markets/stream`;
  const socket = new WebSocket(url, ['odds.1', `key.${key}`], { createConnection: () => tcp });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send(JSON.stringify({ op: 'sub', id: 1, conflateMs: 0, hbMs: 500 }));
  await once(socket, 'message');
  socket.pause();
  return { port: portOf(tcp), close: () => socket.terminate() };
}

async function openEvents(edge: string, key: string): Promise<StalledClient> {
  const request = get(`${edge}/v2/markets/stream?conflateMs=0&hbMs=500&clientKey=${key}`, {
    agent: false,
    headers: { accept: 'text/event-stream' },
  });
  request.on('error', () => undefined);
  const [response]: IncomingMessage[] = await once(request, 'response');
  response?.on('error', () => undefined);
  if (response?.statusCode !== 200) throw new Error(`the stream is answered ${response?.statusCode}`);
  // A response without a reader is not read from: the kernel's buffers fill, and then the edge's.
  return { port: portOf(response.socket), close: () => request.destroy() };
}

function portOf({ localPort }: Socket): number {
  if (localPort === undefined) throw new Error('the connection ended at once');
  return localPort;
}
