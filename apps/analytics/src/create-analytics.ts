import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { analyticsLogPrefix } from '@paddock/contracts';
import { connectRedisEventLog } from '@paddock/eventlog';
import type { Logger } from '@paddock/runtime';
import { ApiKeys, parseCallers } from './access/api-keys.js';
import { Analytics } from './analytics.js';
import { ProducerKeys } from './collector/producer-keys.js';
import { followConfig } from './config/follow-config.js';
import { readDefinitions } from './definitions/definitions-file.js';
import { createServer } from './http/create-server.js';
import { InternalToken } from './preview/preview.controller.js';
import { BatchSources, parseBatchSources } from './reconciliation/batch-sources.js';
import { SampleStream } from './sample/sample-stream.js';
import type { AnalyticsSettings } from './settings.js';
import { openEngine } from './store/engine.js';

const MEGABYTE = 1 << 20;
const HOUR_MS = 3_600_000;

/** Builds an analytics process with its definitions loaded, ready to listen. */
export async function createAnalytics(settings: AnalyticsSettings, logger: Logger): Promise<NestFastifyApplication> {
  const { redis, collector, clickhouseUrl, storeDir, definitionsFile, leaseMs, deduplicationHours } = settings;
  const onError = (error: Error): void => logger.warn({ err: error }, 'the event log cannot be reached');
  const log = await connectRedisEventLog({ url: redis.url, prefix: analyticsLogPrefix(redis.prefix), onError });
  const engine = await openEngine(clickhouseUrl ? { url: clickhouseUrl } : { directory: storeDir });
  const limits = {
    maxBodyBytes: collector.maxBodyMb * MEGABYTE,
    maxEvents: collector.maxEvents,
    maxBufferedBytes: collector.bufferMb * MEGABYTE,
  };
  const analytics = await Analytics.open({
    log,
    engine,
    logger,
    limits,
    leaseMs,
    deduplicationMs: deduplicationHours * HOUR_MS,
  });
  const fixed = parseKeys(collector.keys);
  const producers = new Map(fixed);
  if (definitionsFile) await analytics.apply(await readDefinitions(definitionsFile));
  const config = definitionsFile ? undefined : await followConfig(analytics, producers, fixed, settings, logger);
  await analytics.start();
  const server = await createServer(
    analytics,
    new ProducerKeys(producers, collector.anonymous),
    logger,
    new InternalToken(settings.token),
    {
      keys: new ApiKeys(parseCallers(settings.access, settings.token), settings.access.openReads),
      production: settings.production,
      introspection: settings.introspection,
      securityTxt: settings.securityTxt,
      http: settings.http,
      batchSources: new BatchSources(parseBatchSources(settings.batchSources) ?? new Map()),
      ...(config ? { config: () => config.standing } : {}),
      reconcileMs: settings.reconcileSeconds * 1_000,
    },
  );
  const fastify = server.getHttpAdapter().getInstance();
  const { seed, perSecond } = settings.sample;
  const sample = seed === undefined ? undefined : new SampleStream(analytics, { seed, perSecond }, logger);
  fastify.addHook('preClose', async () => {
    sample?.close();
    await config?.close();
  });
  fastify.addHook('onClose', () => log.close());
  return server;
}

/** `web=<sha256>,app=<sha256>`: producers by the hashes of their keys. */
function parseKeys(text: string): Map<string, string> {
  return new Map(
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', hash = ''] = pair.split('=');
        return [hash.trim().toLowerCase(), name.trim()];
      }),
  );
}
