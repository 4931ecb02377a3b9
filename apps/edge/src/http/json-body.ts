import type { FastifyInstance } from 'fastify';
import { parseBoundedJson } from '#runtime';
import { Problem } from './problem.js';

/** The largest GraphQL operation is refused for its tokens, with the limit, long before it is this large. */
export const MAX_BODY_BYTES = 128 * 1024;
const MAX_RECEIPT_BYTES = 16 * 1024;
/** Nothing that is sent to an edge has more than a few levels. */
const LIMITS = { depth: 64, members: 10_000 };

/** Reads JSON bodies; what is none is refused, and so are members named `__proto__` and what is beyond the limits. */
export function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (request.routeOptions.url === '/v1/receipts' && Buffer.byteLength(text) > MAX_RECEIPT_BYTES) {
      done(new Problem(413, 'PAYLOAD_TOO_LARGE', `a receipt has at most ${MAX_RECEIPT_BYTES} bytes`), undefined);
      return;
    }
    try {
      done(null, parseBoundedJson(text, LIMITS));
    } catch (error) {
      done(asError(error), undefined);
    }
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
