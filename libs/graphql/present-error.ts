import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Logger, requestContext } from '#runtime';
import { stoppedAtTokens, tooManyTokens } from './limits-rule.js';
import { publicMessage } from './public-message.js';
import { csrfRefusal } from './safe-gets.js';
import { stoppedAtMistakes, tooManyMistakes } from './too-many-mistakes.js';

const INTERNAL_EXTENSIONS = new Set(['stacktrace', 'originalError', 'validationErrorCode', 'http']);

/** Makes an error into what callers see: a stable code, the id that finds the request in our logs, and nothing internal. */
export function presentError(
  logger: Logger,
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId = requestContext()?.requestId,
): GraphQLFormattedError {
  const { extensions, ...shown } = present(logger, formatted, error);
  return { ...shown, extensions: { ...extensions, ...(requestId === undefined ? {} : { requestId }) } };
}

function present(logger: Logger, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { message, extensions = {}, locations, path } = formatted;
  const tokens = error instanceof GraphQLError ? stoppedAtTokens(error) : undefined;
  if (error instanceof GraphQLError && error.source && tokens !== undefined) return tooManyTokens(error.source, tokens);
  // Apollo gives every refused operation its own code.
  if ('measure' in extensions)
    return { message, extensions: { ...publicParts(extensions), code: 'QUERY_TOO_COMPLEX' } };
  if (extensions['validationErrorCode'] === 'INTROSPECTION_DISABLED')
    return { message: publicMessage(formatted), extensions: { code: 'INTROSPECTION_DISABLED' } };
  const forged = csrfRefusal(message);
  if (forged) return forged;
  if (stoppedAtMistakes(message)) return tooManyMistakes();
  if (typeof extensions['code'] !== 'string' || extensions['code'] === 'INTERNAL_SERVER_ERROR') {
    logger.error({ err: error, path }, 'unexpected error');
    return { message: 'something went wrong here', extensions: { code: 'INTERNAL' } };
  }
  return {
    message: publicMessage(formatted),
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: publicParts(extensions),
  };
}

function publicParts(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions).filter(([name]) => !INTERNAL_EXTENSIONS.has(name)));
}
