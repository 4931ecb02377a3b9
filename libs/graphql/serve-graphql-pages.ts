import type { FastifyInstance } from 'fastify';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import {
  type HtmlPage,
  isGraphqlUrl,
  Problem,
  renderPage,
  sendHtml,
  sendProblem,
  wantsPage,
} from '@paddock/http-server';
import { explorer } from './explorer.js';

/** The path of the schema as text. */
export const SCHEMA_PATH = '/schema.graphql';

/** The pages and the schema of a GraphQL API. */
export interface GraphqlPages {
  /** May clients read the schema? */
  readonly introspection: boolean;
  /** In production there is no explorer. */
  readonly production: boolean;
  /** The schema, once the app has it. */
  readonly schema: () => GraphQLSchema;
  /** The name of the API, for the title of its pages. */
  readonly title: string;
}

/**
 * Serves `/schema.graphql`, and a page to browsers that open `/graphql`: in development an explorer, where introspection
 * is on, else a page that says what is there.
 */
export function serveGraphqlPages(
  fastify: FastifyInstance,
  { introspection, production, schema, title }: GraphqlPages,
): void {
  let text: string | undefined;
  fastify.get(SCHEMA_PATH, (request, reply) => {
    if (introspection) {
      text ??= printedSchema(schema());
      return reply.header('cache-control', 'no-cache').type('text/plain; charset=utf-8').send(text);
    }
    const detail = 'the schema is not served here: GRAPHQL_INTROSPECTION is off, which is its default in production';
    sendProblem(new Problem(404, 'INTROSPECTION_DISABLED', detail), request, reply);
    return reply;
  });
  const plain = renderPage(plainPage(title, introspection));
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, url, headers } = request;
    const opens = method === 'GET' && isGraphqlUrl(url) && !/[?&]query=/.test(url) && wantsPage(headers.accept);
    if (!opens) return done();
    reply.header('link', `<${SCHEMA_PATH}>; rel="describedby"`);
    if (!introspection || production) return void sendHtml(reply, plain);
    explorer().then(
      ({ html, policy }) => sendHtml(reply, html, policy),
      // The image of a release does not have it.
      () => sendHtml(reply, plain),
    );
  });
}

/** A schema as it is committed and served: sorted, so that a change shows as a difference of few lines. */
export function printedSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

function plainPage(title: string, introspection: boolean): HtmlPage {
  return {
    title: `GraphQL of the ${title}`,
    lead: 'This address takes GraphQL operations: queries by GET, queries and mutations by POST, subscriptions by WebSocket.',
    links: [
      ...(introspection ? [{ href: SCHEMA_PATH, label: 'Schema', text: 'The schema as text.' }] : []),
      { href: '/', label: 'Overview', text: 'What this service is, and its other addresses.' },
      { href: '/problems', label: 'Problems', text: 'What the codes of refused requests mean.' },
    ],
    sections: [
      {
        heading: 'Explore the API',
        text: 'In development this page is an explorer. In production, tools can read the schema where GRAPHQL_INTROSPECTION is on; it is also in the repository of Paddock.',
      },
    ],
  };
}
