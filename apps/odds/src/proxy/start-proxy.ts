import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { EnvironmentSettingsWatch, instanceId, LiveConfig, RefusedDocuments } from '@paddock/live-config';
import type { Health, Logger, Registry } from '@paddock/runtime';
import { failFastConnection } from '@paddock/tasks';
import { ClientRequests, TrafficCounters } from '@paddock/traffic';
import type { OddsSettings } from '../settings.js';
import { serveTraffic, type TrafficParts } from '../traffic/traffic-routes.js';
import { PROXY_PATH } from './question.js';
import { ProxyService } from './proxy-service.js';
import { UnusableUpstream } from './upstream.js';
import { readUpstreamsFile } from './upstreams-file.js';

/** The collaborators that the proxy shares with the rest of the process. */
export interface ProxySurroundings {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly health: Health;
}

/** The proxy of one process, with the config that it follows. */
export class RunningProxy {
  private constructor(
    readonly service: ProxyService,
    private readonly parts: TrafficParts,
    private readonly counters: TrafficCounters,
    private readonly requests: ClientRequests,
    private readonly follows: readonly { close(): unknown }[],
  ) {}

  /**
   * Follows upstreams and client keys in live config, or reads them from a file; a process whose feeds are from a file
   * follows no config at all. A document that cannot be used here is refused alone and visibly, and the upstream keeps
   * its last good config.
   * @throws InvalidUpstreams or UnusableUpstream for a file of upstreams
   */
  static async start(settings: OddsSettings, { logger, metrics, health }: ProxySurroundings): Promise<RunningProxy> {
    const { environment, redis, stateDir, instance, pollMs } = settings;
    const { upstreamsFile, ...options } = settings.proxy;
    const service = new ProxyService({ ...options, redis, logger, metrics });
    await service.ready();
    const follows: { close(): unknown }[] = [];
    const file = upstreamsFile === undefined ? undefined : await readUpstreamsFile(upstreamsFile);
    if (file) {
      const { refused, takeOver } = service.upstreams.prepare(file.upstreams);
      if (refused.size > 0) throw new UnusableUpstream([...refused.values()].join('; '));
      takeOver();
    } else if (settings.feedsFile === undefined) {
      const directory = join(stateDir, 'proxy');
      const config = await LiveConfig.start({
        environment,
        redis,
        pollMs,
        logger,
        kinds: ['proxy-upstream'],
        consumer: 'odds',
        // A separate part, so that an unusable feed rejects no upstream, and the other way round.
        instance: `${await instanceId({ consumer: 'odds', given: instance, directory: stateDir }, logger)}.proxy`,
        stateDir: directory,
        apply: ({ documents }) => {
          const { refused, takeOver } = service.upstreams.prepare(
            [...documents.values()].map(({ ref, body }) => ({ key: ref.key, body })),
          );
          const reasons = [...documents].flatMap(([name, { ref }]) =>
            refused.has(ref.key) ? [[name, refused.get(ref.key) ?? ''] as const] : [],
          );
          if (reasons.length > 0) throw new RefusedDocuments(new Map(reasons));
          takeOver();
        },
      });
      follows.push(config);
      health.tell('proxy', () => ({ upstreams: service.upstreams.keys, ...config.standing }));
    }
    if (file?.clientKeys) service.keys.apply(file.clientKeys);
    else
      follows.push(
        new EnvironmentSettingsWatch({
          environment,
          redis,
          pollMs,
          logger,
          apply: ({ clientKeys }) => service.keys.apply(clientKeys),
        }),
      );
    const counts = failFastConnection(redis.url, (error) => logger.debug({ err: error }, 'connection to Redis'));
    const counters = new TrafficCounters(counts, redis.prefix, (error) =>
      logger.debug({ err: error }, 'traffic counts wait for Redis'),
    );
    return new RunningProxy(
      service,
      { redis: counts, prefix: redis.prefix, keys: service.keys, logger },
      counters,
      new ClientRequests(metrics),
      follows,
    );
  }

  /** The routes of the proxy and of traffic counts. */
  serve(fastify: FastifyInstance): void {
    this.service.serve(fastify, ({ consumer, id }, upstream) => {
      const asked = { route: `${PROXY_PATH}${upstream}`, version: 'v1' };
      this.counters.count({ client: consumer, ...asked });
      this.requests.count({ client: id, ...asked });
    });
    serveTraffic(fastify, this.parts);
  }

  async close(): Promise<void> {
    for (const followed of this.follows) await followed.close();
    await this.counters.close();
    this.parts.redis.disconnect();
    this.service.close();
  }
}
