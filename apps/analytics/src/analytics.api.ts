import { graphqlRoutes } from '@paddock/graphql';
import {
  type ApiDescription,
  arrayOf,
  type HtmlPage,
  objectSchema,
  type ParameterDescription,
  type PortPages,
  type ProblemCode,
  type RouteDescription,
  schemaRef,
} from '@paddock/http-server';

import { BATCH_PATHS, CALL_PATHS } from './http/event-paths.js';

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };
const INSTANT = { type: 'string', format: 'date-time' };
const SENDER = ['clientKey', 'bearer', 'basic', 'keyInQuery'] as const;
const BODY_PROBLEMS: readonly ProblemCode[] = [
  'UNAUTHENTICATED',
  'UNKNOWN_KEY',
  'BODY_MISSING',
  'BODY_TOO_LARGE',
  'TOO_MANY_EVENTS',
  'INVALID_JSON',
  'INVALID_UTF8',
  'INVALID_ENCODING',
  'UNKNOWN_ENCODING',
  'OVERLOADED',
  'LOG_UNAVAILABLE',
  'TOO_MANY_WRONG_KEYS',
];
const READ_PROBLEMS: readonly ProblemCode[] = ['UNAUTHENTICATED', 'UNKNOWN_KEY', 'FORBIDDEN', 'TOO_MANY_WRONG_KEYS'];
const ANSWER = { 'application/json': schemaRef('CollectAnswer') };

const query = (name: string, description: string, required = false): ParameterDescription => ({
  name,
  in: 'query',
  description,
  required,
  schema: TEXT,
});

/** A route of Segment's HTTP API. */
function segmentRoute(path: string, summary: string): RouteDescription {
  return {
    method: 'POST',
    path,
    tag: 'SDKs',
    summary,
    security: [...SENDER, 'none'],
    body: {
      description:
        'A message or batch of Segment; its member writeKey may carry the key. Beacons send it as text/plain.',
      content: { 'application/json': { type: 'object' }, 'text/plain': TEXT },
    },
    answers: {
      200: {
        description: 'At least one event was accepted. Refused events are listed, and sending them again is of no use.',
        content: {
          'application/json': objectSchema({
            success: { const: true },
            accepted: COUNT,
            rejected: arrayOf(schemaRef('RejectedEvent')),
          }),
        },
      },
    },
    problems: [...BODY_PROBLEMS, 'EVENTS_REFUSED', 'INVALID_BATCH'],
  };
}

