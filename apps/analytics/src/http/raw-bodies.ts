import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { parseBoundedJson } from '#runtime';
import { EVENT_PATHS } from './event-paths.js';

/** Operations are refused for their tokens long before they are this large; batches of results may be larger. */
const MAX_OPERATION_BYTES = 1024 * 1024;

/** Hands bodies of events to their controller as bytes, and all others as JSON. */
export function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Bodies of events are read as bytes, whatever their content type says: a beacon says text/plain.
    if (EVENT_PATHS.has(request.url.split('?')[0] ?? '')) return done(null, body);
    if (request.routeOptions.url === '/graphql' && body.length > MAX_OPERATION_BYTES)
      return done(
        Object.assign(new Error(`an operation has at most ${MAX_OPERATION_BYTES} bytes`), {
          statusCode: 413,
          code: 'TOO_LARGE',
        }),
      );
    if (!isUtf8(body))
      return done(
        Object.assign(new Error('the body has bytes that are not UTF-8'), { statusCode: 400, code: 'INVALID_UTF8' }),
      );
    if (request.headers['content-type']?.startsWith('text/csv')) return done(null, body.toString('utf8'));
    try {
      done(null, body.length === 0 ? undefined : parseBoundedJson(body.toString('utf8')));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
