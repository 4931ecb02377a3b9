import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { headersOfSubscriber, serveGraphql, SubscriptionSockets } from '@paddock/graphql';
import {
  answerPreflights,
  answerProblem,
  limitWrongKeys,
  noteRoutes,
  observeRequests,
  readJsonBodies,
  requestIdOf,
  type RequestListener,
  serveOperations,
  servePages,
} from '@paddock/http-server';
import { nestLogger, serveSecurityTxt } from '@paddock/runtime';
import { AppModule } from './app.module.js';
import { EDGE_PAGES } from './edge.api.js';
import { Edge, type EdgeOptions } from './edge.js';
import { LIMITS } from './graphql/graphql.module.js';
import { edgePort } from './http/edge-port.js';
import { JSON_BODIES, MAX_BODY_BYTES } from './http/json-body.js';
import { clkSecret } from './markets/clk-secret.js';
import { StreamSockets } from './markets/stream-sockets.js';

/** More than an id of 200 characters takes in its longest spelling. */
const MAX_PARAM_LENGTH = 4_096;

/** Builds an edge that has its state from disk, follows upstream and is ready to listen. */
export async function createEdge(options: Omit<EdgeOptions, 'clkSecret' | 'http'>): Promise<NestFastifyApplication> {
  const { settings, logger } = options;
  const http = edgePort(settings);
  const { port } = http;
  const edge = new Edge({
    ...options,
    clkSecret: await clkSecret(settings.clkSecret, settings.stateDir, logger),
    http,
  });
  const adapter = new FastifyAdapter({
    ...port.fastifyOptions,
    serverFactory: (framework: RequestListener) =>
      port.createServer(framework, (request, response) => edge.endpoint.handle(request, response)),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    frameworkErrors: answerProblem(logger),
    // Event ids are judged where they are read, by their length as text: the router would count percent-encodings, and stop at 100.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(edge, settings, logger), adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  noteRoutes(fastify);
  observeRequests(fastify, { logger, metrics: edge.metrics });
  serveOperations(fastify, { health: edge.health, metrics: edge.metrics, listen: settings.http.operations });
  serveSecurityTxt(fastify, settings.securityTxt);
  servePages(fastify, EDGE_PAGES);
  readJsonBodies(fastify, JSON_BODIES);
  answerPreflights(fastify, port.cors);
  serveGraphql(fastify, {
    limits: LIMITS,
    introspection: settings.introspection,
    production: settings.production,
    schema: () => app.get(GraphQLSchemaHost).schema,
    title: EDGE_PAGES.home.title,
  });
  limitWrongKeys(fastify, port);
  await app.init();
  const sockets = new StreamSockets(edge.markets.streams, logger);
  const subscriptions = new SubscriptionSockets({
    schema: app.get(GraphQLSchemaHost).schema,
    limits: LIMITS,
    logger,
    contextOf: (subscriber) => ({ request: { headers: headersOfSubscriber(subscriber) } }),
  });
  port.serveUpgrades(app.getHttpServer(), { '/v2/markets/stream': sockets.upgrade, '/graphql': subscriptions.upgrade });
  await edge.start();
  fastify.addHook('preClose', async () => {
    edge.drain();
    await Promise.all([sockets.close(), subscriptions.close()]);
  });
  fastify.addHook('onClose', () => edge.close());
  return app;
}
