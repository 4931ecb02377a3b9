import { compare, type Decimal, decimal, decimalPlaces, negate } from './decimal.js';
import type { Contract, FieldType } from './definitions.js';
import { asText, type StoredEvent, type Value } from './events.js';
import type { Link } from './persons.js';

/** An event as its sender wrote it. */
export type SentEvent = Readonly<Record<string, unknown>>;

/** Why an event is refused: it does not fit its contract, its minute is final, or for another reason. */
export type RefusalCode = 'CONTRACT_VIOLATION' | 'TOO_LATE' | 'OTHER';

const PRODUCER = 'test';
const MINUTE_MS = 60_000;
const MAX_ID_LENGTH = 200;
const MAX_NUMBER = decimal(1e12);
const MAX_PLACES = 9;

/** How far the sender's clock is behind ours: the time of receipt less `sent_at`. Only whole minutes are corrected. */
export function skewOf(sent: SentEvent, receivedAt: number): number {
  const sentAt = sent['sent_at'];
  if (typeof sentAt !== 'string') return 0;
  return Math.round((receivedAt - Date.parse(sentAt)) / MINUTE_MS) * MINUTE_MS;
}

/** Checks an event by the version of the contract that it names, or the newest, and reads its fields. */
export function readEvent(
  contracts: Readonly<Record<string, Contract>>,
  sent: SentEvent,
  receivedAt: number,
  skewMs: number,
): StoredEvent | RefusalCode {
  const contract = contracts[String(sent['event'])];
  const named = sent['version'];
  const version = contract?.versions.findLast((one) => named === undefined || one.version === named);
  if (!contract || !version) return 'OTHER';
  const { idField, timeField, sessionField } = contract;
  for (const [field, type] of Object.entries(version.fields)) {
    const required = field === idField || field === timeField;
    if (!fitsType(sent[field], type, required)) return 'CONTRACT_VIOLATION';
  }
  const values = new Map<string, Value>();
  for (const [field, type] of Object.entries(fieldsOf(contract))) {
    const value = sent[field];
    if (value === undefined || value === null) continue;
    const read = readValue(value, type);
    if (read === undefined) return 'OTHER';
    values.set(field, read);
  }
  const id = String(sent[idField]);
  const occurred = values.get(timeField);
  if (id === '' || id.length > MAX_ID_LENGTH || !(occurred instanceof Date)) return 'OTHER';
  const time = occurred.getTime() + skewMs;
  if (time < 0 || time > receivedAt + contract.maxFutureSkewMs) return 'OTHER';
  const link = identify(contract, values, time);
  if (sessionField && values.get(sessionField) === '') values.delete(sessionField);
  const session = sessionField === undefined ? undefined : values.get(sessionField);
  if (session !== undefined) values.set('$session', session);
  const envelope: [string, Value][] = [
    ['$id', id],
    ['$time', new Date(time)],
    ['$received', new Date(receivedAt)],
    ['$producer', PRODUCER],
    ['$contract', version.version],
    ['$bot', false],
  ];
  for (const [field, value] of envelope) values.set(field, value);
  return { event: contract.event, id, time, values, ...(link ? { link } : {}) };
}

/** Sets the user of an event: the one that it names, or its anonymous visitor. An identity that is an empty text is not given. */
function identify({ userField, anonymousField }: Contract, values: Map<string, Value>, at: number): Link | undefined {
  if (userField === undefined) return undefined;
  const user = given(values.get(userField));
  const anonymous = anonymousField === undefined ? undefined : given(values.get(anonymousField));
  values.delete(userField);
  const who = user ?? anonymous;
  if (who === undefined) return undefined;
  values.set(userField, who).set('$user', who);
  return user === undefined || anonymous === undefined ? undefined : { from: anonymous, user, alias: false, at };
}

function given(value: Value | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : asText(value);
}

/** The fields of all versions. */
export function fieldsOf({ versions }: Contract): Readonly<Record<string, FieldType>> {
  return Object.assign({}, ...versions.map(({ fields }) => fields));
}

/** Whether JSON Schema would let a value pass: of its type, or null where it may be missing. */
function fitsType(value: unknown, type: FieldType, required: boolean): boolean {
  if (value === undefined || value === null) return !required;
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  }
}

/** Undefined for what cannot be kept exactly: more than nine digits after the point, 10^12 or more. */
function readValue(value: unknown, type: FieldType): Value | undefined {
  if (type === 'text' && typeof value === 'string') return value;
  if (type === 'flag' && typeof value === 'boolean') return value;
  if (type === 'time' && typeof value === 'string') return new Date(value);
  if (typeof value !== 'number') return undefined;
  const number = decimal(value);
  return type === 'integer' || isKept(number) ? number : undefined;
}

function isKept(number: Decimal): boolean {
  const size = number.unscaled < 0n ? negate(number) : number;
  return compare(size, MAX_NUMBER) < 0 && decimalPlaces(number) <= MAX_PLACES;
}
