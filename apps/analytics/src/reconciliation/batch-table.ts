import type { RowDataPacket } from 'mysql2/promise';
import { DateTime } from 'luxon';
import { quoted, SourceError, type SourceSession } from '@paddock/foreign-database';
import type { Interval } from '../queries/interval.js';
import { InvalidQuery, type QueryProblem } from '../queries/query-problems.js';
import { type AskedBatchRow, MAX_BATCH_ROWS, type PlaceOf } from './batch-results.js';
import type { BatchSources } from './batch-sources.js';

/** The table with the result of a batch, and the roles of its columns. */
export interface AskedBatchTable {
  /** Name of a configured database. */
  database: string;
  table: string;
  /** A date or date-time of the zone, or a timestamp. */
  timeColumn: string;
  valueColumn: string;
  dimensions?: readonly { name: string; column: string }[] | null | undefined;
}

const TIMES = ['date', 'datetime', 'timestamp'];
const VALUES = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double'];
const NO_VALUES = ['blob', 'tinyblob', 'mediumblob', 'longblob', 'binary', 'varbinary', 'geometry', 'json', ...TIMES];

/** Problems of rows name the column and the row. */
export function placeIn({ table, timeColumn, valueColumn }: AskedBatchTable): PlaceOf {
  return (index, member) => {
    const [path, column] = member === 'start' ? ['table.timeColumn', timeColumn] : ['table.valueColumn', valueColumn];
    return { path, said: `${table}.${column}, row ${index + 1}: ` };
  };
}

interface Column {
  path: string;
  name: string;
  type: string;
}

/**
 * Reads a table, or a part of it by time, as rows of a batch. Names of tables and columns are looked up in the
 * database's own lists before they stand in a statement, quoted; no other input becomes SQL.
 * @throws InvalidQuery with every mistake
 */
export async function readBatchTable(
  sources: BatchSources,
  asked: AskedBatchTable,
  range: Partial<Interval>,
  timeZone: string,
): Promise<AskedBatchRow[]> {
  try {
    const rows = await sources.read(asked.database, async (session) => {
      const columns = await columnsOf(session, asked);
      return read(session, asked, columns, range, timeZone);
    });
    if (rows) return rows;
  } catch (error) {
    if (error instanceof SourceError)
      throw new InvalidQuery([{ path: 'table.database', code: error.code, message: error.message }]);
    throw error;
  }
  throw new InvalidQuery([
    {
      path: 'table.database',
      code: 'UNKNOWN_SOURCE',
      message: `must be one of ${sources.names.join(', ') || 'ANALYTICS_BATCH_SOURCES, which names none'}, not ${JSON.stringify(asked.database.slice(0, 100))}`,
    },
  ]);
}

async function columnsOf(
  session: SourceSession,
  { table, timeColumn, valueColumn, dimensions }: AskedBatchTable,
): Promise<Column[]> {
  const known = await session.query<RowDataPacket & { name: string; type: string }>(
    'SELECT COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION',
    [table],
  );
  if (known.length === 0)
    throw new InvalidQuery([
      {
        path: 'table.table',
        code: 'UNKNOWN_TABLE',
        message: `there is no table ${JSON.stringify(table.slice(0, 100))} that can be read`,
      },
    ]);
  const problems: QueryProblem[] = [];
  const find = (path: string, name: string, fits: (type: string) => boolean, expected: string): Column => {
    const found = known.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (!found)
      problems.push({
        path,
        code: 'UNKNOWN_COLUMN',
        message: `${table} has no column ${JSON.stringify(name.slice(0, 100))}; it has ${known
          .map((column) => column.name)
          .join(', ')
          .slice(0, 1_000)}`,
      });
    else if (!fits(found.type))
      problems.push({
        path,
        code: 'WRONG_TYPE',
        message: `${table}.${found.name} is ${found.type}; it must be ${expected}`,
      });
    return { path, name: found?.name ?? '', type: found?.type ?? '' };
  };
  const columns = [
    find('table.timeColumn', timeColumn, (type) => TIMES.includes(type), TIMES.join(', ')),
    find('table.valueColumn', valueColumn, (type) => VALUES.includes(type), 'a number'),
    ...(dimensions ?? []).map(({ column }, index) =>
      find(
        `table.dimensions[${index}].column`,
        column,
        (type) => !NO_VALUES.includes(type),
        'a text, a number or an enumeration',
      ),
    ),
  ];
  if (problems.length > 0) throw new InvalidQuery(problems);
  return columns;
}

async function read(
  session: SourceSession,
  { table, dimensions }: AskedBatchTable,
  columns: readonly Column[],
  { start, end }: Partial<Interval>,
  timeZone: string,
): Promise<AskedBatchRow[]> {
  const [time] = columns;
  if (!time) return [];
  // A timestamp is read in UTC, as the session is set to; all others are the wall clock's.
  const zone = time.type === 'timestamp' ? 'UTC' : timeZone;
  const wall = (at: number): string => DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd HH:mm:ss');
  const bounds = [
    ...(start === undefined ? [] : [{ sql: `${quoted(time.name)} >= ?`, value: wall(start) }]),
    ...(end === undefined ? [] : [{ sql: `${quoted(time.name)} < ?`, value: wall(end) }]),
  ];
  const where = bounds.length === 0 ? '' : ` WHERE ${bounds.map(({ sql }) => sql).join(' AND ')}`;
  const selected = columns.map(({ name }, index) => `CAST(${quoted(name)} AS CHAR CHARACTER SET utf8mb4) AS c${index}`);
  const sql = `SELECT ${selected.join(', ')} FROM ${quoted(table)}${where} ORDER BY ${quoted(time.name)} LIMIT ${MAX_BATCH_ROWS + 1}`;
  const rows = await session.query<RowDataPacket>(
    sql,
    bounds.map(({ value }) => value),
  );
  if (rows.length > MAX_BATCH_ROWS)
    throw new InvalidQuery([
      {
        path: 'table.from',
        code: 'TOO_MANY',
        message: `${table} has more than ${MAX_BATCH_ROWS} rows; take a part of it with from and to`,
      },
    ]);
  return rows.flatMap((row, index): AskedBatchRow[] => {
    const cells = columns.map((_, at): unknown => row[`c${at}`]);
    const [at, value, ...rest] = cells.map((cell) => (cell === null || cell === undefined ? null : String(cell)));
    // A sum of nothing is NULL in SQL; a row without a time belongs to no window.
    if (at === null)
      throw new InvalidQuery([
        { path: time.path, code: 'REQUIRED', message: `${table}.${time.name} is NULL in row ${index + 1}` },
      ]);
    const split = (dimensions ?? []).map(({ name }, place) => ({ name, value: rest[place] ?? null }));
    // Remove a fraction of six zeros.
    const start = (at ?? '').replace(/\.0+$/, '');
    return [
      {
        start: `${start}${time.type === 'timestamp' ? 'Z' : ''}`,
        value: value ?? null,
        ...(split.length > 0 ? { split } : {}),
      },
    ];
  });
}
