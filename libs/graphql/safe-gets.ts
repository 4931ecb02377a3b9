import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { isGraphqlUrl } from '@paddock/http-server';

/** A header whose presence proves to Apollo that a request is not forged: browsers send it only after a preflight. */
const PROOF = 'apollo-require-preflight';

/** How Apollo's message about a request that may be forged begins. */
const APOLLO_SUSPICION = 'This operation has been blocked as a potential Cross-Site Request Forgery';

/** The message in its place: Apollo's own does not name the usual way. */
const SUSPECTED =
  'a page of another site could make a browser send this request with the cookie of its visitor; send it by POST with Content-Type: application/json, or add the header Apollo-Require-Preflight: true';

/**
 * Lets GraphQL clients ask by GET with the headers that they send by themselves, as urql does. Apollo refuses every GET
 * that a page could send without a preflight. Such a request does harm only with another user's rights, which browsers
 * add as cookies; without a cookie it has only the rights of its sender. By GET Apollo runs queries alone, never
 * mutations.
 * @param carriesRights does the request have rights that a browser added by itself?
 */
export function acceptSafeGets(
  fastify: FastifyInstance,
  carriesRights: (headers: IncomingHttpHeaders) => boolean = () => false,
): void {
  fastify.addHook('onRequest', ({ method, url, raw: { headers } }, _reply, done) => {
    const ofOurPage = headers['sec-fetch-site'] === 'same-origin';
    if (method === 'GET' && isGraphqlUrl(url) && (ofOurPage || !carriesRights(headers)))
      headers[PROOF] ??= 'not-needed';
    done();
  });
}

/** The error of a request that may be forged, where this is what Apollo refused. */
export function csrfRefusal(message: string): { message: string; extensions: { code: string } } | undefined {
  return message.startsWith(APOLLO_SUSPICION)
    ? { message: SUSPECTED, extensions: { code: 'CSRF_SUSPECTED' } }
    : undefined;
}
