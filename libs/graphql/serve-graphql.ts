import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { DocumentLimits } from './document-problem.js';
import { refuseCostlyDocuments } from './refuse-costly-documents.js';
import { acceptSafeGets } from './safe-gets.js';
import { type GraphqlPages, serveGraphqlPages } from './serve-graphql-pages.js';

/** What a GraphQL API has on its HTTP server. */
export interface GraphqlServing extends GraphqlPages {
  readonly limits: DocumentLimits;
  /** Does a request have rights that a browser added by itself? Without it none has. */
  readonly carriesRights?: (headers: IncomingHttpHeaders) => boolean;
}

/**
 * What stands around `/graphql` on an HTTP server: queries by GET, the refusal of documents that are too costly to
 * validate, the schema as text, and a page for browsers.
 */
export function serveGraphql(fastify: FastifyInstance, { limits, carriesRights, ...pages }: GraphqlServing): void {
  acceptSafeGets(fastify, carriesRights);
  refuseCostlyDocuments(fastify, limits);
  serveGraphqlPages(fastify, pages);
}
