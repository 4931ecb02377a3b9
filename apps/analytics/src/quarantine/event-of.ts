import { parseExactJson } from '@paddock/contracts';
import type { EventSchemaBody } from '@paddock/metrics';
import type { CompiledContracts } from '../collector/compiled-contract.js';
import type { Received } from '../collector/collect.js';
import { type EventBody, isEventBody } from '../collector/field-writer.js';
import { messageId, readMessage } from '../collector/segment.js';
import { storedFields } from '../store/raw-table.js';
import { applyMapping } from './mapping.js';

/** The stored form of a refused event. */
export interface Kept {
  id: string;
  producer: string;
  /** Milliseconds. */
  receivedAt: number;
  event: string;
  original: string;
  format: string;
}

/** An event and its envelope. */
export interface KeptEvent {
  event: EventBody;
  envelope?: Received['envelope'];
  identity?: Received['identity'];
  mistakes?: Received['mistakes'];
}

/** The refused event, whatever format it came in; `undefined` where the stored text is not a JSON object. */
export function eventOf(
  { id, producer, receivedAt, event, original, format }: Kept,
  contracts: CompiledContracts,
  contract: EventSchemaBody | undefined,
): KeptEvent | undefined {
  let parsed: unknown;
  try {
    parsed = parseExactJson(original);
  } catch {
    return undefined;
  }
  if (!isEventBody(parsed)) return undefined;
  if (format === 'segment') {
    // A message that says neither its id nor its time keeps the id of the quarantine, so that it counts once.
    const filledIn = { receivedAt, id: () => messageId(parsed, producer) ?? id };
    const { parsed: read, mistakes = [], ...said } = readMessage(parsed, contracts, filledIn);
    // A mapping can give it a name.
    return { event: read, mistakes: mistakes.filter(({ code }) => code !== 'EVENT_NAME_MISSING'), ...said };
  }
  return format === 'row' ? eventOfRow(parsed, event, contract) : { event: parsed };
}

/** A row that could not be stored, as the event that it was made from. */
function eventOfRow(row: EventBody, event: string, contract: EventSchemaBody | undefined): KeptEvent | undefined {
  if (!contract) return undefined;
  const { id, time, user, session } = contract.fields;
  const occurred = Number(row['_time']) - Number(row['_skew'] ?? 0) * 1_000;
  const fields: [string, unknown][] = [
    ...storedFields(contract).map(({ path, column, type }): [string, unknown] => [
      path,
      type === 'TIME' && typeof row[column] === 'number' ? new Date(row[column]).toISOString() : row[column],
    ]),
    [id, row['_id']],
    [time, new Date(occurred).toISOString()],
    ...(user === undefined ? [] : [[user, row['_user']] satisfies [string, unknown]]),
    ...(session === undefined ? [] : [[session, row['_session']] satisfies [string, unknown]]),
  ];
  const given = fields.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const restored = applyMapping(
    { event, ...extraOf(row['_extra']) },
    given.map(([field, value]) => ({ set: { field, value } })),
  );
  const version = typeof row['_contract'] === 'string' && row['_contract'] !== '' ? { version: row['_contract'] } : {};
  // A row keeps the app's own fields under these names. Otherwise the version is a member, which a mapping can change.
  const own = ['version', 'sent_at'].some((name) => Object.hasOwn(restored, name));
  return own ? { event: restored, envelope: version } : { event: { ...restored, ...version } };
}

function extraOf(extra: unknown): EventBody {
  const parsed: unknown = typeof extra === 'string' && extra !== '' ? JSON.parse(extra) : {};
  return isEventBody(parsed) ? parsed : {};
}
