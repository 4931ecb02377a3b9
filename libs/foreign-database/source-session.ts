import { isIP } from 'node:net';
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { AddressGuard, type AddressPolicy, OutboundError } from '@paddock/outbound';
import { SourceError, sourceError } from './source-error.js';

/** The address and credentials of a foreign database. */
export interface SourceAddress {
  /** Key of the source, for messages. */
  name: string;
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** Encrypt the connection and verify the server's certificate. */
  tls: boolean;
}

export interface SessionOptions {
  /** Where a source may be. */
  policy: AddressPolicy;
  /** May it write? Sessions that may not are read-only on the server too. */
  write: boolean;
  /** The longest that one statement may take, on the server. */
  statementTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** The server ends a statement first; this is for servers that do not answer at all. */
const GRACE_MS = 2_000;

/** A row with the id 0 keeps it, also where ids count up. */
const STRICT = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO';
const AS_STORED = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';

/** One connection to a foreign database, with limits on both ends. */
export class SourceSession {
  private constructor(
    private readonly source: string,
    private readonly connection: Connection,
    private readonly timeoutMs: number,
  ) {}

  /** @throws SourceError */
  static async open(address: SourceAddress, options: SessionOptions): Promise<SourceSession> {
    const host = await pinned(address, options.policy);
    try {
      const connection = await createConnection({
        ...{ host, port: address.port, user: address.user, password: address.password, database: address.database },
        ...{
          charset: 'utf8mb4',
          connectTimeout: CONNECT_TIMEOUT_MS,
          supportBigNumbers: true,
          bigNumberStrings: true,
          dateStrings: true,
        },
        ...(address.tls ? { ssl: { rejectUnauthorized: true, verifyIdentity: isIP(address.host) === 0 } } : {}),
      });
      // Without a listener, an idle connection that breaks would end the process; the next statement reports the error.
      connection.on('error', () => undefined);
      const session = new SourceSession(address.name, connection, options.statementTimeoutMs + GRACE_MS);
      await session.configure(options);
      return session;
    } catch (error) {
      throw sourceError(address.name, error);
    }
  }

  /** Reads rows as objects; for information_schema and counts. */
  async query<Row extends RowDataPacket>(sql: string, values: readonly (string | number)[] = []): Promise<Row[]> {
    const [rows] = await this.run(() =>
      this.connection.query<Row[]>({ sql, values: [...values], timeout: this.timeoutMs }),
    );
    return rows;
  }

  /** Reads rows as lists of cells, byte for byte where the statement casts them to BINARY. */
  async cells(sql: string): Promise<(Buffer | null)[][]> {
    const [rows] = await this.run(() =>
      this.connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true, timeout: this.timeoutMs }),
    );
    return rows.map((row) => row.map(toCell));
  }

  /**
   * Changes rows; returns how many the statement found, whether or not it changed them. With `asStored`, values that were
   * read from this database go back as they were, also those that a strict server takes from no one: 30 February, an
   * enumeration's empty error value. Callers must read the row back.
   */
  async write(sql: string, { asStored = false } = {}): Promise<number> {
    if (asStored) await this.query(`SET SESSION sql_mode = '${AS_STORED}'`);
    try {
      const [result] = await this.run(() => this.connection.query<ResultSetHeader>({ sql, timeout: this.timeoutMs }));
      return result.affectedRows;
    } finally {
      if (asStored) await this.query(`SET SESSION sql_mode = '${STRICT}'`);
    }
  }

  async close(): Promise<void> {
    try {
      await this.connection.end();
    } catch {
      this.connection.destroy(); // it was broken already
    }
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const found = sourceError(this.source, error);
      // Its protocol state is unknown: an answer that comes late would be taken for that of the next statement.
      if (found.transient && !found.answered) this.connection.destroy();
      throw found;
    }
  }

  /**
   * Zero dates must come and go as they are, while a value that does not fit must be refused and never cut. Instants are
   * read in UTC. The server's own time limits make sure that a statement whose connection was lost ends soon after.
   */
  private async configure({ write, statementTimeoutMs }: SessionOptions): Promise<void> {
    const [version] = await this.query<RowDataPacket & { version: string }>('SELECT VERSION() AS version');
    const seconds = Math.max(1, Math.ceil(statementTimeoutMs / 1000));
    const limit = version?.version.includes('MariaDB')
      ? `max_statement_time = ${seconds}`
      : `max_execution_time = ${seconds * 1000}`;
    await this.query(
      `SET SESSION sql_mode = '${STRICT}', time_zone = '+00:00', innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}, ${limit}`,
    );
    await this.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await this.query(`SET SESSION TRANSACTION READ ${write ? 'WRITE' : 'ONLY'}`);
  }
}

/** The address to connect to: names are resolved once, judged, and never resolved again. */
async function pinned({ name, host }: SourceAddress, policy: AddressPolicy): Promise<string> {
  try {
    const [first] = await new AddressGuard(policy).addressesOf(host);
    return first?.address ?? host;
  } catch (error) {
    const forbidden = error instanceof OutboundError && error.code === 'URL_NOT_ALLOWED';
    const message = `source ${name}: ${error instanceof Error ? error.message : String(error)}`;
    throw new SourceError(forbidden ? 'FORBIDDEN_NETWORK' : 'UNREACHABLE', message, { cause: error });
  }
}

function toCell(value: unknown): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  return Buffer.from(String(value), 'utf8');
}
