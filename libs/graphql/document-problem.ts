import {
  type DocumentNode,
  type GraphQLError,
  Kind,
  Lexer,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql';
import { tooComplex } from './weigher.js';

/** Limits of a GraphQL document's text, checked before it is parsed. */
export interface DocumentLimits {
  readonly tokens: number;
}

/** Brackets within each other: selections, input objects and lists alike. */
const MAX_NESTING = 64;
/** The same response name within one selection; each is compared with every other. */
const MAX_REPETITIONS = 50;
/** Fragments are compared with each other, too. */
const MAX_FRAGMENTS = 30;

/**
 * Why a document is too costly to validate: code `QUERY_TOO_COMPLEX` with `measure`, `limit` and `actual`. To be called
 * before graphql-js parses for good: its parser and its rules follow brackets by recursion, and its rule on fields that could
 * be merged compares each pair of them. What is wrong with the syntax is left to graphql-js.
 * @param variables of the operation, which are followed by recursion as well
 */
export function documentProblem(
  query: string,
  { tokens }: DocumentLimits,
  variables?: unknown,
): GraphQLError | undefined {
  const levels = depthOf(variables);
  if (levels > MAX_NESTING) return tooComplex('nesting', levels, MAX_NESTING);
  const counted = countTokens(query);
  if (counted.tokens > tokens) return tooComplex('tokens', counted.tokens, tokens);
  if (counted.nesting > MAX_NESTING) return tooComplex('nesting', counted.nesting, MAX_NESTING);
  const document = parsed(query, tokens);
  if (!document) return undefined;
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).length;
  if (fragments > MAX_FRAGMENTS) return tooComplex('fragments', fragments, MAX_FRAGMENTS);
  const repetitions = Math.max(
    0,
    ...document.definitions.map((definition) =>
      'selectionSet' in definition ? mostRepeated(definition.selectionSet) : 0,
    ),
  );
  return repetitions > MAX_REPETITIONS ? tooComplex('repetitions', repetitions, MAX_REPETITIONS) : undefined;
}

/** Level by level and not by recursion, which is what deep values break. */
function depthOf(value: unknown): number {
  let depth = 0;
  for (let level = [value].filter(isNested); level.length > 0; depth += 1)
    level = level.flatMap((member) => Object.values(member).filter(isNested));
  return depth;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function countTokens(query: string): { tokens: number; nesting: number } {
  const lexer = new Lexer(new Source(query));
  let [tokens, depth, nesting] = [0, 0, 0];
  try {
    for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
      tokens += 1;
      if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L || kind === TokenKind.PAREN_L)
        nesting = Math.max(nesting, (depth += 1));
      if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R || kind === TokenKind.PAREN_R) depth -= 1;
    }
  } catch {
    // The rest is no token: the count up to here is enough.
  }
  return { tokens, nesting };
}

function parsed(query: string, maxTokens: number): DocumentNode | undefined {
  try {
    return parse(query, { maxTokens, noLocation: true });
  } catch {
    return undefined;
  }
}

/** How often a response name stands at most within one selection; inline fragments are part of the selection around them. */
function mostRepeated(set: SelectionSetNode | undefined, counts = new Map<string, number>()): number {
  let most = 0;
  for (const node of set?.selections ?? []) {
    if (node.kind === Kind.INLINE_FRAGMENT) most = Math.max(most, mostRepeated(node.selectionSet, counts));
    const name =
      node.kind === Kind.FIELD
        ? (node.alias ?? node.name).value
        : node.kind === Kind.FRAGMENT_SPREAD
          ? `...${node.name.value}`
          : undefined;
    if (name === undefined) continue;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    most = Math.max(most, count, node.kind === Kind.FIELD ? mostRepeated(node.selectionSet) : 0);
  }
  return most;
}
