import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { checkJson, UnreadableJson } from '@paddock/runtime';
import type { Received } from './collect.js';
import type { CompiledContracts } from './compiled-contract.js';
import { readTime } from './event-time.js';
import { isEventBody } from './field-writer.js';
import {
  asReceived,
  type Parse,
  parserFor,
  type ReadBody,
  readBody,
  readLine,
  textOfBody,
  unreadableBytes,
  UnreadableBody,
  unreadableJson,
} from './read-body.js';
import { type Rejection, reject } from './rejection.js';
import {
  readSegmentBatch,
  type SegmentBatch,
  type SegmentCall,
  segmentEvent,
  type SenderOf,
  writeKeyOf,
} from './segment.js';
import { splitList } from './split-json.js';

/** A body up to this size is parsed in one step, which takes a few milliseconds at most. */
const SMALL_BODY = 256 * 1024;
/** A line that is not JSON costs as much as a long one. */
const FEW_LINES = 2_000;
/** Characters parsed before other requests get their turn. */
const PORTION = 128 * 1024;
/** An event is refused by its row's length at the latest; white space and escapes may make its text longer. */
const MAX_EVENT_CHARACTERS = 512 * 1024;
const NEWLINE = 10;
const MAX_EVENT_MEMBERS = 10_000;
/** A shorter event cannot have too many members. */
const CERTAINLY_FEW = 2 * MAX_EVENT_MEMBERS;

/**
 * Reads events as {@link readBody} does. A large body is read in portions between which others get their turn, and an event
 * that is too large is refused before it is parsed.
 * @throws UnreadableBody
 */
export async function readEvents(body: Buffer, maxEvents: number): Promise<ReadBody> {
  if (body.length <= SMALL_BODY && hasFewLines(body)) return readBody(body, maxEvents);
  const parse = parserFor(body);
  await setImmediate();
  if (!isUtf8(body)) return readLargeLines(bytesByLine(body), parse, maxEvents, body);
  const text = body.toString('utf8').trim();
  if (text === '') return { events: [] };
  await setImmediate();
  if (
    !text.startsWith('[') &&
    text.includes('\n') &&
    parse(text.slice(0, Math.min(text.indexOf('\n'), MAX_EVENT_CHARACTERS))) !== undefined
  ) {
    return readLargeLines(linesOf(text), parse, maxEvents);
  }
  const list = splitList(text, 'events');
  await setImmediate();
  if (!list)
    return text.startsWith('[')
      ? invalid()
      : text.includes('\n')
        ? readLargeLines(linesOf(text), parse, maxEvents)
        : { events: [receive(text, parse) ?? invalid()] };
  const rest = list.rest === '[]' ? {} : parse(assertSmall(list.rest));
  if (!isEventBody(rest)) return invalid();
  // An event may have a field of the name "events".
  if (rest['event'] !== undefined) return { events: [receive(text, parse) ?? invalid()] };
  const sent = rest['sent_at'];
  return {
    events: await readMembers(list.members, parse, maxEvents, asReceived),
    ...(sent == null ? {} : { sentAt: readTime(sent, 'sent_at') }),
  };
}

