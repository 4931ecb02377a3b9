import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { mayHoldInexactNumbers, parseExactJson } from '@paddock/contracts';
import type { ProblemCode } from '@paddock/http-server';
import { notJson } from '@paddock/runtime';
import type { Received } from './collect.js';
import { textOf } from './depth.js';
import { readTime } from './event-time.js';
import { isEventBody } from './field-writer.js';
import { type Rejection, reject } from './rejection.js';

/** A request that cannot be parsed. Nothing of it is stored. */
export class UnreadableBody extends Error {
  constructor(
    readonly status: 400 | 413 | 415,
    readonly code: ProblemCode,
    message: string,
  ) {
    super(message);
  }
}

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/**
 * Decodes the content encoding of a body, up to `maxBytes`, because a few kilobytes may unpack to gigabytes.
 * @throws UnreadableBody
 */
export async function unpackBody(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || encoding === '') return body;
  const decode = Object.entries(DECODERS).find(([name]) => name === encoding.trim().toLowerCase())?.[1];
  if (!decode)
    throw new UnreadableBody(
      415,
      'UNKNOWN_ENCODING',
      `Content-Encoding ${JSON.stringify(encoding.slice(0, 40))} is not one of ${Object.keys(DECODERS).join(', ')}`,
    );
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (isTooLarge(error)) throw new UnreadableBody(413, 'BODY_TOO_LARGE', `unpacks to more than ${maxBytes} bytes`);
    throw new UnreadableBody(400, 'INVALID_ENCODING', `is not valid ${encoding}`);
  }
}

/** Compared by code, because the class differs between contexts of one process. */
function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

const NOT_UTF8 = 'has bytes that are not UTF-8';
const NEWLINE = 10;

/** The body is not UTF-8, so all of it is refused. */
export function unreadableBytes(): UnreadableBody {
  return new UnreadableBody(400, 'INVALID_UTF8', NOT_UTF8);
}

/** The text of a body that is one JSON value. @throws UnreadableBody */
export function textOfBody(body: Buffer): string {
  if (!isUtf8(body)) throw unreadableBytes();
  return body.toString('utf8');
}

/** The events of a body, with when it says it was sent. */
export interface ReadBody {
  events: Received[];
  /** In milliseconds, or why that cannot be read. */
  sentAt?: number | Rejection;
}

/**
 * Reads events: a JSON array, one JSON object, `{ "events": […], "sent_at": … }`, or NDJSON. An NDJSON line that is not
 * JSON or not UTF-8 is refused alone. In all other formats one fault refuses the whole body.
 * @throws UnreadableBody
 */
export function readBody(body: Buffer, maxEvents: number): ReadBody {
  const text = body.toString('utf8').trim();
  const parse = parserFor(body);
  if (!isUtf8(body) && (!text.includes('\n') || text.startsWith('['))) throw unreadableBytes();
  const read = !isUtf8(body)
    ? { events: readByteLines(body, parse) }
    : text.startsWith('[') || !text.includes('\n') || isWhole(text, parse)
      ? readWhole(text, parse)
      : { events: readLines(text, parse) };
  if (read.events.length > maxEvents)
    throw new UnreadableBody(
      413,
      'TOO_MANY_EVENTS',
      `has ${read.events.length} events, at most ${maxEvents} are allowed`,
    );
  return read;
}

/** The body is not JSON, so all of it is refused; the message says where parsing failed. */
export function unreadableJson(text: string): UnreadableBody {
  try {
    JSON.parse(text);
    return new UnreadableBody(400, 'INVALID_JSON', 'is not JSON');
  } catch (error) {
    return new UnreadableBody(400, 'INVALID_JSON', notJson(text, error).message.replace('the body ', ''));
  }
}

/** Several lines may be one pretty-printed object; then the first line alone is not JSON. */
function isWhole(text: string, parse: Parse): boolean {
  return parse(text.slice(0, text.indexOf('\n'))) === undefined && parse(text) !== undefined;
}

function readWhole(text: string, parse: Parse): ReadBody {
  if (text === '') return { events: [] };
  const parsed = parse(text);
  if (parsed === undefined) throw unreadableJson(text);
  if (Array.isArray(parsed)) return { events: parsed.map(asReceived) };
  const envelope = isEventBody(parsed) && Array.isArray(parsed['events']) && parsed['event'] === undefined;
  if (!envelope) return { events: [asReceived(parsed)] };
  const sent = parsed['sent_at'];
  const events: unknown[] = Array.isArray(parsed['events']) ? parsed['events'] : [];
  return { events: events.map(asReceived), ...(sent == null ? {} : { sentAt: readTime(sent, 'sent_at') }) };
}

/** Lines, some of them not UTF-8. Decoding those as text would silently replace bytes. */
function readByteLines(body: Buffer, parse: Parse): Received[] {
  const events: Received[] = [];
  for (let start = 0; start <= body.length;) {
    const newline = body.indexOf(NEWLINE, start);
    const line = body.subarray(start, newline === -1 ? body.length : newline);
    if (isUtf8(line)) events.push(...readLines(line.toString('utf8'), parse));
    else events.push(readLine(line, parse));
    start = newline === -1 ? body.length + 1 : newline + 1;
  }
  return events;
}

function readLines(text: string, parse: Parse): Received[] {
  const events: Received[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed !== '') events.push(readLine(trimmed, parse));
  }
  return events;
}

/** One line of NDJSON; bytes where it is not UTF-8. */
export function readLine(line: string | Buffer, parse: Parse): Received {
  if (typeof line !== 'string')
    return { parsed: undefined, original: () => line.toString('utf8'), fault: reject('TEXT_INVALID', NOT_UTF8) };
  const parsed = parse(line);
  const original = (): string => line;
  return parsed === undefined
    ? { parsed, original, fault: reject('INVALID_JSON', 'is not JSON') }
    : { parsed, original };
}

export function asReceived(parsed: unknown): Received {
  return { parsed, original: () => textOf(parsed) };
}

/** Returns `undefined` for text that is not JSON. */
export type Parse = (text: string) => unknown;

/** Parses a body without losing digits, by the fast parser where the result is the same. */
export function parserFor(body: Buffer): Parse {
  return mayHoldInexactNumbers(body) ? parseExactly : parseQuickly;
}

function parseExactly(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

function parseQuickly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
