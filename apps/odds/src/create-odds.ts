import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  answerPreflights,
  answerProblem,
  limitWrongKeys,
  noteRoutes,
  observeRequests,
  requestIdOf,
  serveOperations,
  servePages,
} from '@paddock/http-server';
import { type Logger, nestLogger, serveSecurityTxt } from '@paddock/runtime';
import { AppModule } from './app.module.js';
import { oddsPort } from './http/odds-port.js';
import { ODDS_PAGES } from './odds.api.js';
import { Odds } from './odds.js';
import { RunningProxy } from './proxy/start-proxy.js';
import type { OddsSettings } from './settings.js';

/** Builds an odds service that runs its feeds and keeps its partitions, ready to listen. */
export async function createOdds(settings: OddsSettings, logger: Logger): Promise<NestFastifyApplication> {
  const odds = await Odds.start(settings, logger);
  const port = oddsPort(settings.http);
  const adapter = new FastifyAdapter({
    ...port.fastifyOptions,
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
    frameworkErrors: answerProblem(logger),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(odds, logger), adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  noteRoutes(fastify);
  observeRequests(fastify, { logger, metrics: odds.metrics });
  serveOperations(fastify, { health: odds.health, metrics: odds.metrics, listen: settings.http.operations });
  serveSecurityTxt(fastify, settings.securityTxt);
  servePages(fastify, ODDS_PAGES);
  answerPreflights(fastify, port.cors);
  limitWrongKeys(fastify, port);
  const proxy = await RunningProxy.start(settings, { logger, metrics: odds.metrics, health: odds.health });
  proxy.serve(fastify);
  fastify.addHook('onClose', async () => {
    await proxy.close();
    await odds.close();
  });
  await app.init();
  return app;
}
