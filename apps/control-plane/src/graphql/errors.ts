import { isNativeError } from 'node:util/types';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { csrfRefusal, publicMessage, stoppedAtMistakes, tooManyMistakes } from '#graphql';
import { isUnreachable, type Logger, requestContext } from '#runtime';
import { stoppedAtTokenLimit, tooManyTokens } from './limits.rule.js';
import { ProblemError, ValidationProblem } from './problems.js';

/** HTTP status of an answer that has no data, by the code of its first error; 200 for all others. */
export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  TOKEN_INVALID: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  QUERY_TOO_COMPLEX: 400,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** When to send what was answered with 503 again: what is away or busy is so for seconds. */
export const RETRY_AFTER_SECONDS = '1';

/** Codes of the libraries below and what we call them. */
const RENAMED: Readonly<Record<string, string>> = {
  INTERNAL_SERVER_ERROR: 'INTERNAL',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
};

/** Answers of a database that stops or is too busy; they pass by themselves. */
const BUSY = new Set(['ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR']);

/**
 * Makes an error into what callers see: a stable code, the request id, nothing internal. What only a programmer can
 * mend is logged here, once, and its message kept back.
 */
export function presentError(
  logger: Logger,
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId = requestContext()?.requestId,
): GraphQLFormattedError {
  const shown = present(logger, formatted, error);
  return {
    message: publicMessage({
      message: shown.message,
      ...(formatted.extensions ? { extensions: formatted.extensions } : {}),
    }),
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: { ...shown.extensions, ...(requestId ? { requestId } : {}) },
  };
}

interface Shown {
  message: string;
  extensions: Record<string, unknown>;
}

function present(logger: Logger, formatted: GraphQLFormattedError, error: unknown): Shown {
  if (error instanceof GraphQLError && error.source && stoppedAtTokenLimit(error))
    return ofGraphQlError(tooManyTokens(error.source));
  const forged = csrfRefusal(formatted.message);
  if (forged) return forged;
  if (stoppedAtMistakes(formatted.message)) return tooManyMistakes();
  const cause = causeOf(error);
  if (cause instanceof ProblemError) return ofProblem(cause);
  if (isAway(cause)) {
    logger.warn({ err: cause }, 'a server behind us is away');
    return { message: 'a part of the system is away for the moment; try again', extensions: { code: 'UNAVAILABLE' } };
  }
  const code = codeOf(formatted);
  if (code === 'INTERNAL') {
    logger.error({ err: cause, path: formatted.path }, 'unexpected error');
    return { message: 'something went wrong on our side; the request id finds it in our logs', extensions: { code } };
  }
  return { message: formatted.message, extensions: { ...publicExtensions(formatted.extensions), code } };
}

/** What the resolver threw, below the layers that GraphQL puts around it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

function ofGraphQlError({ message, extensions }: GraphQLError): Shown {
  return { message, extensions: publicExtensions(extensions) };
}

function ofProblem({ problem }: ProblemError): Shown {
  if (problem instanceof ValidationProblem) {
    return {
      message: problem.message,
      extensions: { code: 'BAD_USER_INPUT', fields: problem.fields.map((field) => ({ ...field })) },
    };
  }
  return { message: problem.message, extensions: { code: problem.code } };
}

function codeOf({ extensions }: GraphQLFormattedError): string {
  // Apollo gives all validation errors one code, and leaves a finer one beside it.
  if (typeof extensions?.validationErrorCode === 'string') return extensions.validationErrorCode;
  const code = typeof extensions?.code === 'string' ? extensions.code : 'INTERNAL';
  return RENAMED[code] ?? code;
}

const INTERNAL_EXTENSIONS = new Set(['stacktrace', 'originalError', 'validationErrorCode', 'http']);

function publicExtensions(extensions: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions ?? {}).filter(([name]) => !INTERNAL_EXTENSIONS.has(name)));
}

/** Is a server behind us away or too busy? Sent again in a moment, the request may succeed. */
export function isAway(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  return isUnreachable(error) || ('code' in error && typeof error.code === 'string' && BUSY.has(error.code));
}
