import type { JsonBodies } from '@paddock/http-server';

/** The largest GraphQL operation is refused for its tokens, with the limit, long before it is this large. */
export const MAX_BODY_BYTES = 128 * 1024;

/** Nothing that is sent to an edge has more than a few levels. */
export const JSON_BODIES: JsonBodies = {
  limits: { depth: 64, members: 10_000 },
  smaller: { '/v1/receipts': { bytes: 16 * 1024, what: 'a receipt' } },
};
