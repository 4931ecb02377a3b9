import { graphqlRoutes } from '@paddock/graphql';
import { type ApiDescription, type HtmlPage, type PortPages } from '@paddock/http-server';

/** The HTTP routes of the control plane. */
const API: ApiDescription = {
  title: 'Paddock control plane',
  description:
    'Documents, releases and who may change them. The API is GraphQL; the other routes are about the service.',
  routes: graphqlRoutes(['none', 'bearer']),
};

const HOME: HtmlPage = {
  title: 'Control plane',
  lead: 'Operations edit promos, layouts, market rules and metrics here, and publish and roll back their releases.',
  links: [
    {
      href: '/graphql',
      label: 'GraphQL',
      text: 'The API: sign in with the mutation signIn, then send its token as Authorization: Bearer.',
    },
    { href: '/schema.graphql', label: 'GraphQL schema', text: 'The same in the schema language.' },
    { href: '/openapi.json', label: 'HTTP routes', text: 'OpenAPI 3.1: the few routes beside GraphQL.' },
    { href: '/problems', label: 'Problems', text: 'What the codes of refused requests mean.' },
    { href: '/readyz', label: 'Readiness', text: 'Whether this instance can work.' },
  ],
  sections: [
    {
      heading: 'Documentation',
      text: 'docs/api.md describes the API, docs/concepts.md documents and releases, docs/operations.md how to run it.',
    },
  ],
};

/** What the control plane says about itself to people. */
export const CONTROL_PLANE_PAGES: PortPages = { home: HOME, api: API };
