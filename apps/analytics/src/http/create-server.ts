import { Global, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveGraphql } from '@paddock/graphql';
import {
  answerPreflights,
  answerProblem,
  Cors,
  defaultHttpSettings,
  GRAPHQL_REQUEST_HEADERS,
  HttpPort,
  type HttpSettings,
  limitWrongKeys,
  noteRoutes,
  observeRequests,
  ProblemFilter,
  requestIdOf,
  serveOperations,
  servePages,
} from '@paddock/http-server';
import {
  createMetrics,
  Health,
  type Logger,
  nestLogger,
  type SecurityTxtSettings,
  serveSecurityTxt,
} from '@paddock/runtime';
import { ApiKeys } from '../access/api-keys.js';
import { ANALYTICS_PAGES } from '../analytics.api.js';
import { Analytics } from '../analytics.js';
import { Collector } from '../collector/collector.js';
import { ProducerKeys } from '../collector/producer-keys.js';
import type { FollowedStanding } from '../config/follow-config.js';
import { MetricsCsvController } from '../csv/metrics-csv.controller.js';
import { SavedExplorations } from '../explorations/saved-explorations.js';
import { GraphqlModule, LIMITS } from '../graphql/graphql.module.js';
import { LiveSeries } from '../live/live-series.js';
import { liveSockets } from '../live/live-sockets.js';
import { InternalToken, PreviewController } from '../preview/preview.controller.js';
import { INTROSPECTION, LOGGER, PRODUCTION } from '../process.js';
import { Quarantine } from '../quarantine/quarantine.js';
import { Queries } from '../queries/queries.js';
import { BatchImports } from '../reconciliation/batch-imports.js';
import { BatchResultsController } from '../reconciliation/batch-results.controller.js';
import type { BatchSources } from '../reconciliation/batch-sources.js';
import { Reconciliations } from '../reconciliation/reconciliations.js';
import { Serving } from '../serving.js';
import { ANALYTICS_PORT_DEFAULTS } from '../settings.js';
import { UsageController } from '../usage/usage.controller.js';
import { EventsController } from './events.controller.js';
import { observeAnalytics } from './metrics.js';
import { problemOf } from './problem-of.js';
import { readBodies } from './raw-bodies.js';
import { SdkSettingsController } from './sdk-settings.controller.js';

@Global()
@Module({})
class ServerModule {}

/** Options of the server: access, ports and background work. */
export interface ServerOptions {
  keys: ApiKeys;
  production: boolean;
  /** Whether the schema can be read by introspection. Default: not in production. */
  introspection?: boolean;
  /** The HTTP settings; the app's defaults when left out. */
  http?: HttpSettings;
  /** How often closed hours are compared with their recomputation; only on request when left out. */
  reconcileMs?: number;
  /** Databases that results of batches may be imported from. */
  batchSources?: BatchSources;
  /** The standing of the followed config; no config is followed when left out. */
  config?: () => FollowedStanding;
  /** The contents of `/.well-known/security.txt`, which is not served when left out. */
  securityTxt?: SecurityTxtSettings;
}

/** Headers of RudderStack's browser SDK; the last four only on a retry. */
const RUDDERSTACK_HEADERS =
  'AnonymousId, SentAt, Rsa-Retry-Attempt, Rsa-Retry-Reason, Rsa-Since-First-Attempt, Rsa-Since-Last-Attempt';

/**
 * Browsers send beacons with `credentials: include`, so a listed origin may. No cookie exists that they could carry.
 */
const CORS = {
  methods: 'POST, GET, OPTIONS',
  requestHeaders: `Content-Type, Content-Encoding, Authorization, Paddock-Client-Key, X-Request-Id, Traceparent, ${RUDDERSTACK_HEADERS}, ${GRAPHQL_REQUEST_HEADERS}`,
  exposedHeaders: 'Retry-After, WWW-Authenticate, X-Request-Id',
  credentials: true,
};

