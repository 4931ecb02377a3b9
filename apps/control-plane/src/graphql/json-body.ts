import type { FastifyInstance } from 'fastify';
import { mayHoldInexactNumbers, parseExactJson } from '#contracts';
import { parseBoundedJson } from '#runtime';

/** Imports of mappings and bulk edits have a few thousand members. */
const LIMITS = { depth: 64, members: 20_000 };

/**
 * Reads JSON bodies; what is none is refused with the place where it breaks, and so are members named `__proto__` and what
 * is beyond the limits. Numbers that would change come as `InexactNumber`, so that they are refused where they stand.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const text = body.toString();
    try {
      const exact = mayHoldInexactNumbers(Buffer.from(text));
      done(null, parseBoundedJson(text, LIMITS, exact ? parseExactJson : JSON.parse));
    } catch (error) {
      done(asError(error), undefined);
    }
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
