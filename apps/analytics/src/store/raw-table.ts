import {
  canWiden,
  columnName,
  contractFields,
  columnType,
  type EventSchemaBody,
  type FieldType,
  PERSON_COLUMN,
  PERSONS_DDL,
  personSql,
} from '@paddock/metrics';
import type { Engine } from './engine.js';

/**
 * The columns of every raw event, in the order of rows. `_time` is corrected for the sender's clock by `_skew` seconds.
 */
export const ENVELOPE_COLUMNS = [
  '_id',
  '_time',
  '_received',
  '_user',
  '_session',
  '_producer',
  '_contract',
  '_bot',
  '_skew',
  '_extra',
] as const;

/** The minute, which nearly every statement filters by. Rows are sorted by it, so a million of them take 23 KB. */
const MINUTE = "_minute DateTime('UTC') MATERIALIZED toStartOfMinute(_time) CODEC(Delta, LZ4)";

/**
 * A part holds events received at about the same time, so recently received events are found without reading the rest.
 */
const RECEIVED_INDEX = 'INDEX received_range _received TYPE minmax GRANULARITY 1';

/** The person of an event, resolved by the identities known when it is read. */
function personColumn(database: string): string {
  return `${PERSON_COLUMN} String ALIAS ${personSql('_user', database)}`;
}

const ENVELOPE = [
  '_id String',
  "_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD)",
  "_received DateTime64(3, 'UTC') CODEC(Delta, ZSTD)",
  '_user String',
  '_session String',
  '_producer LowCardinality(String)',
  '_contract LowCardinality(String)',
  '_bot Bool',
  '_skew Int32',
  '_extra String',
  // Of the same event received twice, the first one stays.
  '_rank Int64 MATERIALIZED -toUnixTimestamp64Milli(_received)',
  MINUTE,
  RECEIVED_INDEX,
];

/** The table of an event's raw events. */
export function rawTable(event: string): string {
  return `raw_${event}`;
}

/** A field that has a column of its own; those that identify an event are read from its envelope instead. */
export interface StoredField {
  path: string;
  column: string;
  type: FieldType;
}

/** The fields of a contract that rows carry after the envelope, in order. */
export function storedFields(contract: EventSchemaBody): StoredField[] {
  const identifying = aliases(contract);
  return contractFields(contract)
    .filter(({ path }) => !identifying.has(path))
    .map(({ path, type }) => ({ path, type, column: columnName(path) }));
}

/**
 * Creates the table of a contract, or adds the columns of newer versions. Rows are sorted by minute, then by id: an
 * event is found by both, and a minute is read without its neighbours.
 */
export async function ensureRawTable(engine: Engine, contract: EventSchemaBody): Promise<void> {
  const table = rawTable(contract.event);
  // The column of the person reads it.
  await engine.run(PERSONS_DDL);
  const [current] = await engine.select('SELECT currentDatabase() AS name');
  const person = personColumn(String(current?.['name']));
  const columns = [
    ...storedFields(contract).map(({ column, type }) => `${column} ${columnType(type)}`),
    ...[...aliases(contract)].map(([path, expression]) => `${columnName(path)} ALIAS ${expression}`),
  ];
  await engine.run(
    `CREATE TABLE IF NOT EXISTS ${table} (${[...ENVELOPE, person, ...columns].join(', ')}) ENGINE = ReplacingMergeTree(_rank)` +
      ' PARTITION BY toYYYYMM(_time) ORDER BY (toStartOfMinute(_time), cityHash64(_id), _id)',
  );
  const rows = await engine.select(
    `SELECT name, type, default_expression FROM system.columns WHERE database = currentDatabase() AND table = '${table}'`,
  );
  const existing = new Map(rows.map(({ name, type }) => [String(name), String(type)]));
  await engine.run(`ALTER TABLE ${table} ADD ${RECEIVED_INDEX.replace('INDEX', 'INDEX IF NOT EXISTS')}`);
  const missing = [MINUTE, person, ...columns].filter((definition) => !existing.has(definition.split(' ')[0] ?? ''));
  if (missing.length > 0)
    await engine.run(
      `ALTER TABLE ${table} ${missing.map((definition) => `ADD COLUMN IF NOT EXISTS ${definition}`).join(', ')}`,
    );
  // A table that predates identities reads the user as it was sent.
  const user = columnName(contract.fields.user ?? '');
  if (rows.some((row) => row['name'] === user && row['default_expression'] === "nullIf(_user, '')"))
    await engine.run(
      `ALTER TABLE ${table} MODIFY COLUMN ${user} ALIAS ${aliases(contract).get(contract.fields.user ?? '') ?? ''}`,
    );
  const widened = storedFields(contract).filter(({ column, type }) => canWiden(existing.get(column) ?? '', type));
  for (const { column, type } of widened)
    await engine.run(`ALTER TABLE ${table} MODIFY COLUMN ${column} ${columnType(type)}`);
}

/** How identifying fields are read from the envelope. */
function aliases(contract: EventSchemaBody): Map<string, string> {
  const types = new Map(contractFields(contract).map(({ path, type }) => [path, type]));
  const { id, time, user, session } = contract.fields;
  const found = new Map<string, string>();
  for (const [path, column] of [
    [session, '_session'],
    [user, types.get(user ?? '') === 'INTEGER' ? '_user' : PERSON_COLUMN],
    [id, '_id'],
  ] as const) {
    if (path === undefined) continue;
    found.set(path, types.get(path) === 'INTEGER' ? `toInt64OrNull(${column})` : `nullIf(${column}, '')`);
  }
  const occurred = '_time - toIntervalSecond(_skew)';
  found.set(time, types.get(time) === 'INTEGER' ? `toUnixTimestamp64Milli(${occurred})` : occurred);
  return found;
}
