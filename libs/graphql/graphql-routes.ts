import type { RouteDescription } from '@paddock/http-server';

const JSON_OBJECT = { type: 'object' };
const ANSWER = {
  type: 'object',
  description: 'The answer by the GraphQL specification: `data`, and `errors` each with `extensions.code`.',
  properties: { data: { type: ['object', 'null'] }, errors: { type: 'array', items: JSON_OBJECT } },
};

/** The HTTP routes that every GraphQL API has. */
export function graphqlRoutes(security: RouteDescription['security'] = ['none']): readonly RouteDescription[] {
  const answers = {
    200: { description: 'The answer.', content: { 'application/json': ANSWER } },
    400: { description: 'The operation is not valid or too complex.', content: { 'application/json': ANSWER } },
  };
  return [
    {
      method: 'POST',
      path: '/graphql',
      tag: 'GraphQL',
      summary: 'Runs a GraphQL operation.',
      description: 'Subscriptions use a WebSocket at the same path, with the subprotocol `graphql-transport-ws`.',
      security,
      body: {
        description: 'The operation.',
        content: {
          'application/json': {
            type: 'object',
            properties: {
              query: { type: 'string' },
              operationName: { type: ['string', 'null'] },
              variables: { type: ['object', 'null'] },
            },
            required: ['query'],
          },
        },
      },
      answers,
    },
    {
      method: 'GET',
      path: '/graphql',
      tag: 'GraphQL',
      summary: 'Runs a GraphQL query.',
      description:
        'Without `query`, clients that ask for `text/html` get a page: the explorer where introspection is on.',
      security,
      parameters: [
        { name: 'query', in: 'query', description: 'The query. Mutations need POST.', schema: { type: 'string' } },
        { name: 'operationName', in: 'query', description: 'Which operation of several.', schema: { type: 'string' } },
        { name: 'variables', in: 'query', description: 'Its variables as JSON.', schema: { type: 'string' } },
      ],
      answers: {
        ...answers,
        200: { ...answers[200], content: { 'application/json': ANSWER, 'text/html': { type: 'string' } } },
      },
    },
    {
      method: 'GET',
      path: '/schema.graphql',
      tag: 'GraphQL',
      summary: 'The GraphQL schema, in its definition language.',
      answers: { 200: { description: 'The schema.', content: { 'text/plain': { type: 'string' } } } },
      problems: ['INTROSPECTION_DISABLED'],
    },
  ];
}
