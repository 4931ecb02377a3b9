import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { OutboundClient } from '@paddock/outbound';
import type { Logger, Registry } from '@paddock/runtime';
import { failFastConnection, subscriberConnection } from '@paddock/tasks';
import { ClientKeys } from '../http/client-keys.js';
import { Proxy } from './proxy.js';
import { proxyMetrics } from './proxy-metrics.js';
import { type ProxyParts, serveProxy } from './proxy-routes.js';
import { RedisState } from './state/redis-state.js';
import { SharedOrLocal } from './state/shared-or-local.js';
import type { UpstreamEnvironment } from './upstream.js';
import { Upstreams } from './upstreams.js';

export interface ProxyServiceOptions extends UpstreamEnvironment {
  readonly redis: { readonly url: URL; readonly prefix: string };
  readonly cacheBytes: number;
  readonly logger: Logger;
  readonly metrics: Registry;
}

const CONNECT_MS = 2_000;
/** Connections to one upstream at once. */
const MAX_PER_UPSTREAM = 256;

/** The proxy with its connections. Upstreams and client keys are passed in, and may change at any moment. */
export class ProxyService {
  readonly upstreams: Upstreams;
  readonly keys = new ClientKeys();
  private readonly outbound: OutboundClient;
  private readonly proxy: Proxy;
  private readonly counters: ReturnType<typeof proxyMetrics>;
  private readonly disconnect: () => void;
  private readonly logger: Logger;
  private readonly connected: Promise<unknown>;
  private toldAt = -Infinity;

  constructor({ redis, cacheBytes, logger, metrics, ...environment }: ProxyServiceOptions) {
    this.logger = logger;
    this.upstreams = new Upstreams(environment);
    this.counters = proxyMetrics(metrics);
    const onError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    const [connection, subscriber] = [failFastConnection(redis.url, onError), subscriberConnection(redis.url, onError)];
    const shared = new RedisState(connection, redis.prefix);
    // While Redis is unreachable it gets no messages; it resubscribes by itself.
    shared
      .listen(subscriber)
      .catch((error: unknown) => logger.warn({ err: error }, 'news of other processes cannot be heard'));
    const state = new SharedOrLocal(shared, (error) => this.alone(error));
    this.connected = new Promise((resolve) => connection.once('ready', resolve));
    this.outbound = new OutboundClient({ policy: environment.policy, maxPerHost: MAX_PER_UPSTREAM });
    this.proxy = new Proxy({
      state,
      outbound: this.outbound,
      cacheBytes,
      onAsked: (upstream, outcome, ms) =>
        this.counters.asked.observe(
          { upstream, result: outcome.ok ? String(outcome.answer.status) : outcome.failure.code },
          ms / 1_000,
        ),
    });
    this.counters.observe(
      () => this.proxy.load,
      () => state.alone,
    );
    this.disconnect = () => {
      connection.disconnect();
      subscriber.disconnect();
    };
  }

  /** Waits a moment for Redis, so that the first windows are shared already; without Redis the process decides alone. */
  async ready(): Promise<void> {
    await Promise.race([this.connected, delay(CONNECT_MS, undefined, { ref: false })]);
  }

  serve(fastify: FastifyInstance, onServed: ProxyParts['onServed'] = () => undefined): void {
    const { proxy, keys, logger } = this;
    serveProxy(fastify, {
      proxy,
      keys,
      logger,
      upstream: (key) => this.upstreams.find(key),
      onServed: (client, upstream, result) => {
        this.counters.served.inc({ upstream, result });
        onServed(client, upstream, result);
      },
    });
  }

  close(): void {
    this.disconnect();
    this.outbound.close();
  }

  /** Every failed attempt is reported: the log shows one line a minute. */
  private alone(error: unknown): void {
    if (performance.now() - this.toldAt < 60_000) return;
    this.toldAt = performance.now();
    this.logger.warn({ err: error }, 'windows cannot be shared with other processes; this one asks for itself');
  }
}
