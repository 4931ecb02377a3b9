import { type INestApplicationContext, NotFoundException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { fastify, type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import {
  answerProblem,
  Cors,
  HttpPort,
  noteRoutes,
  observeRequests,
  requestIdOf,
  serveOperations,
} from '@paddock/http-server';
import { noteBroadPowers } from '@paddock/migrations';
import { type Logger, nestLogger, type RunnableApp } from '@paddock/runtime';
import { failFastConnection } from '@paddock/tasks';
import { createDataSource } from './database/data-source.js';
import { HEALTH, type Health, METRICS } from './process.js';
import { objectionTo } from './publishing/eviction-policy.js';
import { FailureLog } from './publishing/failure-log.js';
import { ARTEFACT_REDIS } from './publishing/redis.js';
import type { ControlPlaneSettings } from './settings.js';
import { WorkerModule } from './worker.module.js';

/** Redis must not be used as it is configured. */
export class UnfitRedis extends Error {}

/**
 * Starts the worker as soon as the database answers. What is returned serves its health, and listens nowhere yet.
 * @throws UnfitRedis where Redis would evict what it holds
 */
export async function startWorkerProcess(settings: ControlPlaneSettings, logger: Logger): Promise<RunnableApp> {
  await refuseUnfitRedis(settings, logger);
  await databaseAnswers(settings, logger);
  const app = await NestFactory.createApplicationContext(WorkerModule.of(settings, logger), {
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const http = operations(app, settings, logger);
  return {
    listen: (port, host) => http.listen({ port, host }),
    getUrl: () => Promise.resolve(http.listeningOrigin),
    async close() {
      await http.close();
      await app.close();
    },
  };
}

function operations(
  app: INestApplicationContext,
  { http: portSettings }: ControlPlaneSettings,
  logger: Logger,
): FastifyInstance {
  const health: Health = app.get(HEALTH);
  const redis: Redis = app.get(ARTEFACT_REDIS);
  health.register('redis', async () => {
    const objection = await objectionTo(redis);
    return objection ? { ok: false, error: objection } : { ok: true };
  });
  const cors = new Cors({ origins: [], methods: 'GET', requestHeaders: '', exposedHeaders: '', credentials: false });
  const port = new HttpPort(portSettings, { cors, resources: 'same-origin' });
  const http = fastify({
    ...port.fastifyOptions,
    genReqId: requestIdOf,
    forceCloseConnections: true,
    frameworkErrors: answerProblem(logger),
  });
  noteRoutes(http);
  http.setErrorHandler(answerProblem(logger));
  http.setNotFoundHandler(() => {
    throw new NotFoundException();
  });
  observeRequests(http, { logger, metrics: app.get(METRICS) });
  serveOperations(http, { health, metrics: app.get(METRICS), listen: portSettings.operations });
  return http;
}

/** Waits for the database: a worker that starts before it is no mistake. */
async function databaseAnswers({ database }: ControlPlaneSettings, logger: Logger): Promise<void> {
  const failures = new FailureLog(logger, 'database');
  const answers = async (): Promise<true> => {
    const source = await createDataSource(database.url, { poolSize: 1 }).initialize();
    await noteBroadPowers(source, logger);
    await source.destroy();
    return true;
  };
  while (!(await failures.run(answers))) await delay(1_000);
}

/** A Redis that is away may come later; one that evicts is refused. Where the question itself is forbidden, a warning has to do. */
async function refuseUnfitRedis({ redis: { url } }: ControlPlaneSettings, logger: Logger): Promise<void> {
  const redis = failFastConnection(url, () => undefined);
  try {
    await new Promise((settled) => redis.once('ready', settled).once('close', settled));
    if (redis.status !== 'ready') return;
    const objection = await objectionTo(redis).catch((error: unknown) => {
      logger.warn({ err: error }, 'could not learn how Redis evicts keys; its maxmemory-policy must be noeviction');
      return undefined;
    });
    if (objection) throw new UnfitRedis(objection);
  } finally {
    redis.disconnect();
  }
}
