import { fastify } from 'fastify';
import type { ClientKeySettings, ProxyUpstreamBody } from '@paddock/contracts';
import { AddressPolicy, OutboundClient } from '@paddock/outbound';
import { createLogger } from '@paddock/runtime';
import { failFastConnection, subscriberConnection } from '@paddock/tasks';
import { ClientKeys } from '../apps/odds/src/http/client-keys.js';
import { Proxy } from '../apps/odds/src/proxy/proxy.js';
import { serveProxy } from '../apps/odds/src/proxy/proxy-routes.js';
import { RedisState } from '../apps/odds/src/proxy/state/redis-state.js';
import { compileUpstream } from '../apps/odds/src/proxy/upstream.js';
import { receiveTask } from './child.js';

/** The upstream and the key of its clients. */
export interface SingleFlightTask {
  redis: string;
  prefix: string;
  upstream: Omit<ProxyUpstreamBody, 'windowMs'>;
  clientKey: ClientKeySettings;
}

/** Shorter than anything takes to be answered. */
const NO_WINDOW_MS = 1;

/**
 * The proxy with its memory of answers of no use: a window of a millisecond, which config refuses (100 is its least), so
 * that this program builds the proxy itself. Left of it is that those who ask while a request is under way share it; where
 * that request fails they get the last answer, marked as stale, as from the proxy.
 */
const task = await receiveTask<SingleFlightTask>();
const logger = createLogger('single-flight', 'silent');
const [connection, subscriber] = [
  failFastConnection(new URL(task.redis), () => undefined),
  subscriberConnection(new URL(task.redis), () => undefined),
];
const state = new RedisState(connection, task.prefix);
await state.listen(subscriber);
const policy = AddressPolicy.forOperators();
const upstream = compileUpstream('mock', { ...task.upstream, windowMs: NO_WINDOW_MS }, { policy, secrets: {} });
const keys = new ClientKeys();
keys.apply([task.clientKey]);
const server = fastify();
serveProxy(server, {
  proxy: new Proxy({ state, outbound: new OutboundClient({ policy, maxPerHost: 256 }), cacheBytes: 64 << 20 }),
  keys,
  logger,
  upstream: () => upstream,
  onServed: () => undefined,
});
process.send?.(Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port));
