import { createServer } from 'node:http';
import { createChannel, createSession } from 'better-sse';
import { Server as SocketIo } from 'socket.io';
import { WebSocketServer } from 'ws';
import { ODDS_MARKETS } from '@paddock/contracts';
import { connectRedisEventLog } from '@paddock/eventlog';
import { receiveTask } from './child.js';

/** Servers that are commonly built instead. */
export type PeerKind = 'ws' | 'socket.io' | 'better-sse';

/** Which one, and where the log is. */
export interface PeerTask {
  kind: PeerKind;
  redis: string;
  prefix: string;
}

/** It reads the same log and sends each update to each client. */
const { kind, redis, prefix } = await receiveTask<PeerTask>();
const server = createServer();
const send = { ws: serveWs, 'socket.io': serveSocketIo, 'better-sse': serveEvents }[kind]();

function serveWs(): (update: string) => void {
  const sockets = new WebSocketServer({ server });
  return (update) => {
    for (const client of sockets.clients) client.send(update);
  };
}

function serveSocketIo(): (update: string) => void {
  const io = new SocketIo(server, { transports: ['websocket'], connectionStateRecovery: {} });
  return (update) => io.emit('mc', JSON.parse(update));
}

/** Updates are JSON already; by default it would serialise each one again for each session. */
function serveEvents(): (update: string) => void {
  const channel = createChannel();
  server.on('request', async (request, response) => {
    channel.register(await createSession(request, response, { serializer: String }));
  });
  return (update) => channel.broadcast(update, 'mc');
}

const log = await connectRedisEventLog({ url: new URL(redis), prefix, onError: () => undefined });
log.follow(ODDS_MARKETS, {
  from: 'next',
  records: (records) => {
    for (const { value } of records) {
      const update = value.toString('utf8');
      if (update.includes('"type":"market"')) send(update);
    }
  },
  lost: () => Promise.resolve(undefined),
  onError: () => undefined,
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address ? address.port : 0);
});
