import { PROBLEM_CODES, type ProblemCode } from './problem-codes.js';
import { PROBLEM_TYPE } from './problem.js';
import {
  type AnswerDescription,
  type ApiDescription,
  arrayOf,
  type ContentDescription,
  type JsonSchema,
  objectSchema,
  type RouteDescription,
  schemaRef,
  type Security,
} from './route-description.js';
import type { ServedRoute } from './route-table.js';

/** Every route may refuse for these reasons. */
const ANYWHERE: readonly ProblemCode[] = ['RATE_LIMITED', 'INTERNAL'];

const SECURITY_SCHEMES: Readonly<Record<Exclude<Security, 'none'>, object>> = {
  clientKey: {
    type: 'apiKey',
    in: 'header',
    name: 'Paddock-Client-Key',
    description: 'A client key, which an administrator creates at the control plane.',
  },
  clientKeyInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'clientKey',
    description: 'The same key in the URL, for browsers, whose event streams carry no headers of their own.',
  },
  bearer: { type: 'http', scheme: 'bearer', description: 'A key or token in the header Authorization.' },
  basic: { type: 'http', scheme: 'basic', description: 'The key as the user name, as SDKs of Segment send it.' },
  keyInQuery: { type: 'apiKey', in: 'query', name: 'key', description: 'The key in the URL, for beacons of browsers.' },
};

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457). Problems may have more members, which the code explains.',
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Leads to the description of the code.' },
    title: { type: 'string', description: 'One sentence, the same for every problem of the code.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    code: { type: 'string', description: 'Stable and machine-readable.' },
    detail: { type: 'string', description: 'What was wrong with this request, and what was expected.' },
    requestId: { type: 'string', description: 'By which the operator finds the request in the logs.' },
    errors: arrayOf(
      {
        type: 'object',
        properties: {
          field: { type: 'string', description: 'The parameter, header or member.' },
          message: { type: 'string', description: 'What was found and what was expected.' },
          pointer: {
            type: 'string',
            description: 'A JSON pointer to it as a URI fragment, where it is in a JSON body.',
          },
        },
        required: ['field', 'message'],
      },
      'Every mistake in the request.',
    ),
  },
  required: ['type', 'title', 'status', 'code', 'detail'],
};

/** HEAD is answered as GET is, OPTIONS by the port. */
const DESCRIBED_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const YES_NO = { type: 'boolean' };

/** Routes that every app has. */
export const COMMON_ROUTES: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/healthz',
    tag: 'Operations',
    summary: 'Is the process alive?',
    answers: {
      200: { description: 'It is.', content: { 'application/json': objectSchema({ status: { const: 'alive' } }) } },
    },
  },
  {
    method: 'GET',
    path: '/readyz',
    tag: 'Operations',
    summary: 'Should requests be sent to this instance?',
    description: 'The reasons are on the operations port.',
    answers: {
      200: { description: 'Yes.', content: { 'application/json': objectSchema({ ready: YES_NO }) } },
      503: { description: 'No.', content: { 'application/json': objectSchema({ ready: YES_NO }) } },
    },
  },
  {
    method: 'GET',
    path: '/.well-known/security.txt',
    tag: 'Operations',
    summary: 'Where to report a security problem (RFC 9116).',
    answers: { 200: { description: 'The file.', content: { 'text/plain': { type: 'string' } } } },
  },
  {
    method: 'GET',
    path: '/',
    tag: 'Documentation',
    summary: 'A page about this API, for people.',
    description: 'It is sent to clients that ask for `text/html`, as browsers do. Others get a problem.',
    answers: { 200: { description: 'The page.', content: { 'text/html': { type: 'string' } } } },
    problems: ['NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/problems',
    tag: 'Documentation',
    summary: 'What the codes of problems mean, for people.',
    answers: { 200: { description: 'The page.', content: { 'text/html': { type: 'string' } } } },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    tag: 'Documentation',
    summary: 'This description.',
    answers: { 200: { description: 'OpenAPI 3.1.', content: { 'application/openapi+json': { type: 'object' } } } },
  },
];

/** The OpenAPI 3.1 description of an API and of the routes that every app has. */
export function openApi({ title, description, routes, schemas = {} }: ApiDescription): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of [...routes, ...COMMON_ROUTES])
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  const used = new Set(routes.flatMap(({ security = [] }) => security));
  return {
    openapi: '3.1.0',
    info: { title, description, version: '1.0.0', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: PROBLEM, ...schemas },
      securitySchemes: Object.fromEntries(
        Object.entries(SECURITY_SCHEMES).filter(([name]) => [...used].some((one) => one === name)),
      ),
    },
  };
}

/** Routes that are served and not described, as `GET /v1/odds`. */
export function undescribed(served: readonly ServedRoute[], { routes, internal = [] }: ApiDescription): string[] {
  const known = new Set(
    [...routes, ...COMMON_ROUTES].map(
      ({ method, path, served: own = path.replace(/\{(\w+)\}/g, ':$1') }) => `${method} ${own}`,
    ),
  );
  return served
    .filter(({ method, url }) => DESCRIBED_METHODS.includes(method) && !internal.some((start) => url.startsWith(start)))
    .map(({ method, url }) => `${method} ${url}`)
    .filter((route) => !known.has(route) && !(route.endsWith('*') && known.has(route.replace(/^\w+/, 'GET'))));
}

function operationOf(route: RouteDescription): object {
  const { method, path, tag, summary, description, parameters, body, security = ['none'] } = route;
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^a-zA-Z0-9]+(.)?/g, (_, next?: string) => (next ?? '').toUpperCase())}`,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters
      ? { parameters: parameters.map((one) => ({ ...one, required: one.required ?? one.in === 'path' })) }
      : {}),
    ...(body
      ? { requestBody: { description: body.description, required: true, content: contentOf(body.content) } }
      : {}),
    security: security.map((one) => (one === 'none' ? {} : { [one]: [] })),
    responses: responsesOf(route),
  };
}

function responsesOf({ answers, problems = [] }: RouteDescription): object {
  const codes = new Map<number, ProblemCode[]>();
  for (const code of [...problems, ...ANYWHERE])
    for (const status of [PROBLEM_CODES[code].status].flat()) codes.set(status, [...(codes.get(status) ?? []), code]);
  const refusals = [...codes].map(([status, ofStatus]) => [status, refusalOf(ofStatus, answers[status])] as const);
  const others = Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)] as const);
  return Object.fromEntries([...others, ...refusals]);
}

function answerOf({ description, content, headers }: AnswerDescription): object {
  return {
    description,
    ...(headers
      ? {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]),
          ),
        }
      : {}),
    ...(content ? { content: contentOf(content) } : {}),
  };
}

/** Problems of one status; where the route has an answer of that status as well, both are described. */
function refusalOf(codes: readonly ProblemCode[], answer?: AnswerDescription): object {
  const problem = { allOf: [schemaRef('Problem'), { properties: { code: { enum: codes } } }] };
  const descriptions = codes.map((code) => `\`${code}\`: ${PROBLEM_CODES[code].title}`).join('\n\n');
  return {
    description: answer ? `${answer.description}\n\n${descriptions}` : descriptions,
    content: { ...contentOf(answer?.content ?? {}), [PROBLEM_TYPE]: { schema: problem } },
  };
}

function contentOf(content: ContentDescription): Record<string, { schema: JsonSchema }> {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
}