const ROUTES: readonly RouteDescription[] = [
  {
    method: 'POST',
    path: '/v1/events',
    tag: 'Events',
    summary: 'Takes events in.',
    description: 'What was accepted is in the log when the answer comes. An event id counts once.',
    security: SENDER,
    body: {
      description: 'NDJSON, a JSON array or one JSON object; beacons may send it as text/plain.',
      content: {
        'application/json': { type: ['array', 'object'] },
        'application/x-ndjson': TEXT,
        'text/plain': TEXT,
      },
    },
    answers: {
      202: { description: 'At least one event was accepted, or none was sent.', content: ANSWER },
      422: { description: 'No event was accepted.', content: ANSWER },
    },
    problems: BODY_PROBLEMS,
  },
  ...BATCH_PATHS.map((path) => segmentRoute(path, 'Takes a batch in as the HTTP API of Segment does.')),
  ...[...CALL_PATHS].map(([path, call]) =>
    segmentRoute(path, `Takes one \`${call}\` call in as the HTTP API of Segment does.`),
  ),
  {
    method: 'GET',
    path: '/v1/projects/{writeKey}/settings',
    tag: 'SDKs',
    summary: "What Segment's SDK for browsers asks its cdnURL for.",
    security: ['none'],
    parameters: [{ name: 'writeKey', in: 'path', description: 'A key that may send events.', schema: TEXT }],
    answers: { 200: { description: 'Where events go.', content: { 'application/json': { type: 'object' } } } },
    problems: ['UNKNOWN_KEY'],
  },
  ...['/sourceConfig', '/sourceConfig/*'].map((path): RouteDescription => ({
    method: 'GET',
    path,
    tag: 'SDKs',
    summary: "What RudderStack's SDKs ask their configUrl for.",
    security: SENDER,
    answers: { 200: { description: 'The source.', content: { 'application/json': { type: 'object' } } } },
    problems: ['UNAUTHENTICATED', 'UNKNOWN_KEY'],
  })),
  {
    method: 'GET',
    path: '/v1/metrics/{name}',
    tag: 'Metrics',
    summary: 'A metric as CSV, for spreadsheets.',
    security: ['bearer', 'clientKey', 'keyInQuery', 'none'],
    parameters: [
      {
        name: 'name',
        in: 'path',
        description: 'The key of the metric and `.csv`.',
        schema: { type: 'string', pattern: '\\.csv$' },
      },
      query('from', 'The first instant, RFC 3339.', true),
      query('to', 'The instant after the last one.', true),
      query('grain', 'second, minute, hour, day, week, month, quarter or year.', true),
      query('timeZone', 'An IANA name; UTC if absent.'),
      query('dimensions', 'Names of dimensions, joined by commas.'),
      query('filter', 'A filter as JSON, as in `metricSeries`.'),
      query('compareTo', 'An earlier period to compare with.'),
      query('limit', 'How many groups at most.'),
    ],
    answers: { 200: { description: 'The series.', content: { 'text/csv': TEXT } } },
    problems: [...READ_PROBLEMS, 'VALIDATION'],
  },
  {
    method: 'POST',
    path: '/v1/metrics/{metric}/batch-results',
    tag: 'Metrics',
    summary: 'Compares results of a batch with what was streamed.',
    security: ['bearer', 'clientKey', 'keyInQuery'],
    parameters: [
      { name: 'metric', in: 'path', description: 'The key of the metric.', schema: TEXT },
      query('source', 'The name of the batch.', true),
      query('takenAt', 'When the batch ran, RFC 3339.', true),
      query('grain', 'The length of a window; day if absent.'),
      query('timeZone', 'An IANA name; UTC if absent.'),
    ],
    body: { description: 'CSV with the columns start (or date) and value.', content: { 'text/csv': TEXT } },
    answers: {
      200: {
        description: 'How many windows were compared, and which differ.',
        content: { 'application/json': objectSchema({ windows: COUNT, different: arrayOf({ type: 'object' }) }) },
      },
    },
    problems: [...READ_PROBLEMS, 'VALIDATION', 'INVALID_UTF8', 'PAYLOAD_TOO_LARGE'],
  },
  {
    method: 'GET',
    path: '/v1/usage',
    tag: 'Events',
    summary: 'The producers of each version of each event.',
    security: ['bearer', 'clientKey', 'keyInQuery', 'none'],
    answers: {
      200: {
        description: 'Counts of events by event, version and producer.',
        content: {
          'application/json': objectSchema({
            usage: arrayOf(
              objectSchema({ event: TEXT, version: TEXT, producer: TEXT, events: COUNT, lastReceivedAt: INSTANT }),
            ),
          }),
        },
      },
    },
    problems: READ_PROBLEMS,
  },
];

/** The HTTP routes of analytics. */
const API: ApiDescription = {
  title: 'Paddock analytics',
  description: 'Takes events in, computes metrics as they stream, and answers queries about them.',
  // Only the control plane calls these routes.
  internal: ['/internal/'],
  routes: [...ROUTES, ...graphqlRoutes(['none', 'bearer', 'clientKey', 'keyInQuery'])],
  schemas: {
    CollectAnswer: objectSchema({ accepted: COUNT, rejected: arrayOf(schemaRef('RejectedEvent')) }),
    RejectedEvent: {
      type: 'object',
      description: 'Why one event was refused.',
      properties: {
        index: { ...COUNT, description: 'Its place among the events of the request, from 0.' },
        code: { ...TEXT, description: 'Stable and machine-readable.' },
        message: { ...TEXT, description: 'What was found and what was expected.' },
      },
      required: ['index', 'code', 'message'],
    },
  },
};

const HOME: HtmlPage = {
  title: 'Analytics',
  lead: 'Takes events in, computes metrics as they stream, and answers queries about them.',
  links: [
    { href: '/graphql', label: 'GraphQL', text: 'Metric series, funnels, retention, refused events, reconciliation.' },
    { href: '/schema.graphql', label: 'GraphQL schema', text: 'The same in the schema language.' },
    {
      href: '/openapi.json',
      label: 'REST routes',
      text: 'OpenAPI 3.1: parameters, answers and problems of each route.',
    },
    { href: '/problems', label: 'Problems', text: 'What the codes of refused requests mean.' },
    { href: '/readyz', label: 'Readiness', text: 'Whether this instance can work.' },
  ],
  sections: [
    {
      heading: 'Documentation',
      text: 'docs/analytics.md describes how events are sent and metrics queried, docs/metrics.md how metrics are defined.',
    },
  ],
};

/** The page that analytics serves at `/`. */
export const ANALYTICS_PAGES: PortPages = { home: HOME, api: API };
