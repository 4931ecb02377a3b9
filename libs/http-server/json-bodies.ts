import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type JsonLimits, parseBoundedJson } from '@paddock/runtime';
import { Problem } from './problem.js';

/** How a port reads JSON bodies. */
export interface JsonBodies {
  /** How deep and wide a body may be; the limits of any request when left out. */
  readonly limits?: JsonLimits;
  /** Reads JSON and throws as `JSON.parse` does, which it is when left out. */
  readonly parse?: (text: string, bytes: Buffer) => unknown;
  /** Routes, by their paths, whose bodies have less room than the port allows. */
  readonly smaller?: Readonly<Record<string, { readonly bytes: number; readonly what: string }>>;
}

/** Reads bodies of `application/json` and refuses all other types with 415. */
export function readJsonBodies(fastify: FastifyInstance, bodies: JsonBodies = {}): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      done(null, parseJsonBody(request, body, bodies));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/**
 * One JSON body as a value. Names that reach prototypes are refused.
 * @throws Problem where it is too large or is not UTF-8
 * @throws UnreadableJson where it is not JSON, or too deep or wide
 */
export function parseJsonBody(
  request: Pick<FastifyRequest, 'routeOptions'>,
  body: Buffer,
  { limits, parse, smaller = {} }: JsonBodies = {},
): unknown {
  const room = smaller[request.routeOptions.url ?? ''];
  if (room && body.length > room.bytes)
    throw new Problem(413, 'PAYLOAD_TOO_LARGE', `${room.what} has at most ${room.bytes} bytes`);
  return parseBoundedJson(textOfBody(body), limits, parse && ((text) => parse(text, body)));
}

/** A body as text. Decoded carelessly, bytes that are not UTF-8 would become other characters. @throws Problem 400 */
export function textOfBody(body: Buffer): string {
  if (!isUtf8(body)) throw new Problem(400, 'INVALID_UTF8', 'the body has bytes that are not UTF-8');
  return body.toString('utf8');
}
