import { v7 as uuidv7 } from 'uuid';
import { InexactNumber, sha256Hex } from '@paddock/contracts';
import { claimedIdentity, type ClaimedIdentity, type IdentityCall, isMissingId } from './claimed-identity.js';
import type { Envelope, Received } from './collect.js';
import type { CompiledContracts } from './compiled-contract.js';
import { CompiledContract } from './compiled-contract.js';
import { textOf } from './depth.js';
import { readTime } from './event-time.js';
import { type EventBody, isEventBody } from './field-writer.js';
import { UnreadableBody } from './read-body.js';
import { type Mistake, type Rejection, reject } from './rejection.js';

/** Calls of Segment's HTTP API; all but `track` become an event of their own name. */
export const SEGMENT_CALLS = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const;
export type SegmentCall = (typeof SEGMENT_CALLS)[number];

/** Members of a message beside its properties. They become fields where the contract declares a field of that name. */
const IDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;
const LABELS = ['name', 'category'] as const;
const OBJECTS = ['properties', 'traits', 'context'] as const;
/** Members that change when a sender repeats a message. */
const OF_THE_REQUEST: readonly string[] = ['sentAt', 'writeKey'];

/** Who sends messages and when they were received: what the server fills in where a message leaves it out. */
export interface Sender {
  producer: string;
  /** Milliseconds. */
  receivedAt: number;
}

/** Finds the sender of a request by the key in its body, where there is one. */
export type SenderOf = (writeKey: string | undefined) => Sender;

/** Messages of one request. */
export interface SegmentBatch {
  events: Received[];
  producer: string;
  /** In milliseconds, or why that cannot be read. */
  sentAt?: number | Rejection;
}

const NAMELESS: SenderOf = () => ({ producer: '', receivedAt: Date.now() });

/**
 * Reads a batch of Segment's HTTP API.
 * @throws UnreadableBody
 */
export function readSegmentBatch(
  body: unknown,
  contracts: CompiledContracts,
  maxEvents: number,
  senderOf: SenderOf = NAMELESS,
): SegmentBatch {
  const batch = isEventBody(body) ? body['batch'] : undefined;
  if (!isEventBody(body) || !Array.isArray(batch))
    throw new UnreadableBody(400, 'INVALID_BATCH', 'must be an object with a list "batch"');
  if (batch.length > maxEvents)
    throw new UnreadableBody(413, 'TOO_MANY_EVENTS', `has ${batch.length} events, at most ${maxEvents} are allowed`);
  const sent = body['sentAt'];
  const sender = senderOf(writeKeyOf(body));
  return {
    events: batch.map((message: unknown) => segmentEvent(message, contracts, sender)),
    producer: sender.producer,
    ...(sent == null ? {} : { sentAt: readTime(sent, 'sentAt') }),
  };
}

/** The key in the body. */
export function writeKeyOf(body: unknown): string | undefined {
  return isEventBody(body) && typeof body['writeKey'] === 'string' ? body['writeKey'] : undefined;
}

/**
 * Turns a message into an event. The name of a `track` selects a contract as it is ({@link CompiledContracts.find});
 * properties (traits) are the event's fields, also those named `version` and `sent_at`, so the newest version of the
 * contract applies. The members beside them (message id, timestamp, user, session) fill the identifying fields of the
 * contract; `IDS` and `LABELS` fill the fields of their names. An empty id counts as missing.
 */
export function segmentEvent(
  message: unknown,
  contracts: CompiledContracts,
  sender: Sender,
  call?: SegmentCall,
): Received {
  if (!isEventBody(message))
    return { parsed: message, original: () => textOf(message), format: 'segment', envelope: {} };
  const typed = call === undefined ? message : { ...message, type: call };
  return {
    ...readMessage(typed, contracts, {
      receivedAt: sender.receivedAt,
      id: () => messageId(typed, sender.producer) ?? uuidv7(),
    }),
    original: () => textOf(typed),
    format: 'segment',
  };
}

/** Values for members that a message leaves out. */
export interface FilledIn {
  /** The time of a message without one. */
  receivedAt: number;
  /** Makes the id of a message without one. */
  id: () => string;
}

/** A parsed message: its event, its sender, and the mistakes in its own members. */
export function readMessage(
  message: EventBody,
  contracts: CompiledContracts,
  filledIn: FilledIn,
): Pick<Received, 'parsed' | 'mistakes'> & {
  envelope: Envelope;
  identity: ClaimedIdentity | IdentityCall;
  parsed: EventBody;
} {
  const mistakes = mistakesIn(message);
  return {
    parsed: toEvent(message, contracts, filledIn),
    identity: identityOf(message),
    envelope: {
      ...(message['sentAt'] === undefined ? {} : { sentAt: message['sentAt'] }),
      ...(timeOf(message) === undefined ? { timedHere: true } : {}),
    },
    ...(mistakes.length > 0 ? { mistakes } : {}),
  };
}