function hasFewLines(body: Buffer): boolean {
  let lines = 0;
  for (let at = body.indexOf(NEWLINE); at >= 0 && lines <= FEW_LINES; at = body.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines <= FEW_LINES;
}

/** Reads a batch of Segment's HTTP API, a large one in portions. @throws UnreadableBody */
export async function readSegment(
  body: Buffer,
  contracts: CompiledContracts,
  maxEvents: number,
  senderOf?: SenderOf,
): Promise<SegmentBatch> {
  const text = textOfBody(body);
  const parse = parserFor(body);
  if (body.length <= SMALL_BODY) {
    const parsed = parse(text);
    if (parsed === undefined) throw unreadableJson(text);
    return readSegmentBatch(parsed, contracts, maxEvents, senderOf);
  }
  await setImmediate();
  const list = splitList(text, 'batch');
  await setImmediate();
  const rest = list && list.rest !== '[]' ? (parse(assertSmall(list.rest)) ?? invalid()) : {};
  let sender = { producer: '', receivedAt: Date.now() };
  const batch = readSegmentBatch(rest, contracts, maxEvents, (key) => (sender = senderOf?.(key) ?? sender));
  return {
    ...batch,
    events: await readMembers(list?.members ?? [], parse, maxEvents, (message) =>
      segmentEvent(message, contracts, sender),
    ),
  };
}

/** Reads one call of Segment's HTTP API. @throws UnreadableBody */
export function readSegmentCall(
  body: Buffer,
  contracts: CompiledContracts,
  call: SegmentCall,
  senderOf: SenderOf,
): SegmentBatch {
  const text = textOfBody(body);
  const fault = oversize(text);
  if (fault) throw new UnreadableBody(413, 'BODY_TOO_LARGE', fault.message);
  const parsed = parserFor(body)(text);
  if (parsed === undefined) throw unreadableJson(text);
  const sender = senderOf(writeKeyOf(parsed));
  return { events: [segmentEvent(parsed, contracts, sender, call)], producer: sender.producer };
}

async function readMembers(
  members: readonly string[],
  parse: Parse,
  maxEvents: number,
  toReceived: (parsed: unknown) => Received,
): Promise<Received[]> {
  assertEventCount(members.length, maxEvents);
  const events: Received[] = [];
  await inTurns(members, (member) => void events.push(receive(member, parse, toReceived) ?? invalid()));
  return events;
}

async function readLargeLines(
  lines: Iterable<string | Buffer>,
  parse: Parse,
  maxEvents: number,
  bytes?: Buffer,
): Promise<ReadBody> {
  if (bytes && (bytes[0] === 91 || !bytes.includes(NEWLINE))) throw unreadableBytes();
  let count = 0;
  for (const _ of lines) count += 1;
  assertEventCount(count, maxEvents);
  await setImmediate();
  const events: Received[] = [];
  await inTurns(lines, (line) => {
    const fault = typeof line === 'string' ? oversize(line) : undefined;
    events.push(fault && typeof line === 'string' ? refused(line, fault) : readLine(line, parse));
  });
  return { events };
}

/** One event from its text; `undefined` where that is no JSON. */
function receive(
  text: string,
  parse: Parse,
  toReceived: (parsed: unknown) => Received = asReceived,
): Received | undefined {
  const fault = oversize(text);
  if (fault) return refused(text, fault);
  const parsed = parse(text);
  return parsed === undefined ? undefined : toReceived(parsed);
}

function refused(text: string, fault: Rejection): Received {
  return { parsed: undefined, original: () => text, fault };
}

function oversize(text: string): Rejection | undefined {
  if (text.length > MAX_EVENT_CHARACTERS)
    return reject('EVENT_TOO_LARGE', `has ${text.length} characters, at most ${MAX_EVENT_CHARACTERS} are allowed`);
  if (text.length < CERTAINLY_FEW) return undefined;
  try {
    checkJson(text, { depth: Infinity, members: MAX_EVENT_MEMBERS });
    return undefined;
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error;
    return error.excess
      ? reject(
          'EVENT_TOO_LARGE',
          `has ${error.excess.actual} members of objects and lists, at most ${MAX_EVENT_MEMBERS} are allowed`,
        )
      : reject('FORBIDDEN_NAME', error.message);
  }
}

/** The object around a list of events: its sender and time of sending. */
function assertSmall(rest: string): string {
  const fault = oversize(rest);
  if (fault) throw new UnreadableBody(413, 'BODY_TOO_LARGE', `beside its events ${fault.message}`);
  return rest;
}

function assertEventCount(count: number, maxEvents: number): void {
  if (count > maxEvents)
    throw new UnreadableBody(413, 'TOO_MANY_EVENTS', `has ${count} events, at most ${maxEvents} are allowed`);
}

function invalid(): never {
  throw new UnreadableBody(400, 'INVALID_JSON', 'is not JSON');
}

async function inTurns<T extends { readonly length: number }>(
  members: Iterable<T>,
  work: (member: T) => void,
): Promise<void> {
  let read = 0;
  for (const member of members) {
    work(member);
    // Each member costs something even where it is empty.
    read += member.length + 64;
    if (read < PORTION) continue;
    read = 0;
    await setImmediate();
  }
}

/** The non-empty lines; can be iterated twice. */
function linesOf(text: string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start <= text.length;) {
        const newline = text.indexOf('\n', start);
        const end = newline < 0 ? text.length : newline;
        const line = text.slice(start, end).trim();
        if (line !== '') yield line;
        start = end + 1;
      }
    },
  };
}

/** Lines; those that are not UTF-8 as bytes. */
function bytesByLine(body: Buffer): Iterable<string | Buffer> {
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start <= body.length;) {
        const newline = body.indexOf(NEWLINE, start);
        const end = newline < 0 ? body.length : newline;
        const bytes = body.subarray(start, end);
        const line = isUtf8(bytes) ? bytes.toString('utf8').trim() : bytes;
        if (line.length > 0) yield line;
        start = end + 1;
      }
    },
  };
}
