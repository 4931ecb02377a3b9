import type { GraphQLFormattedError } from 'graphql';

const MAX_MESSAGE_LENGTH = 500;
/** Longest part of a sent text in a message: enough to find it again. */
const MAX_QUOTED_LENGTH = 60;

const INTROSPECTION =
  'introspection is off here: GRAPHQL_INTROSPECTION is off, which is its default in production; its operator can set it to on';

/**
 * An error message for callers: the whole reason, and only the beginnings of the values that they sent. graphql-js quotes
 * a value before its reason, so that cutting the end would cut the reason.
 */
export function publicMessage({ message, extensions }: Pick<GraphQLFormattedError, 'message' | 'extensions'>): string {
  // Apollo's names an option of its own, which no operator of Paddock can set.
  if (extensions?.['validationErrorCode'] === 'INTROSPECTION_DISABLED') return INTROSPECTION;
  const shortened = message.replace(/"(?:[^"\\]|\\[^])*"/g, shortQuote);
  return shortened.length > MAX_MESSAGE_LENGTH ? `${shortened.slice(0, MAX_MESSAGE_LENGTH)}…` : shortened;
}

function shortQuote(quoted: string): string {
  return quoted.length > MAX_QUOTED_LENGTH ? `${quoted.slice(0, MAX_QUOTED_LENGTH).toWellFormed()}…"` : quoted;
}