/**
 * The id of a message without one: a hash of all members except those that change when it is repeated, so a repeated
 * message counts once. `undefined` where the message has no time either, because two such messages cannot be
 * distinguished.
 */
export function messageId(message: EventBody, producer: string): string | undefined {
  if (timeOf(message) === undefined) return undefined;
  const own = Object.fromEntries(Object.entries(message).filter(([name]) => !OF_THE_REQUEST.includes(name)));
  return sha256Hex(`${producer}\n${textOf(own)}`);
}

function timeOf(message: EventBody): unknown {
  return message['timestamp'] ?? message['originalTimestamp'] ?? undefined;
}

function callOf({ type }: EventBody): SegmentCall | undefined {
  return SEGMENT_CALLS.find((name) => name === type);
}

/** Mistakes in the members of a message that do not depend on its contract. */
function mistakesIn(message: EventBody): Mistake[] {
  const call = callOf(message);
  const found: Mistake[] = [];
  if (call === undefined)
    found.push(reject('EVENT_NAME_MISSING', `must be one of ${SEGMENT_CALLS.join(', ')}`, 'type'));
  if (call === 'track' && (typeof message['event'] !== 'string' || message['event'] === ''))
    found.push(reject('EVENT_NAME_MISSING', 'must be a text that is not empty', 'event'));
  for (const name of OBJECTS) {
    const value = message[name];
    if (value !== undefined && value !== null && !isEventBody(value))
      found.push(reject('CONTRACT_VIOLATION', 'must be an object', name));
  }
  for (const name of ['messageId', ...IDS]) {
    const value = message[name];
    const isId = isMissingId(value) || typeof value === 'string' || typeof value === 'number';
    // A number that is too large is refused by its own check.
    if (!isId && !(value instanceof InexactNumber))
      found.push(reject('CONTRACT_VIOLATION', 'must be a text or a number', name));
  }
  return found;
}

/** The identity in a Segment message. `identify` and `alias` link ids even without an event. */
function identityOf(message: EventBody): ClaimedIdentity | IdentityCall {
  const { type } = message;
  const { previous, ...sender } = claimedIdentity(message);
  if (type !== 'identify' && type !== 'alias') return sender;
  const replaced = type === 'alias' && previous !== undefined ? { previous } : {};
  return { ...sender, ...replaced, call: type, time: timeOf(message) };
}

function toEvent(message: EventBody, contracts: CompiledContracts, { receivedAt, id: newId }: FilledIn): EventBody {
  const call = callOf(message);
  const name = call === 'track' ? message['event'] : call;
  const fields: Record<string, unknown> = { ...propertiesOf(message), event: name };
  if (typeof name !== 'string') return fields;
  const contract = contracts.find(name, undefined);
  if (!(contract instanceof CompiledContract)) return fields;
  const { id, time, user, anonymous, session } = contract.contract.fields;
  const context = isEventBody(message['context']) ? message['context'] : {};
  const event = new Filling(fields, contract);
  event.fillId(id, message['messageId']);
  event.fillId(id, isMissingId(valueIn(fields, id)) ? newId() : undefined);
  event.fill(time, timeOf(message) ?? new Date(receivedAt).toISOString());
  event.fillId(user, isMissingId(message['userId']) ? message['anonymousId'] : message['userId']);
  event.fillId(anonymous, message['anonymousId']);
  event.fillId(session, context['sessionId']);
  for (const member of IDS) if (contract.typeOf(member)) event.fillId(member, message[member]);
  for (const member of LABELS) if (contract.typeOf(member)) event.fill(member, message[member]);
  return fields;
}

/** Properties of a `page`, traits of a `group`; RudderStack sends the traits of an `identify` within its context. */
function propertiesOf(message: EventBody): EventBody {
  const { properties, traits, context, type } = message;
  const inContext = type === 'identify' && isEventBody(context) ? context['traits'] : undefined;
  const given = properties ?? traits ?? inContext;
  return isEventBody(given) ? given : {};
}

function valueIn(fields: EventBody, path: string): unknown {
  // Only members of the event itself can be filled in.
  return path.includes('.') ? path : fields[path];
}

/** An event whose fields are filled in from its envelope, where its properties do not have them. */
class Filling {
  constructor(
    private readonly fields: Record<string, unknown>,
    private readonly contract: CompiledContract,
  ) {}

  /** Only top-level fields, because an envelope has no nested ones. */
  fill(path: string | undefined, value: unknown): void {
    if (path === undefined || path.includes('.') || value === undefined || value === null) return;
    if (this.fields[path] === undefined) this.fields[path] = value;
  }

  /** An empty id counts as missing, as a property and in the envelope. A number is converted to text. */
  fillId(path: string | undefined, value: unknown): void {
    if (path === undefined || isMissingId(value)) return;
    if (this.fields[path] === '') this.fields[path] = undefined;
    this.fill(path, typeof value === 'number' && this.contract.typeOf(path) === 'TEXT' ? String(value) : value);
  }
}
