import { isNativeError } from 'node:util/types';

/** Codes of Node, mysql2 and Redis for a server that cannot be reached, stops, is too busy for another connection, or is not up yet. */
const CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT'],
  ...['ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR'],
]);

/** The messages of ioredis for it, which have no code. */
const SENTENCES: readonly [pattern: RegExp, instead: string][] = [
  [/Stream isn't writeable and enableOfflineQueue options is false/, 'Redis is not connected'],
  [
    /Reached the max retries per request limit \(which is \d+\)\.(?: Refer to "maxRetriesPerRequest" option for details\.)?/,
    'the connection to Redis broke',
  ],
  [/^Connection is closed\.$/, 'the connection to Redis is closed'],
  [/^Command timed out$/, 'Redis did not answer in time'],
];

/** Does the error, or its cause, say that a server behind this process is unreachable? Then a retry may help, and the stack is of no use. */
export function isUnreachable(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if ('code' in error && typeof error.code === 'string' && CODES.has(error.code)) return true;
  return SENTENCES.some(([pattern]) => pattern.test(error.message)) || isUnreachable(error.cause);
}

/** The message in this system's terms, where a library's own is unclear. */
export function messageOf(error: Error): string {
  return SENTENCES.reduce((text, [pattern, instead]) => text.replace(pattern, instead), error.message);
}
