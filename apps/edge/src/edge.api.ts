import { graphqlRoutes } from '@paddock/graphql';
import {
  type ApiDescription,
  type HtmlPage,
  PAGE_ORIGIN,
  type PortPages,
  type RouteDescription,
} from '@paddock/http-server';
import { CHANGE_ROUTES, CHANGE_SCHEMAS } from './changes/changes.api.js';
import { LAYOUT_ROUTES, LAYOUT_SCHEMAS } from './http/layout.api.js';
import { MARKET_ROUTES, MARKET_SCHEMAS } from './markets/markets.api.js';
import { RECEIPT_ROUTES, RECEIPT_SCHEMAS } from './receipts/receipts.api.js';

const SAMPLE_PICTURES: RouteDescription = {
  method: 'GET',
  path: '/media/sample/{file}',
  tag: 'Sample',
  summary: 'A picture of the sample site.',
  parameters: [
    {
      name: 'file',
      in: 'path',
      description: 'The name of the picture, such as it stands in the sample promos.',
      schema: { type: 'string' },
    },
  ],
  answers: {
    200: { description: 'The picture.', content: { 'image/png': { type: 'string' } } },
    304: { description: 'The caller has this picture.' },
  },
  problems: ['NOT_FOUND'],
};

/** The HTTP routes of an edge. */
const API: ApiDescription = {
  title: 'Paddock edge',
  description: 'Serves frontends: pages as visitors see them, live markets, and releases as they land.',
  routes: [
    ...LAYOUT_ROUTES,
    ...CHANGE_ROUTES,
    ...RECEIPT_ROUTES,
    ...MARKET_ROUTES,
    SAMPLE_PICTURES,
    ...graphqlRoutes(['none', 'clientKey']),
  ],
  schemas: { ...LAYOUT_SCHEMAS, ...CHANGE_SCHEMAS, ...RECEIPT_SCHEMAS, ...MARKET_SCHEMAS },
};

const HOME: HtmlPage = {
  title: 'Edge',
  lead: 'Frontends read here: pages as visitors see them, live markets, and releases as they land.',
  links: [
    { href: '/graphql', label: 'GraphQL', text: 'Pages and markets as queries and subscriptions.' },
    { href: '/schema.graphql', label: 'GraphQL schema', text: 'The same in the schema language.' },
    {
      href: '/openapi.json',
      label: 'REST routes',
      text: 'OpenAPI 3.1: parameters, answers and problems of each route.',
    },
    { href: '/problems', label: 'Problems', text: 'What the codes of refused requests mean.' },
    { href: '/readyz', label: 'Readiness', text: 'Whether this instance serves a valid state.' },
  ],
  sections: [
    {
      heading: 'Read a page',
      code: `curl -i ${PAGE_ORIGIN}/v1/production/sites/acme-uk/layouts/home`,
    },
    {
      heading: 'Documentation',
      text: 'docs/api.md describes the REST routes and GraphQL, docs/odds.md the market streams.',
    },
  ],
};

/** The description of an edge, for people. */
export const EDGE_PAGES: PortPages = { home: HOME, api: API };
