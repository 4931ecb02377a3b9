import type { GraphQLFormattedError } from 'graphql';

/** After so many mistakes graphql-js validates no further. */
const MAX_MISTAKES = 100;

/** Is it what graphql-js says when it stops? (It sets no code.) */
export function stoppedAtMistakes(message: string): boolean {
  return message.endsWith('Validation aborted.');
}

/** graphql-js only says that it stopped; this says at which limit. */
export function tooManyMistakes(): { message: string; extensions: NonNullable<GraphQLFormattedError['extensions']> } {
  const actual = MAX_MISTAKES + 1;
  const message = `the operation is too complex: mistakes ${actual} or more, the limit is ${MAX_MISTAKES}; only that many are listed`;
  return { message, extensions: { code: 'QUERY_TOO_COMPLEX', measure: 'mistakes', limit: MAX_MISTAKES, actual } };
}
