import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { mayHoldInexactNumbers, parseExactJson } from '@paddock/contracts';
import { serveGraphql } from '@paddock/graphql';
import {
  answerPreflights,
  answerProblem,
  Cors,
  GRAPHQL_REQUEST_HEADERS,
  HttpPort,
  type JsonBodies,
  limitWrongKeys,
  noteRoutes,
  observeRequests,
  readJsonBodies,
  requestIdOf,
  serveOperations,
  servePages,
} from '@paddock/http-server';
import { noteBroadPowers } from '@paddock/migrations';
import { drainBeforeClose, type Logger, nestLogger, serveSecurityTxt } from '@paddock/runtime';
import { AppModule } from './app.module.js';
import { CONTROL_PLANE_PAGES } from './control-plane.api.js';
import { sessionCookieIn } from './access/credential.js';
import { LIMITS } from './graphql/limits.js';
import { Subscriptions } from './graphql/subscriptions.js';
import { HEALTH, METRICS } from './process.js';
import type { ControlPlaneSettings } from './settings.js';

/** A megabyte of text within a body still reaches the check that names the field; two megabytes do not. */
const MAX_BODY_BYTES = 1.5 * 1024 * 1024;

const JSON_BODIES: JsonBodies = {
  // Imports of mappings and bulk edits have a few thousand members.
  limits: { depth: 64, members: 20_000 },
  // Numbers that would change come as `InexactNumber`, so that they are refused where they stand.
  parse: (text, bytes): unknown => (mayHoldInexactNumbers(bytes) ? parseExactJson(text) : JSON.parse(text)),
};

function controlPlanePort({ http }: ControlPlaneSettings): HttpPort {
  const cors = new Cors({
    origins: http.allowedOrigins,
    methods: 'POST, GET, OPTIONS',
    requestHeaders: `Content-Type, Authorization, X-Request-Id, Traceparent, ${GRAPHQL_REQUEST_HEADERS}`,
    exposedHeaders: 'X-Request-Id, Retry-After',
    credentials: true,
  });
  const keyOf = ({ headers }: IncomingMessage): string | undefined => headers.authorization ?? sessionCookieIn(headers);
  return new HttpPort(http, { cors, resources: 'same-origin', keyOf });
}

/** Does the session come by the cookie alone, which a browser adds to what pages of other sites send, too? */
function isCookieOnly(headers: IncomingHttpHeaders): boolean {
  return headers.authorization === undefined && sessionCookieIn(headers) !== undefined;
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
    frameworkErrors: answerProblem(logger),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(settings, logger), adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  const metrics = app.get(METRICS);
  noteRoutes(fastify);
  observeRequests(fastify, { logger, metrics });
  drainBeforeClose(fastify);
  serveOperations(fastify, { health: app.get(HEALTH), metrics, listen: settings.http.operations });
  serveSecurityTxt(fastify, settings.securityTxt);
  servePages(fastify, CONTROL_PLANE_PAGES);
  readJsonBodies(fastify, JSON_BODIES);
  answerPreflights(fastify, port.cors);
  serveGraphql(fastify, {
    limits: LIMITS,
    carriesRights: isCookieOnly,
    introspection: settings.introspection,
    production: settings.production,
    schema: () => app.get(GraphQLSchemaHost).schema,
    title: CONTROL_PLANE_PAGES.home.title,
  });
  limitWrongKeys(fastify, port);
  await app.init();
  const closeSockets = app.get(Subscriptions).serve(port, adapter.getHttpServer());
  fastify.addHook('preClose', closeSockets);
  await noteBroadPowers(app.get(DataSource, { strict: false }), logger);
  return app;
}
