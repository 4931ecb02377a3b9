import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

/** The largest GraphQL operation is refused for its tokens, with the limit, long before it is this large. */
export const MAX_BODY_BYTES = 128 * 1024;
const MAX_RECEIPT_BYTES = 16 * 1024;

/** Reads JSON bodies; what is none is refused, and so are members named `__proto__`. */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (request.routeOptions.url === '/v1/receipts' && Buffer.byteLength(text) > MAX_RECEIPT_BYTES) {
      done(new Problem(413, 'PAYLOAD_TOO_LARGE', `a receipt has at most ${MAX_RECEIPT_BYTES} bytes`), undefined);
      return;
    }
    void parse(request, text, (error, value) => {
      if (error) done(new Problem(400, 'BAD_JSON', 'the body is not JSON that can be taken'), undefined);
      else done(null, value);
    });
  });
}
