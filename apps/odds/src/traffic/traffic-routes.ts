import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import type { Logger } from '@paddock/runtime';
import {
  DirectPolling,
  migrationBoard,
  readAccessLine,
  readLegacyRoutes,
  readLines,
  readTraffic,
} from '@paddock/traffic';
import type { ClientKeys } from '../http/client-keys.js';
import { answerProblem, clientKeyOf, Problem, quote } from '@paddock/http-server';
import { readPollingOptions } from './polling-options.js';

export interface TrafficParts {
  readonly redis: Redis;
  readonly prefix: string;
  readonly keys: ClientKeys;
  readonly logger: Logger;
}

/** A posted log may be large: it is read as a stream and not stored. */
const MAX_LOG_BYTES = 1 << 30;

/**
 * `GET /v1/traffic/counts` and `/v1/traffic/migration`: requests by client, and clients that still use old routes; `POST
 * /v1/traffic/logs`: clients that poll third parties directly, from an access log. All need a key of the scope `traffic`.
 */
export function serveTraffic(fastify: FastifyInstance, { redis, prefix, keys, logger }: TrafficParts): void {
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    scope.setErrorHandler(answerProblem(logger));
    scope.addHook('onRequest', (request, reply, next) => {
      keys.authorize(clientKeyOf(request.headers), 'traffic');
      reply.header('cache-control', 'no-store');
      next();
    });
    scope.get('/v1/traffic/counts', async (request) => ({
      counts: await known(readTraffic(redis, prefix, daysOf(request, 7))),
    }));
    scope.get('/v1/traffic/migration', async (request) => {
      const [counts, legacy] = await known(
        Promise.all([readTraffic(redis, prefix, daysOf(request, 30)), readLegacyRoutes(redis, prefix)]),
      );
      return { clients: migrationBoard(counts, legacy, Date.now()), routes: legacy.all };
    });
    scope.post('/v1/traffic/logs', { bodyLimit: MAX_LOG_BYTES }, async (request) => {
      const polling = new DirectPolling(readPollingOptions(queryOf(request)));
      if (!(request.body instanceof Readable))
        throw new Problem(
          400,
          'EMPTY',
          'send an access log as the body: Common, Combined, nginx or Caddy JSON, plain or gzip',
        );
      try {
        for await (const line of readLines(request.body)) polling.add(readAccessLine(line));
      } catch {
        throw new Problem(400, 'BROKEN_LOG', 'the body cannot be unpacked, or broke off');
      }
      return polling.report();
    });
    done();
  });
}

/** @throws Problem 503 while Redis is unreachable */
async function known<T>(reading: Promise<T>): Promise<T> {
  return reading.catch(() => {
    throw new Problem(503, 'COUNTS_AWAY', 'the counts cannot be read at present', { headers: { 'retry-after': '2' } });
  });
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?')[1] ?? '');
}

/** @throws Problem 400 */
function daysOf(request: FastifyRequest, fallback: number): number {
  const text = queryOf(request).get('days');
  const days = Number(text ?? fallback);
  if (Number.isInteger(days) && days >= 1 && days <= 90) return days;
  throw new Problem(400, 'INVALID_PARAMETERS', `days: ${quote(text ?? '')} is not an integer from 1 to 90`, {
    errors: [{ field: 'days', message: 'is not an integer from 1 to 90' }],
  });
}
