import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { exactNumber, InexactNumber, INSTANT_EXPECTED, parseInstant } from '@paddock/contracts';

/** What a DATETIME column can hold. */
const [EARLIEST, LATEST] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31, 23, 59, 59, 999)];

/** An instant: RFC 3339 with any offset on the way in, UTC with milliseconds on the way out. A `Date` in code. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'An instant as RFC 3339: `2026-11-20T18:00:00Z`. Any offset is understood; answers are in UTC.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw new TypeError('a DateTime must be a valid Date');
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node)),
});

function parseDateTime(value: unknown): Date {
  const at = typeof value === 'string' ? parseInstant(value) : undefined;
  if (at !== undefined && at >= EARLIEST && at <= LATEST) return new Date(at);
  throw badInput(`${shown(value)} is not ${INSTANT_EXPECTED}, from the year 1000 to 9999`);
}

/** How many levels of lists and objects a JSON input may have. */
export const MAX_JSON_DEPTH = 20;
/** How many bytes a JSON input may have as UTF-8 text. */
export const MAX_JSON_BYTES = 64 * 1024;

/** Any JSON. Inputs are bounded, because props and JSON Schemas of documents are stored and walked through. */
export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: `Any JSON value. As input: nested up to ${MAX_JSON_DEPTH} deep, up to ${MAX_JSON_BYTES} bytes.`,
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: parseJson,
  parseLiteral: (node: ValueNode, variables) => parseJson(literalValue(node, variables)),
});

/** A literal as JSON. Numbers that would change stay apart; the rules of each body refuse them by their place. */
function literalValue(node: ValueNode, variables: Readonly<Record<string, unknown>> | null | undefined): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return exactNumber(node.value);
    case Kind.LIST:
      return node.values.map((value) => literalValue(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalValue(value, variables)]));
    default:
      return valueFromASTUntyped(node, variables);
  }
}

function parseJson(value: unknown): unknown {
  const copy = boundedCopy(value, 1);
  const bytes = Buffer.byteLength(JSON.stringify(copy));
  if (bytes > MAX_JSON_BYTES) throw badInput(`JSON may have up to ${MAX_JSON_BYTES} bytes, not ${bytes}`);
  return copy;
}

/** Copies plain data and nothing else, so that nothing that follows meets a foreign prototype. */
function boundedCopy(value: unknown, depth: number): unknown {
  if (depth > MAX_JSON_DEPTH) throw badInput(`JSON may be nested up to ${MAX_JSON_DEPTH} deep`);
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null || value instanceof InexactNumber) return value;
  if (Array.isArray(value)) return value.map((item) => boundedCopy(item, depth + 1));
  const members = Object.entries(value).map(
    ([name, member]) => [memberName(name), boundedCopy(member, depth + 1)] as const,
  );
  return Object.fromEntries(members);
}

/** Names that lead to prototypes where code copies carelessly. Nest's ValidationPipe drops them without a word. */
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

function memberName(name: string): string {
  if (PROTOTYPE_NAMES.has(name)) throw badInput(`JSON may not have a member "${name}"`);
  return wellFormed(name);
}

/** A lone surrogate cannot be stored as UTF-8, so what came back would not be what was sent. */
function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw badInput(`${shown(text)} is not well-formed Unicode: it has a lone surrogate`);
  return text;
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
