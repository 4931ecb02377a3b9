import type { FastifyInstance } from 'fastify';
import { mayHoldInexactNumbers, parseExactJson } from '#contracts';
import { BadJson } from './error.filter.js';

/**
 * Reads JSON bodies; what is none is refused with the place where it breaks, and so are members named `__proto__`.
 * Numbers that would change come as `InexactNumber`, so that they are refused where they stand.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    void parse(request, text, (error, value) => {
      if (error) done(whyNot(text), undefined);
      else done(null, mayHoldInexactNumbers(Buffer.from(text)) ? parseExactJson(text) : value);
    });
  });
}

function whyNot(text: string): BadJson {
  if (text.trim() === '') return new BadJson('the body is empty');
  try {
    JSON.parse(text);
    return new BadJson('the body has a member that is not allowed: "__proto__" or "constructor.prototype"');
  } catch (error) {
    const [, found] = /position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
    // Without a position, the text ended too early.
    const position = found === undefined ? text.length : Number(found);
    return new BadJson(`the body is not JSON: it breaks at position ${position}`, position);
  }
}
