import {
  type Heartbeat,
  type HeldPosition,
  parseInstant,
  QUEUES,
  type Receipt,
  RECEIPT_STATES,
  type ReceiptState,
} from '#contracts';
import { defineTask } from './task.js';

/** Queue on which instances tell the control plane where they stand. */
export const RECEIPTS_QUEUE = QUEUES.receipts;

/** What an instance says of one release. */
export const receiptTask = defineTask<Receipt>({ queue: RECEIPTS_QUEUE, name: 'receipt', parse: parseReceipt });

/** That an instance is alive, and where it stands. The next one comes within seconds, so one that fails or stalls is no dead letter. */
export const heartbeatTask = defineTask<Heartbeat>({
  queue: RECEIPTS_QUEUE,
  name: 'heartbeat',
  transient: true,
  parse: parseHeartbeat,
});

/** Longest reason that a receipt carries; whoever writes one cuts it. */
export const MAX_RECEIPT_ERROR = 500;

/** Longest names, as the control plane keeps them. */
const MAX_ENVIRONMENT = 40;
const MAX_CONSUMER = 60;
const MAX_NAME = 100;
const MAX_HOST = 253;
const MAX_VERSION = 60;
const MAX_ENVIRONMENTS = 100;
/** A shorter lease ends before the receipt is stored; a longer one hides a dead instance. */
const MIN_LEASE_MS = 1_000;
const MAX_LEASE_MS = 300_000;
/** Longest delay that is reported; a clock that is further off says nothing. */
const MAX_MS = 30 * 24 * 3_600_000;

/** @throws Error naming the first field that is wrong */
function parseReceipt(payload: unknown): Receipt {
  const from = members(payload, 'receipt');
  return {
    environment: name(from, 'environment', MAX_ENVIRONMENT),
    ...optional('epoch', from, (field) => name(from, field, MAX_NAME)),
    seq: integer(from, 'seq', 0, Number.MAX_SAFE_INTEGER),
    consumer: name(from, 'consumer', MAX_CONSUMER),
    instance: name(from, 'instance', MAX_NAME),
    state: state(from),
    ...optional('error', from, (name) => text(from, name, MAX_RECEIPT_ERROR)),
    ...optional('stateHash', from, (name) => stateHash(from, name)),
    appliedAt: instant(from, 'appliedAt'),
    ...optional('ms', from, (name) => integer(from, name, 0, MAX_MS)),
    ...optional('leaseMs', from, (name) => integer(from, name, MIN_LEASE_MS, MAX_LEASE_MS)),
    ...optional('requestId', from, (field) => name(from, field, MAX_NAME)),
    ...optional('traceparent', from, (field) => name(from, field, MAX_NAME)),
  };
}

/** @throws Error naming the first field that is wrong */
function parseHeartbeat(payload: unknown): Heartbeat {
  const from = members(payload, 'heartbeat');
  const environments = from['environments'];
  if (!Array.isArray(environments) || environments.length > MAX_ENVIRONMENTS) {
    throw new Error(`environments must be a list of at most ${MAX_ENVIRONMENTS}`);
  }
  return {
    consumer: name(from, 'consumer', MAX_CONSUMER),
    instance: name(from, 'instance', MAX_NAME),
    leaseMs: integer(from, 'leaseMs', MIN_LEASE_MS, MAX_LEASE_MS),
    startedAt: instant(from, 'startedAt'),
    ...optional('host', from, (field) => name(from, field, MAX_HOST)),
    ...optional('version', from, (field) => name(from, field, MAX_VERSION)),
    environments: environments.map((entry) => parseHeldPosition(members(entry, 'environments'))),
  };
}

/** @throws Error naming the first field that is wrong */
function parseHeldPosition(from: Members): HeldPosition {
  return {
    environment: name(from, 'environment', MAX_ENVIRONMENT),
    ...optional('epoch', from, (field) => name(from, field, MAX_NAME)),
    seq: integer(from, 'seq', 0, Number.MAX_SAFE_INTEGER),
    stateHash: stateHash(from, 'stateHash'),
    ...optional('settingsVersion', from, (field) => integer(from, field, 0, Number.MAX_SAFE_INTEGER)),
  };
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} must be an object`);
  return { ...value };
}

function text(from: Members, name: string, maxLength: number): string {
  const value = from[name];
  if (typeof value === 'string' && value.length > 0 && value.length <= maxLength) return value;
  throw new Error(`${name} must be a text of 1 to ${maxLength} characters`);
}

/** A name that fits an ASCII column. */
function name(from: Members, field: string, maxLength: number): string {
  const value = text(from, field, maxLength);
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new Error(`${field} must consist of printable ASCII characters without spaces`);
}

function integer(from: Members, name: string, min: number, max: number): number {
  const value = from[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name} must be an integer from ${min} to ${max}`);
}

function state(from: Members): ReceiptState {
  const known = RECEIPT_STATES.find((option) => option === from['state']);
  if (known) return known;
  throw new Error(`state must be one of ${RECEIPT_STATES.join(', ')}`);
}

function stateHash(from: Members, name: string): string {
  const value = text(from, name, 64);
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw new Error(`${name} must be 64 lower-case hexadecimal digits`);
}

function instant(from: Members, name: string): string {
  const value = text(from, name, 40);
  if (parseInstant(value) !== undefined) return value;
  throw new Error(`${name} must be an RFC 3339 date-time with offset`);
}

function optional<Name extends string, Value>(
  name: Name,
  from: Members,
  read: (name: Name) => Value,
): { [key in Name]?: Value } {
  if (from[name] === undefined) return {};
  const found: { [key in Name]?: Value } = {};
  found[name] = read(name);
  return found;
}
