import type { FastifyInstance } from 'fastify';
import { type HtmlPage, originOf, renderPage, sendHtml, wantsPage, withOrigin } from './html-page.js';
import { openApi, undescribed } from './open-api.js';
import { PROBLEM_CODES, PROBLEMS_PATH } from './problem-codes.js';
import { Problem } from './problem.js';
import { sendProblem } from './refusals.js';
import type { ApiDescription } from './route-description.js';
import { routesOf } from './route-table.js';

/** Where the description of an app's HTTP routes is. */
export const OPENAPI_PATH = '/openapi.json';

/** A port's description of itself, for people. */
export interface PortPages {
  /** The page at `/`. */
  readonly home: HtmlPage;
  /** Its routes, all of them. */
  readonly api: ApiDescription;
}

const PROBLEM_PAGE: HtmlPage = {
  title: 'Problems',
  lead: 'Every refusal over HTTP has one of these codes. The member type of a problem leads to its code on this page.',
  sections: Object.entries(PROBLEM_CODES).map(([code, { status, title, help }]) => ({
    id: code,
    heading: `${code} (${[status].flat().join(', ')})`,
    text: `${title} ${help}`,
  })),
};

/**
 * Serves the pages that a browser shows at a port's address: a page at `/`, the meaning of problem codes at
 * `/problems`, and the description of the routes at `/openapi.json`. Programs get a problem at `/`, as everywhere else.
 * The server does not start with a route that is not described.
 */
export function servePages(fastify: FastifyInstance, { home, api }: PortPages): void {
  const page = renderPage(home);
  const problems = renderPage(PROBLEM_PAGE);
  let description: string | undefined;
  fastify.addHook('onReady', (done) => {
    const missing = undescribed(routesOf(fastify), api);
    done(missing.length > 0 ? new Error(`these routes have no description: ${missing.join(', ')}`) : undefined);
  });
  fastify.get('/', (request, reply) => {
    reply.header('link', `<${OPENAPI_PATH}>; rel="service-desc"; type="application/openapi+json"`);
    if (wantsPage(request.headers.accept)) return sendHtml(reply, withOrigin(page, originOf(request)));
    sendProblem(
      new Problem(404, 'NOT_FOUND', `there is nothing at GET /; the routes are in ${OPENAPI_PATH}`),
      request,
      reply,
    );
    return reply;
  });
  fastify.get(PROBLEMS_PATH, (_request, reply) => sendHtml(reply, problems));
  fastify.get(OPENAPI_PATH, (_request, reply) => {
    description ??= JSON.stringify(openApi(api));
    return reply.header('cache-control', 'no-cache').type('application/openapi+json; charset=utf-8').send(description);
  });
}
