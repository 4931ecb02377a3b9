import { isNativeError } from 'node:util/types';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { requestContext } from './request-context.js';
import { isUnreachable, messageOf } from './unreachable.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names of fields that never reach a log line, wherever they stand. */
const SECRETS = ['password', 'token', 'secret', 'authorization', 'cookie', 'key'];

/** One JSON line per event on standard output, with the app's name and the request id of the context it happened in. */
export function createLogger(app: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
    mixin: () => ({ ...requestContext() }),
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Logs an outage in one line without its stack: the place in the code does not matter. */
function serializeError(error: unknown): unknown {
  if (!isNativeError(error)) return error;
  if (!isUnreachable(error)) return pino.stdSerializers.err(error);
  const code = 'code' in error ? error.code : undefined;
  return { type: error.name, message: messageOf(error), ...(code === undefined ? {} : { code }) };
}

/** Lets Nest's own messages go through the same logger. */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal') =>
    (message: unknown, ...rest: unknown[]) =>
      logger[level]({ context: rest.at(-1), ...(message instanceof Error ? { err: message } : {}) }, String(message));
  return {
    // Nest announces every module and route at boot: of interest to its developers only.
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  };
}

export type { Logger };
