import type { IncomingMessage } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { refuseCostlyDocuments } from '#graphql';
import {
  answerPreflights,
  asGraphqlErrors,
  Cors,
  HttpPort,
  limitWrongKeys,
  observeRequests,
  requestIdOf,
  serveOperations,
} from '#http-server';
import { drainBeforeClose, type Logger, nestLogger, serveSecurityTxt } from '#runtime';
import { AppModule } from './app.module.js';
import { sessionCookieIn } from './access/credential.js';
import { readJsonBodies } from './graphql/json-body.js';
import { MAX_TOKENS } from './graphql/limits.js';
import { Subscriptions } from './graphql/subscriptions.js';
import { HEALTH, METRICS } from './process.js';
import type { ControlPlaneSettings } from './settings.js';

/** A megabyte of text within a body still reaches the check that names the field; two megabytes do not. */
const MAX_BODY_BYTES = 1.5 * 1024 * 1024;

/** Clients of the API read one shape of errors: GraphQL's, also where nothing of GraphQL was reached. */
function controlPlanePort({ http }: ControlPlaneSettings): HttpPort {
  const cors = new Cors({
    origins: http.allowedOrigins,
    methods: 'POST, GET, OPTIONS',
    requestHeaders: 'Content-Type, Authorization, Apollo-Require-Preflight, X-Request-Id, Traceparent',
    exposedHeaders: 'X-Request-Id, Retry-After',
    credentials: true,
  });
  const keyOf = ({ headers }: IncomingMessage): string | undefined => headers.authorization ?? sessionCookieIn(headers);
  return new HttpPort(http, { cors, resources: 'same-origin', refusal: asGraphqlErrors, keyOf });
}

/** Builds the API, ready to listen. */
export async function createControlPlane(
  settings: ControlPlaneSettings,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const port = controlPlanePort(settings);
  const adapter = new FastifyAdapter({
    ...port.fastifyOptions,
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(settings, logger), adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  const metrics = app.get(METRICS);
  observeRequests(fastify, { logger, metrics });
  drainBeforeClose(fastify);
  serveOperations(fastify, { health: app.get(HEALTH), metrics, listen: settings.http.operations });
  serveSecurityTxt(fastify, settings.securityTxt);
  readJsonBodies(fastify);
  refuseCostlyDocuments(fastify, { tokens: MAX_TOKENS });
  answerPreflights(fastify, port.cors);
  limitWrongKeys(fastify, port, asGraphqlErrors);
  await app.init();
  const closeSockets = app.get(Subscriptions).serve(port, adapter.getHttpServer());
  fastify.addHook('preClose', closeSockets);
  return app;
}
