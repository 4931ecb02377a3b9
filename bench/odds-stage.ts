import type { ChildProcess } from 'node:child_process';
import { clientKey, startApp, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { MarketWriter } from '../apps/edge/test/market-writer.js';
import { startChild } from './child.js';
import type { Cores } from './cores.js';
import type { ClientsTask } from './odds-clients.js';
import type { PeerKind, PeerTask } from './odds-peer.js';

/** The edge's own two transports, and what is commonly built instead. */
export type Kind = 'edge' | 'edge-sse' | PeerKind;

/** How a kind is named beside its figures. */
export const NAMES: Readonly<Record<Kind, string>> = {
  edge: 'edge',
  'edge-sse': 'edge by SSE',
  ws: 'bare ws',
  'socket.io': 'socket.io',
  'better-sse': 'better-sse',
};

/** The address and the process of a server. */
export interface Served {
  readonly kind: Kind;
  readonly port: number;
  readonly pid: number;
}

/** A log with a writer, and servers that deliver it, each on the servers' core. */
export interface OddsStage {
  readonly writer: MarketWriter;
  served(kind: Kind): Served;
  /** Does the edge still say that it is ready? */
  isReady(): Promise<boolean>;
  stop(): Promise<void>;
}

const CLIENT_KEY = 'bench';

/** @param open writes the initial markets before any client connects */
export async function setOddsStage(
  redisUrl: string,
  prefix: string,
  kinds: readonly Kind[],
  cores: Cores,
  open: (writer: MarketWriter) => Promise<void>,
): Promise<OddsStage> {
  const directory = await temporaryDirectory();
  const url = new URL(redisUrl);
  const publisher = new TestPublisher(url, prefix);
  await publisher.settings({ clientKeys: [clientKey(CLIENT_KEY, { site: 'acme-uk', scopes: ['read'] })] });
  await publisher.publish([]);
  const writer = await MarketWriter.open(url, prefix);
  await open(writer);
  const places = new Map<Kind, Served>();
  const peers: ChildProcess[] = [];
  const edge = kinds.some(isEdge)
    ? await startApp('edge', {
        NODE_ENV: 'production',
        REDIS_URL: redisUrl,
        REDIS_PREFIX: prefix,
        EDGE_STATE_DIR: directory.path,
        EDGE_MAX_STREAMS: '20000',
        HTTP_MAX_CONNECTIONS: '30000',
        HTTP_CONNECTIONS_PER_ADDRESS: '20000',
        HTTP_STREAMS_PER_ADDRESS: '20000',
        LOG_LEVEL: 'warn',
      })
    : undefined;
  for (const kind of kinds) {
    if (edge && isEdge(kind))
      places.set(kind, { kind, port: Number(new URL(edge.app.url).port), pid: edge.app.pid ?? 0 });
    else if (!isEdge(kind)) {
      const { child, answer } = await startChild('./odds-peer.js', {
        kind,
        redis: redisUrl,
        prefix,
      } satisfies PeerTask);
      peers.push(child);
      places.set(kind, { kind, port: Number(answer), pid: child.pid ?? 0 });
    }
  }
  for (const pid of new Set([...places.values()].map((place) => place.pid))) await cores.pin(pid);
  if (edge)
    await until(
      async () =>
        (
          await (await fetch(`${edge.app.url}/v2/markets`, { headers: { 'Paddock-Client-Key': CLIENT_KEY } })).text()
        ).includes('OPEN'),
      { timeoutMs: 20_000, what: 'open markets at the edge' },
    );
  return {
    writer,
    served(kind) {
      const place = places.get(kind);
      if (!place) throw new Error(`${kind} was not started`);
      return place;
    },
    isReady: async () => edge !== undefined && (await fetch(`${edge.app.url}/readyz`)).status === 200,
    async stop() {
      for (const child of peers) child.kill();
      await edge?.dispose();
      await writer.close();
      publisher.close();
      await directory.remove();
    },
  };
}

function isEdge(kind: Kind): kind is 'edge' | 'edge-sse' {
  return kind === 'edge' || kind === 'edge-sse';
}

/** How clients of a kind connect, what they say, and how its frames begin. */
export function clientsOf(
  { kind, port }: Served,
  event: string,
  conflateMs: number,
): Omit<ClientsTask, 'count' | 'deaf' | 'oneMarket'> {
  const wishes = { conflateMs, hbMs: 5_000 };
  const key = { 'Paddock-Client-Key': CLIENT_KEY };
  const stream = '/v2/markets/stream';
  switch (kind) {
    case 'edge':
      return {
        port,
        transport: 'websocket',
        path: stream,
        headers: key,
        say: JSON.stringify({ op: 'sub', id: 1, ...wishes, filter: { events: [event] } }),
        alive: 'pong',
        frame: '"op":"mc"',
      };
    case 'edge-sse':
      return {
        port,
        transport: 'sse',
        path: `${stream}?${new URLSearchParams({ events: event, conflateMs: String(conflateMs), hbMs: String(wishes.hbMs) })}`,
        headers: key,
        say: '',
        frame: '"op":"mc"',
      };
    case 'ws':
      return { port, transport: 'websocket', path: '/', headers: {}, say: '', frame: '"type":"market"' };
    case 'socket.io':
      return {
        port,
        transport: 'websocket',
        path: '/socket.io/?EIO=4&transport=websocket',
        headers: {},
        say: '40',
        alive: { text: '3' },
        frame: '"type":"market"',
      };
    case 'better-sse':
      return { port, transport: 'sse', path: '/', headers: {}, say: '', frame: '"type":"market"' };
  }
}
