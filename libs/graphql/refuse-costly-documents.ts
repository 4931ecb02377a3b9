import type { FastifyInstance } from 'fastify';
import { type DocumentLimits, documentProblem } from './document-problem.js';
import { publicExtensions } from './present-error.js';

/**
 * Refuses documents that would be costly to validate before Apollo sees them: where it offers a hook, it has parsed and
 * validated already.
 */
export function refuseCostlyDocuments(fastify: FastifyInstance, limits: DocumentLimits): void {
  fastify.addHook('preValidation', (request, reply, done) => {
    const asked = request.url.startsWith('/graphql')
      ? (operationIn(request.body) ?? operationIn(request.query))
      : undefined;
    const problem = asked && documentProblem(asked.query, limits, asked.variables);
    if (!problem) return done();
    const error = {
      message: problem.message,
      extensions: { ...publicExtensions(problem.extensions), requestId: request.id },
    };
    void reply
      .code(400)
      .type('application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(JSON.stringify({ errors: [error] }));
  });
}

function operationIn(from: unknown): { query: string; variables: unknown } | undefined {
  if (typeof from !== 'object' || from === null || !('query' in from) || typeof from.query !== 'string')
    return undefined;
  return { query: from.query, variables: 'variables' in from ? from.variables : undefined };
}
