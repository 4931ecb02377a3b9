import { type EventSchemaBody, parseEventSchema } from '@paddock/metrics';
import type { Contract, FieldType } from '../../../../../test/reference-model/definitions.js';
import { fieldsOf } from '../../../../../test/reference-model/read-event.js';

const IDENTIFIED = { id: 'text', at: 'time', user: 'text', session: 'text' } as const;
const DAY_MS = 86_400_000;
const TIMES = { idField: 'id', timeField: 'at', userField: 'user', sessionField: 'session', maxFutureSkewMs: 300_000 };

/** Contracts of events that visitors cause before they sign in, too. */
const VISITED = { ...IDENTIFIED, device: 'text' } as const;
const VISITS = { ...TIMES, anonymousField: 'device' };

const BET_1 = { ...IDENTIFIED, sport: 'text', amount: 'number', live: 'flag', market: 'integer' } as const;
const BET_2 = { ...BET_1, odds: 'number', placed: 'time' } as const;

/** The contracts of every world. They share `sport`, `user` and `session`. */
export const CONTRACTS: Readonly<Record<string, Contract>> = {
  bet: {
    event: 'bet',
    ...TIMES,
    allowedLatenessMs: 9_999 * DAY_MS,
    outOfOrderMs: 1_000,
    versions: [
      { version: '1.0.0', fields: BET_1 },
      { version: '1.10.0', fields: BET_2 },
      { version: '2.1.0', fields: { ...BET_2, note: 'text' } },
    ],
  },
  visit: {
    event: 'visit',
    ...VISITS,
    allowedLatenessMs: 120 * DAY_MS,
    outOfOrderMs: 60_000,
    versions: [{ version: '1.0.0', fields: { ...VISITED, sport: 'text', page: 'text', seconds: 'number' } }],
  },
  join: {
    event: 'join',
    ...VISITS,
    allowedLatenessMs: 9_999 * DAY_MS,
    outOfOrderMs: 30_000,
    versions: [{ version: '3.0.0', fields: { ...VISITED, sport: 'text', plan: 'text' } }],
  },
};

/** A contract as config. */
export function toEventSchema(contract: Contract): EventSchemaBody {
  const { event, versions, allowedLatenessMs, outOfOrderMs } = contract;
  const { idField, timeField, userField, anonymousField, sessionField } = contract;
  const parsed = parseEventSchema({
    event,
    fields: { id: idField, time: timeField, user: userField, anonymous: anonymousField, session: sessionField },
    compatibility: 'NONE',
    time: {
      allowedLateness: `${allowedLatenessMs / DAY_MS}d`,
      outOfOrder: `${outOfOrderMs / 1_000}s`,
      idleTimeout: '9999d',
    },
    versions: versions.map(({ version, fields }) => ({
      version,
      schema: {
        type: 'object',
        required: [idField, timeField],
        properties: Object.fromEntries(
          Object.entries(fields).map(([name, type]) => [name, jsonSchema(type, [idField, timeField].includes(name))]),
        ),
      },
    })),
  });
  if (!parsed.ok) throw new Error(`${event}: ${JSON.stringify(parsed.problems)}`);
  return parsed.body;
}

/** The names of a contract's fields that hold one of the types. */
export function fieldsOfType(event: string, types: readonly FieldType[]): string[] {
  const contract = CONTRACTS[event];
  return contract
    ? Object.entries(fieldsOf(contract)).flatMap(([name, type]) => (types.includes(type) ? [name] : []))
    : [];
}

function jsonSchema(type: FieldType, required: boolean): object {
  const [name, format] = JSON_TYPES[type];
  return { type: required ? name : [name, 'null'], ...(format ? { format } : {}) };
}

const JSON_TYPES: Readonly<Record<FieldType, readonly [string, string?]>> = {
  text: ['string'],
  number: ['number'],
  integer: ['integer'],
  flag: ['boolean'],
  time: ['string', 'date-time'],
};
