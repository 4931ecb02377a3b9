import { mkdir } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { checkRowLines } from './row-lines.js';

/** A row of an answer, with 64-bit numbers as texts. */
export type Row = Readonly<Record<string, unknown>>;

/** The analytics engine: ClickHouse within this process, or a server. The same SQL for both. */
export interface Engine {
  select(sql: string): Promise<Row[]>;
  /** The answer as RowBinary, for numbers of rows that are too large for objects. */
  binary(sql: string): Promise<Buffer>;
  run(sql: string): Promise<void>;
  /**
   * Inserts rows given as JSON arrays, one per line, in the order of `columns`.
   * @throws UnsafeRows
   */
  insert(table: string, columns: readonly string[], rows: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Where the engine is: a directory that this process alone may open, or a server's address. */
export type EngineLocation = { directory: string } | { url: URL };

/** Numbers beyond 2^53 as texts; inserts into many partitions are allowed; lists of thousands of ids are allowed. */
const SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  max_partitions_per_insert_block: '0',
  max_query_size: '16777216',
} as const;

/**
 * Rows come in batches that are large already: gathering them a second time costs a delay, parsing them by several
 * threads costs more than it saves, and repetitions within one are removed when they are read and merged, as all are.
 */
const INSERT_SETTINGS = {
  max_partitions_per_insert_block: 0,
  async_insert: 0,
  input_format_parallel_parsing: 0,
  optimize_on_insert: 0,
} as const;

/** Opens the engine; an empty directory becomes an empty store. */
export async function openEngine(location: EngineLocation): Promise<Engine> {
  if ('url' in location) return serverEngine(location.url);
  await mkdir(location.directory, { recursive: true });
  const connection = createChdbConnection({ path: location.directory });
  const raw = connection.chdb;
  if (!isClientConnection(connection)) throw new Error('this version of chdb does not fit @clickhouse/client');
  const client = createClient({ connection });
  return {
    ...statements(client),
    // The bytes go to the engine as they are, without a copy and without an object per row.
    async insert(table, columns, rows) {
      checkRowLines(rows);
      await raw.rawInsert({
        table,
        columns: [...columns],
        values: rows,
        format: 'JSONCompactEachRow',
        settings: INSERT_SETTINGS,
      });
    },
  };
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>;

/** Both packages declare the same interface with classes of their own, which the compiler treats as different types. */
function isClientConnection(connection: unknown): connection is ClientConnection {
  return typeof connection === 'object' && connection !== null && 'query' in connection && 'command' in connection;
}

function serverEngine(url: URL): Engine {
  const client = createClient({ url, clickhouse_settings: SETTINGS });
  return {
    ...statements(client),
    async insert(table, columns, rows) {
      checkRowLines(rows);
      const query = `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow\n${rows.toString('utf8')}`;
      await client.command({ query });
    },
  };
}

function statements(client: ReturnType<typeof createClient>): Pick<Engine, 'select' | 'binary' | 'run' | 'close'> {
  return {
    async select(sql) {
      const answer = await client.query({ query: sql, format: 'JSONEachRow', clickhouse_settings: SETTINGS });
      return answer.json<Row>();
    },
    async binary(sql) {
      const { stream } = await client.exec({ query: `${sql} FORMAT RowBinary`, clickhouse_settings: SETTINGS });
      return buffer(stream);
    },
    async run(sql) {
      await client.command({ query: sql, clickhouse_settings: SETTINGS });
    },
    close: () => client.close(),
  };
}
