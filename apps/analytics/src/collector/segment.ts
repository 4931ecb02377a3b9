import type { Received } from './collect.js';
import { textOf } from './depth.js';
import { type EventBody, isEventBody } from './field-writer.js';
import type { CompiledContracts } from './compiled-contract.js';
import { CompiledContract } from './compiled-contract.js';
import { claimedIdentity, type ClaimedIdentity, type IdentityCall, isNobody } from './claimed-identity.js';
import { readTime } from './event-time.js';
import type { Rejection } from './rejection.js';
import { UnreadableBody } from './read-body.js';

/** Calls of Segment's HTTP API; all but `track` become an event of their own name. */
const CALLS = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const;

/** What a message says of itself beside its properties; an event has it where its contract declares a field of that name. */
const IDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;
const LABELS = ['name', 'category'] as const;

/** A batch of Segment's HTTP API. */
export interface SegmentBatch {
  events: Received[];
  /** In milliseconds, or why that cannot be read. */
  sentAt?: number | Rejection;
  writeKey?: string;
}

/**
 * Reads `POST /v1/batch` of Segment's HTTP API. `track` events keep their name in snake case ("Order Completed" is
 * `order_completed`), since names are contracts here; properties (traits) are the event's fields, also those named
 * `version` and `sent_at`, so the newest version of a contract holds. What Segment says in its envelope (message id,
 * timestamp, user, session) fills the identifying fields of the contract, and `IDS` and `LABELS` the fields of their names. An id that is an empty text was
 * not given.
 * @throws UnreadableBody
 */
export function readSegmentBatch(body: unknown, contracts: CompiledContracts, maxEvents: number): SegmentBatch {
  const batch = isEventBody(body) ? body['batch'] : undefined;
  if (!isEventBody(body) || !Array.isArray(batch))
    throw new UnreadableBody(400, 'INVALID_BATCH', 'must be an object with a list "batch"');
  if (batch.length > maxEvents)
    throw new UnreadableBody(413, 'TOO_MANY_EVENTS', `has ${batch.length} events, at most ${maxEvents} are allowed`);
  const sent = body['sentAt'];
  return {
    events: batch.map((message: unknown) => segmentEvent(message, contracts)),
    ...(sent == null ? {} : { sentAt: readTime(sent, 'sentAt') }),
    ...(typeof body['writeKey'] === 'string' ? { writeKey: body['writeKey'] } : {}),
  };
}

/** One message of a batch as the event that it tells of. */
export function segmentEvent(message: unknown, contracts: CompiledContracts): Received {
  const sent = isEventBody(message)
    ? { parsed: toEvent(message, contracts), identity: identityOf(message) }
    : { parsed: message };
  return { ...sent, original: () => textOf(message), format: 'segment', envelope: {} };
}

/** Who a message of Segment's API is from; `identify` and `alias` say something of identities by themselves. */
export function identityOf(message: EventBody): ClaimedIdentity | IdentityCall {
  const { type } = message;
  const { previous, ...sender } = claimedIdentity(message);
  if (type !== 'identify' && type !== 'alias') return sender;
  const replaced = type === 'alias' && previous !== undefined ? { previous } : {};
  return { ...sender, ...replaced, call: type, time: message['timestamp'] ?? message['originalTimestamp'] };
}

/** The event that a message of Segment's API tells of. */
export function toEvent(message: EventBody, contracts: CompiledContracts): EventBody {
  const { type } = message;
  const call = CALLS.find((name) => name === type);
  const name = call === 'track' && typeof message['event'] === 'string' ? snakeCase(message['event']) : call;
  const given = message['properties'] ?? message['traits'];
  const fields: Record<string, unknown> = { ...(isEventBody(given) ? given : {}), event: name };
  if (name === undefined) return fields;
  const contract = contracts.find(name, undefined);
  if (!(contract instanceof CompiledContract)) return fields;
  const { id, time, user, anonymous, session } = contract.contract.fields;
  fillId(fields, id, message['messageId']);
  fill(fields, time, message['timestamp'] ?? message['originalTimestamp']);
  fillId(fields, user, isNobody(message['userId']) ? message['anonymousId'] : message['userId']);
  fillId(fields, anonymous, message['anonymousId']);
  fillId(fields, session, isEventBody(message['context']) ? message['context']['sessionId'] : undefined);
  for (const member of IDS) if (contract.declares(member)) fillId(fields, member, message[member]);
  for (const member of LABELS) if (contract.declares(member)) fill(fields, member, message[member]);
  return fields;
}

/** An id that is an empty text was not given, neither as a property nor beside them. */
function fillId(fields: Record<string, unknown>, path: string | undefined, value: unknown): void {
  if (path === undefined || isNobody(value)) return;
  if (fields[path] === '') fields[path] = undefined;
  fill(fields, path, value);
}

/** Only fields on the top level: an envelope has no place for others. */
function fill(fields: Record<string, unknown>, path: string | undefined, value: unknown): void {
  if (path === undefined || path.includes('.') || value === undefined || value === null || fields[path] !== undefined)
    return;
  fields[path] = value;
}

/** "Order Completed", "orderCompleted" and "Order-Completed" are the same name. */
export function snakeCase(name: string): string {
  return name
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase();
}
