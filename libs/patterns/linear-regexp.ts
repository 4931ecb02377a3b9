import { RE2JS } from 're2js';

const MAX_PATTERN_LENGTH = 500;

/**
 * A pattern of a JSON Schema, matched in time that grows with the length of the text alone: schemas and what they are held
 * against come from people, and JavaScript's own engine can be kept busy for years by `(a+)+$`. RE2 does without
 * look-around and back-references; `\s` and `\w` mean ASCII.
 */
export interface LinearRegExp {
  test(text: string): boolean;
  /** The pattern itself: ajv identifies patterns by it. */
  toString(): string;
}

/** @throws Error where the pattern is too long, or not one of RE2's */
export function compileLinear(pattern: string): LinearRegExp {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new Error(`a pattern of ${pattern.length} characters, at most ${MAX_PATTERN_LENGTH} are allowed`);
  }
  const regExp = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return { test: (text) => regExp.matcher(text).find(), toString: () => pattern };
}

/** For ajv's option `code.regExp`, so that whatever a schema's patterns are, no text stalls the process. */
export const linearEngine = Object.assign((pattern: string): LinearRegExp => compileLinear(pattern), {
  code: 'compileLinear',
});

/** What is wrong with a pattern, if anything. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compileLinear(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace('error parsing regexp: ', '') : 'it cannot be compiled';
  }
}
