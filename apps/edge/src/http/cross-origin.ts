import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, HEAD, POST, OPTIONS';

/** Any frontend may read: what protects something is the client key, not the page that it is sent from. */
export function allowCrossOrigin(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', 'ETag, Paddock-Seq, Retry-After').header('x-content-type-options', 'nosniff');
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    void reply
      .code(204)
      .header('access-control-allow-methods', METHODS)
      .header('access-control-allow-headers', 'Paddock-Client-Key, If-None-Match, Last-Event-ID, Content-Type')
      .header('access-control-max-age', '86400')
      .send();
  });
}
