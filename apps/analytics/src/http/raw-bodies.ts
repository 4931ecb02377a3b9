import type { FastifyInstance } from 'fastify';
import { type JsonBodies, parseJsonBody, textOfBody } from '@paddock/http-server';
import { EVENT_PATHS } from './event-paths.js';

/** GraphQL operations are refused by token count long before this size; batches of results may be larger. */
const JSON_BODIES: JsonBodies = { smaller: { '/graphql': { bytes: 1024 * 1024, what: 'an operation' } } };

/** Hands bodies of events to their controller as bytes, CSV as text, and all others as JSON. */
export function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Bodies of events are read as bytes, whatever their content type is, because a beacon sends text/plain.
    if (EVENT_PATHS.has(request.url.split('?')[0] ?? '')) return done(null, body);
    try {
      if (request.headers['content-type']?.startsWith('text/csv')) done(null, textOfBody(body));
      else done(null, body.length === 0 ? undefined : parseJsonBody(request, body, JSON_BODIES));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
