import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isUnreachable, type Logger, requestContext } from '@paddock/runtime';
import { publicMessage } from './public-message.js';
import { csrfRefusal } from './safe-gets.js';
import { stoppedAtMistakes, tooManyMistakes } from './too-many-mistakes.js';

/** What callers see of an error: a message, and extensions with a stable code. */
export interface ShownError {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** How an app shows its own errors; `undefined` for all others. */
export type Explain = (cause: unknown) => ShownError | undefined;

/** What {@link presentError} needs to know of an app. */
export interface ErrorPresentation {
  readonly logger: Logger;
  readonly explain?: Explain | undefined;
}

const INTERNAL_EXTENSIONS = new Set(['stacktrace', 'originalError', 'validationErrorCode', 'http']);

/** Codes of the libraries below and what we call them. */
const RENAMED: Readonly<Record<string, string>> = {
  INTERNAL_SERVER_ERROR: 'INTERNAL',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
};

/**
 * Makes an error into what callers see: a stable code, the id that finds the request in our logs, and nothing internal.
 * An error that only a programmer can correct is logged here, once, and its message is withheld.
 */
export function presentError(
  presentation: ErrorPresentation,
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId = requestContext()?.requestId,
): GraphQLFormattedError {
  const { message, extensions } = present(presentation, formatted, error);
  return {
    message: publicMessage({ message, ...(formatted.extensions ? { extensions: formatted.extensions } : {}) }),
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: { ...extensions, ...(requestId === undefined ? {} : { requestId }) },
  };
}

function present({ logger, explain }: ErrorPresentation, formatted: GraphQLFormattedError, error: unknown): ShownError {
  const { message, extensions, path } = formatted;
  const forged = csrfRefusal(message);
  if (forged) return forged;
  if (stoppedAtMistakes(message)) return tooManyMistakes();
  const cause = causeOf(error);
  const explained = explain?.(cause);
  if (explained) return explained;
  if (isUnreachable(cause)) {
    logger.warn({ err: cause, path }, 'a server behind this one is unavailable');
    return {
      message: 'a part of the system is unavailable at the moment; try again',
      extensions: { code: 'UNAVAILABLE' },
    };
  }
  const code = codeOf(formatted);
  if (code === 'INTERNAL') {
    logger.error({ err: cause, path }, 'unexpected error');
    return {
      message: 'something went wrong here; the request id finds it in the logs',
      extensions: { code },
    };
  }
  return { message, extensions: { ...publicExtensions(extensions), code } };
}

/** What a resolver threw, below the layers that GraphQL puts around it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

function codeOf({ extensions }: GraphQLFormattedError): string {
  // Apollo gives all validation errors one code, and leaves a finer one beside it.
  const finer = extensions?.['validationErrorCode'];
  if (typeof finer === 'string') return finer;
  const code = extensions?.['code'];
  return typeof code === 'string' ? (RENAMED[code] ?? code) : 'INTERNAL';
}

/** The extensions of an error without those that only this process needs. */
export function publicExtensions(extensions: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions).filter(([name]) => !INTERNAL_EXTENSIONS.has(name)));
}
