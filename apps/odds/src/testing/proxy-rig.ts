import { once } from 'node:events';
import { fastify, type FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { type ProxyUpstreamBody, sha256Hex } from '@paddock/contracts';
import { answerPreflights, defaultHttpSettings } from '@paddock/http-server';
import { AddressPolicy } from '@paddock/outbound';
import { createLogger, createMetrics } from '@paddock/runtime';
import { redisPrefix, type RedisPrefix } from '@paddock/testing';
import { receiverOf } from '../config/named-secrets.js';
import { oddsPort } from '../http/odds-port.js';
import { ProxyService } from '../proxy/proxy-service.js';
import { ODDS_PORT_DEFAULTS } from '../settings.js';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream.js';

/** Where the upstreams of tests are. */
export const LOOPBACK_ONLY = new AddressPolicy({ allowed: ['127.0.0.0/8', '::1/128'] });

/** The one page that may read what the proxy answers. */
export const ALLOWED_ORIGIN = 'https://shop.example';
export const PROXY_KEY = 'pk_proxy_test';
export const READ_KEY = 'pk_read_test';
export const SECRET = 'sUp3r-s3cret-value';

/** One odds process's proxy, listening. */
export interface ProxyProcess {
  readonly url: string;
  readonly service: ProxyService;
  /** Asks for `/v1/proxy/odds{path}` with a good key. */
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/**
 * A window that does not end while a test runs. Windows begin at multiples of their length, so a fixed length may end
 * during a test: this chooses a length whose current window has much time left.
 */
export function lastingWindowMs(now = Date.now()): number {
  let windowMs = 3_600_000;
  while (windowMs - (now % windowMs) < 600_000) windowMs -= 60_000;
  return windowMs;
}

/** A third party, and proxies before it that share a Redis. */
export class ProxyRig {
  private readonly processes: ProxyProcess[] = [];
  private readonly windowMs = lastingWindowMs();

  private constructor(
    readonly upstream: FakeUpstream,
    readonly redis: RedisPrefix,
  ) {}

  static async create(redisUrl?: URL): Promise<ProxyRig> {
    return new ProxyRig(await startFakeUpstream(), redisPrefix(redisUrl));
  }

  /** The config of `odds`; its window lasts. */
  body(change: Partial<ProxyUpstreamBody> = {}): ProxyUpstreamBody {
    return {
      baseUrl: `${this.upstream.url}/v4`,
      windowMs: this.windowMs,
      silenceMs: 7_200_000,
      allow: ['/**'],
      ...change,
    };
  }

  async start(
    change: Partial<ProxyUpstreamBody> = {},
    redis = { url: this.redis.url, prefix: this.redis.prefix },
  ): Promise<ProxyProcess> {
    const logger = createLogger('odds', 'silent');
    const secrets = {
      PROXY_SECRET_ODDS: { value: SECRET, hosts: [{ ...receiverOf(new URL(this.upstream.url)), below: false }] },
    };
    const service = new ProxyService({
      redis,
      cacheBytes: 32 << 20,
      logger,
      metrics: createMetrics('odds'),
      policy: LOOPBACK_ONLY,
      secrets,
    });
    service.upstreams.prepare([{ key: 'odds', body: this.body(change) }]).takeOver();
    const key = { site: null, jurisdiction: null };
    service.keys.apply([
      { ...key, id: '1', consumer: 'shop', sha256: sha256Hex(PROXY_KEY), scopes: ['read', 'proxy'] },
      { ...key, id: '2', consumer: 'page', sha256: sha256Hex(READ_KEY), scopes: ['read'] },
    ]);
    await service.ready();
    const port = oddsPort({ ...defaultHttpSettings(ODDS_PORT_DEFAULTS), allowedOrigins: [ALLOWED_ORIGIN] });
    const app = fastify({ ...port.fastifyOptions, forceCloseConnections: true });
    answerPreflights(app, port.cors);
    service.serve(app);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const started: ProxyProcess = {
      url,
      service,
      get: (path, init = {}) =>
        fetch(`${url}/v1/proxy/odds${path}`, {
          ...init,
          headers: { 'paddock-client-key': PROXY_KEY, ...init.headers },
        }),
      close: () => closed(app, service),
    };
    this.processes.push(started);
    return started;
  }

  /** Callers in other processes that Redis counts as waiting, over all questions. */
  async waitingElsewhere(): Promise<number> {
    const redis = new Redis(this.redis.url.href);
    try {
      const slots = await redis.keys(`${this.redis.prefix}:{odds}:proxy:slot:*`);
      const counts = await Promise.all(slots.map((slot) => redis.hget(slot, 'n')));
      return counts.reduce((sum, count) => sum + Number(count), 0);
    } finally {
      redis.disconnect();
    }
  }

  async dispose(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
    await this.upstream.close();
    await this.redis.clear().catch(() => undefined);
  }
}

async function closed(app: FastifyInstance, service: ProxyService): Promise<void> {
  if (app.server.listening) {
    const gone = once(app.server, 'close');
    await app.close();
    await gone;
  }
  service.close();
}
