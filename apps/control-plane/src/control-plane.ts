import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { drainBeforeClose, type Logger, nestLogger, observeRequests, requestIdOf, serveOperations, serveSecurityTxt } from '#runtime';
import { AppModule } from './app.module.js';
import { readJsonBodies } from './graphql/json-body.js';
import { Subscriptions } from './graphql/subscriptions.js';
import { HEALTH, METRICS } from './process.js';
import type { ControlPlaneSettings } from './settings.js';

/** A megabyte of text within a body still reaches the check that names the field; two megabytes do not. */
const MAX_BODY_BYTES = 1.5 * 1024 * 1024;

/** Builds the API, ready to listen. */
export async function createControlPlane(settings: ControlPlaneSettings, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    genReqId: requestIdOf,
    trustProxy: settings.trustProxy,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
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
  serveOperations(fastify, { health: app.get(HEALTH), metrics });
  serveSecurityTxt(fastify, settings.securityTxt);
  readJsonBodies(fastify);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    done(null, payload);
  });
  await app.init();
  const closeSockets = app.get(Subscriptions).serve(adapter.getHttpServer());
  fastify.addHook('preClose', closeSockets);
  return app;
}
