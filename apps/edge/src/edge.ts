import { setTimeout as delay } from 'node:timers/promises';
import type { HttpPort } from '@paddock/http-server';
import { ReceiptOutbox, type ReceiptReporter } from '@paddock/live-config';
import { createMetrics, Health, type Logger } from '@paddock/runtime';
import { failFastConnection, subscriberConnection, TaskProducer } from '@paddock/tasks';
import { ChangeStream } from './changes/change-stream.js';
import { Manifests } from './changes/manifests.js';
import { StateDirectories } from './disk/state-directories.js';
import type { EdgePort } from './http/edge-port.js';
import { LayoutEndpoint } from './http/layout-endpoint.js';
import { LayoutReader } from './http/layout-reader.js';
import { RequestCounts } from './http/request-counts.js';
import { LayoutPages, PageCaches } from './layouts/layout-pages.js';
import { MarketEdge } from './markets/market-edge.js';
import { PageMarkets } from './markets/page-markets.js';
import { EdgeHealth } from './operations/edge-health.js';
import { EdgeMetrics } from './operations/edge-metrics.js';
import { edgeReporter } from './receipts/edge-reporter.js';
import type { EdgeSettings } from './settings.js';
import { BodyCache } from './state/body-cache.js';
import { Environments } from './state/environments.js';
import { MANY_DOCUMENTS, releaseGarbage } from './state/release-garbage.js';
import { Upstream } from './sync/upstream.js';

/**
 * Longest that a start waits for its first read of Redis. A state from disk is as old as the downtime of the process, and
 * older where the disk lost something; readers that connect a moment later need not see it. An unreachable Redis ends the
 * wait sooner.
 */
const FIRST_LOOK_MS = 10_000;

/** What an edge is started with. */
export interface EdgeOptions {
  settings: EdgeSettings;
  logger: Logger;
  /** Name of this instance in receipts. */
  instance: string;
  /** Signs the tokens by which market streams resume. */
  clkSecret: string;
  http: EdgePort;
}

/** The parts of an edge and their wiring; they do not depend on an HTTP framework. */
export class Edge {
  readonly metrics = createMetrics('edge');
  readonly health = new Health();
  readonly environments: Environments;
  readonly producer: TaskProducer;
  readonly stream: ChangeStream;
  readonly manifests = new Manifests();
  readonly layouts: LayoutReader;
  readonly endpoint: LayoutEndpoint;
  readonly markets: MarketEdge;
  private readonly cache = new BodyCache();
  private readonly directories: StateDirectories;
  private readonly reporter: ReceiptReporter;
  private readonly upstream: Upstream;

  constructor(private readonly options: EdgeOptions) {
    const { settings, logger, instance, clkSecret, http } = options;
    const { url, prefix } = settings.redis;
    const connectionError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    const counts = new RequestCounts(this.metrics);
    const pageMarkets = new PageMarkets();
    this.environments = environmentsOf(options, pageMarkets);
    this.directories = new StateDirectories(settings.stateDir, logger);
    this.producer = new TaskProducer(failFastConnection(url, connectionError), prefix, connectionError);
    const outbox = new ReceiptOutbox(this.producer, logger);
    this.reporter = edgeReporter({ instance, outbox, producer: this.producer, logger }, this.environments);
    const reader = failFastConnection(url, connectionError);
    this.upstream = new Upstream(
      { reader, subscriber: subscriberConnection(url, connectionError) },
      {
        environments: this.environments,
        cache: this.cache,
        directoryOf: (name) => this.directories.of(name),
        reporter: this.reporter,
      },
      logger,
      { prefix, pollMs: settings.pollMs, only: settings.environments },
    );
    this.stream = new ChangeStream(settings.maxStreams);
    const { maxStreams, oddsSilenceMs: silenceMs } = settings;
    const legacySunsetAt = new Date(`${settings.legacyOddsSunset}T00:00:00Z`);
    this.markets = new MarketEdge({
      environments: this.environments,
      redis: settings.redis,
      reader,
      clkSecret,
      silenceMs,
      maxStreams,
      legacySunsetAt,
      metrics: this.metrics,
      logger,
    });
    pageMarkets.serve(this.markets.markets, this.environments);
    this.layouts = new LayoutReader(this.environments);
    this.endpoint = new LayoutEndpoint(this.layouts, counts, logger, http);
    const metrics = new EdgeMetrics(this.metrics, this.environments);
    metrics.watch({ stream: this.stream, outbox });
    for (const listener of [metrics, this.stream, this.manifests]) this.environments.listen(listener);
    const health = new EdgeHealth(
      this.environments,
      this.directories.byEnvironment,
      settings.pollMs,
      settings.readyEnvironments,
    );
    this.health.register('state', () => health.check());
    this.health.tell('stale', () => health.stale());
    this.health.tell('markets', () => this.markets.describe());
  }

  /** Takes up the state from disk, then follows upstream. Resolves when Redis was read, or is not to be waited for. */
  async start(): Promise<void> {
    await this.directories.recover(this.environments, this.cache, this.options.settings.environments);
    const firstLook = this.upstream.start();
    this.markets.start();
    this.reporter.start();
    await Promise.race([firstLook, delay(FIRST_LOOK_MS, undefined, { ref: false })]);
    // No request is answered yet, so the pause delays no reader.
    if (this.environments.all().some(({ state }) => state && state.size > MANY_DOCUMENTS)) releaseGarbage();
  }

  /** Lets clients go elsewhere; the server can close then. */
  get port(): HttpPort {
    return this.options.http.port;
  }

  drain(): void {
    this.endpoint.drain();
    this.stream.close();
    this.markets.drain();
  }

  async close(): Promise<void> {
    this.reporter.stop();
    await this.markets.close();
    await this.upstream.close();
    await Promise.all([this.directories.close(), this.producer.close()]);
  }
}

function environmentsOf({ settings, logger }: EdgeOptions, markets: PageMarkets): Environments {
  const caches = new PageCaches(settings.bodyCacheMb << 20);
  const onMissing = (page: object, promos: string[]): void =>
    logger.warn({ ...page, promos }, 'a layout names promos that are not live');
  return new Environments((environment) => new LayoutPages(environment, caches, onMissing, markets));
}
