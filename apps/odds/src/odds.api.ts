import {
  type ApiDescription,
  arrayOf,
  type HtmlPage,
  objectSchema,
  type PortPages,
  type ProblemCode,
  type RouteDescription,
  schemaRef,
} from '@paddock/http-server';

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };
const NUMBER = { type: 'number', minimum: 0 };
const KEY_PROBLEMS: readonly ProblemCode[] = [
  'CLIENT_KEY_REQUIRED',
  'UNKNOWN_CLIENT_KEY',
  'SCOPE_MISSING',
  'NO_STATE',
  'TOO_MANY_WRONG_KEYS',
];
const DAYS = {
  name: 'days',
  in: 'query',
  description: 'How many days back, today included.',
  schema: { type: 'integer', minimum: 1, maximum: 90 },
} as const;

const ROUTES: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/v1/proxy/{upstream}/{path}',
    served: '/v1/proxy/*',
    tag: 'Proxy',
    summary: 'The API of a third party, which is asked once for all clients.',
    description: 'The path may have several segments; path and query are passed on to the upstream.',
    security: ['clientKey'],
    parameters: [
      { name: 'upstream', in: 'path', description: 'The key of the upstream.', schema: TEXT },
      { name: 'path', in: 'path', description: 'The path at the upstream.', schema: TEXT },
    ],
    answers: {
      200: {
        description: 'What the upstream answered. Other statuses of the upstream are passed on as well.',
        headers: {
          ETag: 'Names the content.',
          'Paddock-Cache': 'Where the answer comes from; STALE where the upstream failed meanwhile.',
          'Paddock-Data-Age-Ms': 'How old the answer is, in milliseconds.',
          'Paddock-Upstream-Problem': 'The code of the failure that made the answer stale.',
        },
      },
      304: { description: 'Nothing has changed since the answer with this ETag.' },
    },
    problems: [
      ...KEY_PROBLEMS,
      'UNKNOWN_UPSTREAM',
      'PATH_NOT_ALLOWED',
      'REFUSED_URL',
      'URL_TOO_LONG',
      'UPSTREAM_TIMEOUT',
      'UPSTREAM_UNREACHABLE',
      'UPSTREAM_ERROR',
      'UPSTREAM_DENIED',
      'UPSTREAM_THROTTLED',
      'UPSTREAM_RESTING',
      'UPSTREAM_REDIRECTS',
      'UPSTREAM_TOO_LARGE',
      'UPSTREAM_UNREADABLE',
      'BUSY',
    ],
  },
  {
    method: 'GET',
    path: '/v1/traffic/counts',
    tag: 'Traffic',
    summary: 'Who asked which route how often.',
    security: ['clientKey'],
    parameters: [DAYS],
    answers: {
      200: {
        description: 'A count per client, route, version and day.',
        content: { 'application/json': objectSchema({ counts: arrayOf(schemaRef('TrafficCount')) }) },
      },
    },
    problems: [...KEY_PROBLEMS, 'INVALID_PARAMETERS', 'COUNTS_AWAY'],
  },
  {
    method: 'GET',
    path: '/v1/traffic/migration',
    tag: 'Traffic',
    summary: 'Which clients still use deprecated routes.',
    security: ['clientKey'],
    parameters: [DAYS],
    answers: {
      200: {
        description: 'The state of each client, and the deprecated routes.',
        content: {
          'application/json': objectSchema({
            clients: arrayOf(schemaRef('ClientMigration')),
            routes: arrayOf(schemaRef('LegacyRoute')),
          }),
        },
      },
    },
    problems: [...KEY_PROBLEMS, 'INVALID_PARAMETERS', 'COUNTS_AWAY'],
  },
  {
    method: 'POST',
    path: '/v1/traffic/logs',
    tag: 'Traffic',
    summary: 'Which questions several clients ask third parties at once, from an access log.',
    description: 'The log is not stored.',
    security: ['clientKey'],
    parameters: [
      {
        name: 'windowMs',
        in: 'query',
        description: 'Equal requests within this many milliseconds count as one that could be shared.',
        schema: COUNT,
      },
      { name: 'origin', in: 'query', description: 'The origin of paths in the log.', schema: TEXT },
      { name: 'volatile', in: 'query', description: 'Parameters to ignore, joined by commas.', schema: TEXT },
      { name: 'price', in: 'query', description: 'The price of one request.', schema: NUMBER },
    ],
    body: {
      description: 'Common, Combined, nginx or Caddy JSON, plain or compressed with gzip.',
      content: { 'text/plain': TEXT, 'application/octet-stream': TEXT },
    },
    answers: { 200: { description: 'The report.', content: { 'application/json': schemaRef('PollingReport') } } },
    problems: [...KEY_PROBLEMS, 'INVALID_PARAMETERS', 'EMPTY', 'BROKEN_LOG'],
  },
];

/** The HTTP routes of the odds service. */
const API: ApiDescription = {
  title: 'Paddock odds',
  description: 'Reads feeds and publishes market state to edges; a caching proxy for third parties; traffic counts.',
  routes: ROUTES,
  schemas: {
    TrafficCount: objectSchema({
      client: TEXT,
      route: TEXT,
      version: TEXT,
      day: { type: 'string', format: 'date' },
      requests: COUNT,
      lastAt: { ...COUNT, description: 'Milliseconds since 1970.' },
    }),
    ClientMigration: {
      type: 'object',
      properties: { client: TEXT, state: TEXT, legacyRequests: COUNT, currentRequests: COUNT },
      required: ['client', 'state', 'legacyRequests', 'currentRequests'],
    },
    LegacyRoute: {
      type: 'object',
      properties: { route: TEXT, version: TEXT, successor: TEXT },
      required: ['route', 'version', 'successor'],
    },
    PollingReport: {
      type: 'object',
      properties: {
        from: { type: ['string', 'null'] },
        to: { type: ['string', 'null'] },
        windowMs: COUNT,
        lines: COUNT,
        unreadable: COUNT,
        passedOver: COUNT,
        requests: COUNT,
        duplicate: objectSchema({
          questions: COUNT,
          requests: COUNT,
          savedRequests: COUNT,
          savedBytes: COUNT,
          savedCost: NUMBER,
        }),
        questions: arrayOf({ type: 'object' }),
        beyondMemory: COUNT,
      },
      required: ['lines', 'requests', 'duplicate', 'questions'],
    },
  },
};

const HOME: HtmlPage = {
  title: 'Odds',
  lead: 'Reads feeds of prices, keeps the state of every market, and asks third parties once for all clients.',
  links: [
    {
      href: '/openapi.json',
      label: 'REST routes',
      text: 'OpenAPI 3.1: parameters, answers and problems of each route.',
    },
    { href: '/problems', label: 'Problems', text: 'What the codes of refused requests mean.' },
    { href: '/readyz', label: 'Readiness', text: 'Whether this instance can work.' },
  ],
  sections: [
    { heading: 'Where frontends read prices', text: 'At the edge, by WebSocket, server-sent events, REST or GraphQL.' },
    { heading: 'Documentation', text: 'docs/odds.md describes feeds and market state, docs/proxy.md the proxy.' },
  ],
};

/** The description of the odds service, for people. */
export const ODDS_PAGES: PortPages = { home: HOME, api: API };
