import { endOfString, isWhiteSpace } from '@paddock/runtime';

/** A list in a JSON text: the texts of its members, and the text without them. */
export interface SplitList {
  members: string[];
  /** `[]`, or the object around the list with an empty one in its place. */
  rest: string;
}

const [QUOTE, COMMA, COLON] = [34, 44, 58];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/**
 * Divides a list of very many members without parsing it, so that they can be parsed in portions: the text is such a
 * list, or an object that has one under this name. One pass; a fault within a member shows when that member is parsed.
 * `undefined` where there is no such list, where there are two, or where brackets do not match.
 */
export function splitList(text: string, name: string): SplitList | undefined {
  const start = skipWhiteSpace(text, 0);
  if (text.charCodeAt(start) === OPEN_LIST) {
    const list = readList(text, start);
    return list && skipWhiteSpace(text, list.end) === text.length ? { members: list.members, rest: '[]' } : undefined;
  }
  return text.charCodeAt(start) === OPEN_OBJECT ? splitObject(text, start, name) : undefined;
}

function splitObject(text: string, start: number, name: string): SplitList | undefined {
  let found: SplitList | undefined;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      const end = endOfString(text, at);
      const list = depth === 1 && text.slice(at + 1, end) === name ? listAfter(text, end + 1) : undefined;
      if (list) {
        if (found) return undefined;
        found = { members: list.members, rest: `${text.slice(0, list.start)}[]${text.slice(list.end)}` };
      }
      at = list ? list.end - 1 : end;
    } else if (character === OPEN_OBJECT || character === OPEN_LIST) {
      depth += 1;
    } else if (character === CLOSE_OBJECT || character === CLOSE_LIST) {
      depth -= 1;
    }
  }
  return depth === 0 ? found : undefined;
}

interface FoundList {
  start: number;
  end: number;
  members: string[];
}

/** The list that follows the name that ends here. */
function listAfter(text: string, from: number): FoundList | undefined {
  const colon = skipWhiteSpace(text, from);
  if (text.charCodeAt(colon) !== COLON) return undefined;
  const start = skipWhiteSpace(text, colon + 1);
  return text.charCodeAt(start) === OPEN_LIST ? readList(text, start) : undefined;
}

function readList(text: string, start: number): FoundList | undefined {
  const members: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
    } else if (character === OPEN_OBJECT || character === OPEN_LIST) {
      depth += 1;
    } else if (depth > 0) {
      if (character === CLOSE_OBJECT || character === CLOSE_LIST) depth -= 1;
    } else if (character === COMMA) {
      members.push(text.slice(from, at));
      from = at + 1;
    } else if (character === CLOSE_LIST) {
      if (members.length > 0 || skipWhiteSpace(text, from) < at) members.push(text.slice(from, at));
      return { start, end: at + 1, members };
    } else if (character === CLOSE_OBJECT) {
      return undefined;
    }
  }
  return undefined;
}

function skipWhiteSpace(text: string, from: number): number {
  let at = from;
  while (isWhiteSpace(text.charCodeAt(at))) at += 1;
  return at;
}
