/** The problems of a source, by code; its owner can correct each of them. */
export type SourceErrorCode =
  | 'UNREACHABLE'
  | 'FORBIDDEN_NETWORK'
  | 'REFUSED_CREDENTIALS'
  | 'NO_SUCH_DATABASE'
  | 'NOT_READABLE'
  | 'NOT_WRITABLE'
  | 'TOO_SLOW'
  | 'OWN_DATABASE'
  | 'NO_SEALING_KEY'
  | 'UNEXPECTED';

/** Why a foreign database could not be used. Messages carry neither statements nor credentials. */
export class SourceError extends Error {
  constructor(
    readonly code: SourceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Did the server itself say so? The session can be used on then. */
  get answered(): boolean {
    return shape(this.cause).sqlMessage !== undefined && this.code !== 'UNREACHABLE';
  }

  /** May it pass by itself? */
  get transient(): boolean {
    return this.code === 'UNREACHABLE' || this.code === 'TOO_SLOW';
  }
}

const CODES: Readonly<Record<string, SourceErrorCode>> = {
  ER_ACCESS_DENIED_ERROR: 'REFUSED_CREDENTIALS',
  ER_DBACCESS_DENIED_ERROR: 'REFUSED_CREDENTIALS',
  ER_BAD_DB_ERROR: 'NO_SUCH_DATABASE',
  ER_TABLEACCESS_DENIED_ERROR: 'NOT_READABLE',
  ER_COLUMNACCESS_DENIED_ERROR: 'NOT_READABLE',
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: 'NOT_WRITABLE',
  ER_OPTION_PREVENTS_STATEMENT: 'NOT_WRITABLE',
  ER_QUERY_TIMEOUT: 'TOO_SLOW',
  ER_STATEMENT_TIMEOUT: 'TOO_SLOW',
  ER_LOCK_WAIT_TIMEOUT: 'TOO_SLOW',
  ER_LOCK_DEADLOCK: 'TOO_SLOW',
  PROTOCOL_SEQUENCE_TIMEOUT: 'TOO_SLOW',
  ER_SERVER_SHUTDOWN: 'UNREACHABLE',
  ER_CON_COUNT_ERROR: 'UNREACHABLE',
};

/** MariaDB's own number for a statement that ran longer than `max_statement_time`; mysql2 knows no name for it. */
const STATEMENT_TIMEOUT_NUMBERS = new Set([1969, 3024]);

/** Translates a driver's error into an error of `source`. */
export function sourceError(source: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { code, errno, sqlMessage } = shape(error);
  const known = STATEMENT_TIMEOUT_NUMBERS.has(errno)
    ? 'TOO_SLOW'
    : (CODES[code] ?? (sqlMessage === undefined ? 'UNREACHABLE' : 'UNEXPECTED'));
  return new SourceError(known, `source ${source}: ${explain(known, code, sqlMessage)}`, { cause: error });
}

function explain(known: SourceErrorCode, code: string, sqlMessage: string | undefined): string {
  switch (known) {
    case 'REFUSED_CREDENTIALS':
      return 'its server refused the user name or the password, or this user may not use the database';
    case 'NO_SUCH_DATABASE':
      return 'its server has no such database';
    case 'NOT_READABLE':
      return `its user may not read: ${sqlMessage ?? code}`;
    case 'NOT_WRITABLE':
      return 'it is read-only; allow write-back for it first';
    case 'TOO_SLOW':
      return 'its server took longer than the limit';
    case 'UNEXPECTED':
      return `its server refused a statement (${code}): ${sqlMessage ?? ''}`;
    default:
      return `its server cannot be reached (${code || 'connection lost'})`;
  }
}

function shape(error: unknown): { code: string; errno: number; sqlMessage: string | undefined } {
  if (typeof error !== 'object' || error === null) return { code: '', errno: 0, sqlMessage: undefined };
  const { code, errno, sqlMessage }: { code?: unknown; errno?: unknown; sqlMessage?: unknown } = error;
  return {
    code: typeof code === 'string' ? code : '',
    errno: typeof errno === 'number' ? errno : 0,
    sqlMessage: typeof sqlMessage === 'string' ? sqlMessage.slice(0, 200) : undefined,
  };
}
