/** How much one JSON text may hold. */
export interface JsonLimits {
  /** Objects and lists within each other. */
  depth: number;
  /** Members of objects and lists, all together. */
  members: number;
}

/** Default limits of request bodies: far more than any input type needs. */
export const REQUEST_JSON: JsonLimits = { depth: 64, members: 100_000 };

/** Why a JSON text is not read. */
export class UnreadableJson extends Error {
  constructor(
    /** `BAD_JSON` is no JSON, or has a name that reaches prototypes; the others are limits. */
    readonly code: 'BAD_JSON' | 'JSON_TOO_DEEP' | 'JSON_TOO_MANY_MEMBERS',
    message: string,
    /** In UTF-16 code units, from 0; absent where a long text does not show it. */
    readonly position: number | undefined,
    readonly excess?: { readonly limit: number; readonly actual: number },
  ) {
    super(message);
  }
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/**
 * Parses a JSON text from outside once one pass has found it within its limits: `JSON.parse` takes any depth, and what
 * walks through the value afterwards does not. Members named `__proto__`, and `constructor` with a `prototype`, are refused,
 * since code that copies objects carelessly would take them for the object's own.
 * @param parse another reader of JSON that throws as `JSON.parse` does
 * @throws UnreadableJson
 */
export function parseBoundedJson(
  text: string,
  limits: JsonLimits = REQUEST_JSON,
  parse: (text: string) => unknown = JSON.parse,
): unknown {
  checkJson(text, limits);
  try {
    return parse(text);
  } catch (error) {
    throw notJson(text, error);
  }
}

/** Counting stops at a depth far beyond the limit. */
const MOST_COUNTED = 100_000;

/** @throws UnreadableJson where a text exceeds its limits or names a prototype; whether it is JSON is not checked */
export function checkJson(text: string, limits: JsonLimits): void {
  let [depth, deepest, members] = [0, 0, 0];
  let [tooDeepAt, tooManyAt] = [-1, -1];
  // The depths of the values of `constructor` that are open.
  const constructors: number[] = [];
  let afterConstructor = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      const end = endOfString(text, at);
      const name = colonFollows(text, end + 1) ? nameOf(text, at, end) : '';
      if (name === '__proto__' || (name === 'prototype' && constructors.at(-1) === depth)) throw pollutes(name, at);
      afterConstructor = name === 'constructor';
      at = end;
    } else if (character === OPEN_OBJECT || character === OPEN_LIST) {
      depth += 1;
      members += 1;
      if (depth > deepest) deepest = depth;
      if (depth > MOST_COUNTED && depth > limits.depth) break;
      if (depth > limits.depth && tooDeepAt < 0) tooDeepAt = at;
      if (afterConstructor && character === OPEN_OBJECT) constructors.push(depth);
      afterConstructor = false;
    } else if (character === CLOSE_OBJECT || character === CLOSE_LIST) {
      if (constructors.at(-1) === depth) constructors.pop();
      depth -= 1;
    } else if (character === COMMA) {
      members += 1;
    }
    if (members > limits.members && tooManyAt < 0) tooManyAt = at;
  }
  if (tooDeepAt >= 0) throw beyond('JSON_TOO_DEEP', 'levels of objects and lists', limits.depth, deepest, tooDeepAt);
  if (tooManyAt >= 0) throw beyond('JSON_TOO_MANY_MEMBERS', 'members', limits.members, members, tooManyAt);
}

function beyond(
  code: 'JSON_TOO_DEEP' | 'JSON_TOO_MANY_MEMBERS',
  what: string,
  limit: number,
  actual: number,
  position: number,
): UnreadableJson {
  return new UnreadableJson(
    code,
    `the body has ${actual} ${what}, at most ${limit} are allowed; it goes beyond that at position ${position}`,
    position,
    { limit, actual },
  );
}

function pollutes(name: string, position: number): UnreadableJson {
  const member = name === 'prototype' ? 'constructor.prototype' : name;
  return new UnreadableJson(
    'BAD_JSON',
    `the body has a member that is not allowed: "${member}" at position ${position}`,
    position,
  );
}

/** Why a text is not JSON, and where it breaks. */
export function notJson(text: string, error: unknown): UnreadableJson {
  if (text.trim() === '') return new UnreadableJson('BAD_JSON', 'the body is empty', 0);
  const position = breaksAt(text, error);
  return new UnreadableJson(
    'BAD_JSON',
    `the body is not JSON${position === undefined ? '' : `: it breaks at position ${position}`}`,
    position,
  );
}

/** Longer texts would be parsed too often. */
const LONGEST_SEARCHED = 128 * 1024;

/**
 * Where a text stops being JSON. The engine reports some positions only: otherwise it is the end of the longest prefix
 * that could be completed.
 */
function breaksAt(text: string, error: unknown): number | undefined {
  const said = positionIn(error) ?? (endsEarly(text, error) ? text.length : undefined);
  if (said !== undefined || text.length > LONGEST_SEARCHED) return said;
  let [fine, broken] = [0, text.length];
  while (fine + 1 < broken) {
    const middle = (fine + broken) >> 1;
    if (couldGoOn(text.slice(0, middle))) fine = middle;
    else broken = middle;
  }
  return fine;
}

function couldGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    return endsEarly(beginning, error);
  }
}

function endsEarly(text: string, error: unknown): boolean {
  return positionIn(error) === text.length || /^(?:Unexpected end|Unterminated string)/.test(messageOf(error));
}

function positionIn(error: unknown): number | undefined {
  const [, found] = /at position (\d+)/.exec(messageOf(error)) ?? [];
  return found === undefined ? undefined : Number(found);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/** The place of the quote that ends a string; the end of the text where none does. */
export function endOfString(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1);
  if (quote < 0) return text.length;
  // The search finds the end of a text without escapes much sooner; with them, one by one is linear.
  if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote;
  let at = start + 1;
  for (let character = text.charCodeAt(at); at < text.length && character !== QUOTE; character = text.charCodeAt(at))
    at += character === BACKSLASH ? 2 : 1;
  return Math.min(at, text.length);
}

function colonFollows(text: string, from: number): boolean {
  let at = from;
  while (isWhiteSpace(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

export function isWhiteSpace(character: number): boolean {
  return character === 32 || character === 10 || character === 13 || character === 9;
}

/** A name as a parser would read it; only short ones can be of interest. */
const LONGEST_NAME = 6 * 'constructor'.length;

function nameOf(text: string, start: number, end: number): string {
  if (end - start > LONGEST_NAME) return '';
  const written = text.slice(start + 1, end);
  if (!written.includes('\\')) return written;
  try {
    return String(JSON.parse(`"${written}"`));
  } catch {
    return '';
  }
}
