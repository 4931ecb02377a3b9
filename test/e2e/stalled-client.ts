import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

/** A client that reads nothing any more. */
export interface StalledClient {
  close(): void;
}

/** Connects a client with a real socket that subscribes to every market and then stops reading, as a phone in a tunnel does. */
export function openStalledClient(transport: 'ws' | 'sse', { edge, key }: { edge: string; key: string }): Promise<StalledClient> {
  return transport === 'ws' ? openSocket(edge, key) : openEvents(edge, key);
}

async function openSocket(edge: string, key: string): Promise<StalledClient> {
  const socket = new WebSocket(`${edge.replace(/^http/, 'ws')}/v2/markets/stream`, ['odds.1', `key.${key}`]);
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send(JSON.stringify({ op: 'sub', id: 1, conflateMs: 0, hbMs: 500 }));
  await once(socket, 'message');
  socket.pause();
  return { close: () => socket.terminate() };
}

async function openEvents(edge: string, key: string): Promise<StalledClient> {
  const request = get(`${edge}/v2/markets/stream?conflateMs=0&hbMs=500&clientKey=${key}`, { agent: false, headers: { accept: 'text/event-stream' } });
  request.on('error', () => undefined);
  const [response]: IncomingMessage[] = await once(request, 'response');
  response?.on('error', () => undefined);
  if (response?.statusCode !== 200) throw new Error(`the stream is answered ${response?.statusCode}`);
  // A response without a reader is not read from: the kernel's buffers fill, and then the edge's.
  return { close: () => request.destroy() };
}
