import { contractFields, type FieldType } from '../contracts/event-fields.js';
import type { EventSchemaBody } from '../contracts/event-schema-body.js';
import type { MetricBody } from './metric-body.js';

/** The contracts and metrics that definitions may refer to, as they are (or would be) live together. */
export interface Catalogue {
  /** By the event's name. */
  event(name: string): EventSchemaBody | undefined;
  /** By the metric's key. */
  metric(key: string): MetricBody | undefined;
}

/** The fields of every event besides those of its contract. */
export const ENVELOPE_FIELDS: Readonly<Record<string, FieldType>> = {
  $id: 'TEXT',
  $user: 'TEXT',
  $session: 'TEXT',
  $producer: 'TEXT',
  $contract: 'TEXT',
  $bot: 'FLAG',
  $time: 'TIME',
  $received: 'TIME',
};

/** Whether a field names the person that an event is about: `$user`, and the contract's own field of the user where that is a text. */
export function namesPerson(field: string, contract: EventSchemaBody): boolean {
  return field === '$user' || (field === contract.fields.user && fieldTypes(contract).get(field) === 'TEXT');
}

/** The fields of a contract by path, with those of the envelope. */
export function fieldTypes(contract: EventSchemaBody): ReadonlyMap<string, FieldType> {
  return new Map([
    ...Object.entries(ENVELOPE_FIELDS),
    ...contractFields(contract).map(({ path, type }) => [path, type] as const),
  ]);
}