const CLOSED: ServerOptions = { keys: new ApiKeys(new Map()), production: true };

/** Builds the HTTP server of an analytics process; closing it closes analytics. */
export async function createServer(
  analytics: Analytics,
  keys: ProducerKeys,
  logger: Logger,
  token = new InternalToken(undefined),
  options: ServerOptions = CLOSED,
): Promise<NestFastifyApplication> {
  const serving = await Serving.open(analytics, logger, options.batchSources);
  const http = options.http ?? defaultHttpSettings(ANALYTICS_PORT_DEFAULTS);
  const cors = new Cors({ ...CORS, origins: http.allowedOrigins });
  const port = new HttpPort(http, { cors, resources: 'same-origin' });
  const adapter = new FastifyAdapter({
    ...port.fastifyOptions,
    bodyLimit: analytics.collector.limits.maxBodyBytes,
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
    frameworkErrors: answerProblem(logger),
  });
  const provided = [
    { provide: ApiKeys, useValue: options.keys },
    { provide: Queries, useValue: serving.queries },
    { provide: SavedExplorations, useValue: new SavedExplorations(serving.queries) },
    { provide: LiveSeries, useValue: serving.live },
    { provide: Quarantine, useValue: serving.quarantine },
    { provide: Reconciliations, useValue: serving.reconciliations },
    { provide: BatchImports, useValue: serving.imports },
    { provide: LOGGER, useValue: logger },
    { provide: PRODUCTION, useValue: options.production },
    { provide: INTROSPECTION, useValue: options.introspection ?? !options.production },
  ];
  const module = {
    module: ServerModule,
    imports: [GraphqlModule],
    controllers: [
      EventsController,
      SdkSettingsController,
      PreviewController,
      UsageController,
      MetricsCsvController,
      BatchResultsController,
    ],
    exports: provided,
    providers: [
      ...provided,
      { provide: Collector, useValue: analytics.collector },
      { provide: ProducerKeys, useValue: keys },
      { provide: Analytics, useValue: analytics },
      { provide: InternalToken, useValue: token },
      { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger, problemOf) },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  const metrics = createMetrics('analytics');
  const health = new Health();
  health.register('store', async () => ({ ok: (await analytics.store.engine.select('SELECT 1 AS one')).length === 1 }));
  health.register('log', async () => {
    await analytics.collector.assertLogWritable();
    return { ok: true };
  });
  health.register('definitions', () => ({ ok: true, catchingUp: analytics.metrics.catchingUp }));
  // After a refused release the last good definitions stay active, so the refusal is reported and does not affect
  // readiness.
  const { config } = options;
  if (config) health.register('config', () => ({ ok: true, ...config() }));
  observeAnalytics(analytics, serving, metrics);
  noteRoutes(fastify);
  observeRequests(fastify, { logger, metrics });
  serveOperations(fastify, { health, metrics, listen: http.operations });
  servePages(fastify, ANALYTICS_PAGES);
  if (options.securityTxt) serveSecurityTxt(fastify, options.securityTxt);
  readBodies(fastify);
  answerPreflights(fastify, cors);
  serveGraphql(fastify, {
    limits: LIMITS,
    introspection: options.introspection ?? !options.production,
    production: options.production,
    schema: () => app.get(GraphQLSchemaHost).schema,
    title: ANALYTICS_PAGES.home.title,
  });
  limitWrongKeys(fastify, port);
  await app.init();
  const sockets = liveSockets(app.get(GraphQLSchemaHost).schema, options.keys, logger);
  port.serveUpgrades(app.getHttpServer(), { '/graphql': sockets.upgrade });
  if (options.reconcileMs !== undefined) serving.reconciliations.start(options.reconcileMs);
  fastify.addHook('preClose', () => sockets.close());
  fastify.addHook('onClose', async () => {
    await serving.close();
    await analytics.close();
  });
  return app;
}
