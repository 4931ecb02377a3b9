import {
  type ASTVisitor,
  type GraphQLFormattedError,
  Kind,
  Lexer,
  type Source,
  TokenKind,
  type ValidationContext,
} from 'graphql';
import { readsSchema } from './introspection-rule.js';
import { fragmentsIn, tooComplex, Weigher } from './weigher.js';

/** How much an operation may be, fragments put in place. */
export interface OperationLimits {
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
}

const MEASURES = ['depth', 'aliases', 'rootFields', 'directives'] as const satisfies (keyof OperationLimits)[];

/**
 * A validation rule that refuses what is too deep or too broad before any resolver runs; code `QUERY_TOO_COMPLEX` with
 * `measure`, `limit` and `actual`. What `__schema` and `__type` select is judged by the rule for introspection.
 */
export function limitsRule(limits: OperationLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    Document(document) {
      const weigher = new Weigher(fragmentsIn(document), readsSchema);
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
        const weight = weigher.weigh(definition.selectionSet);
        weight.directives += definition.directives?.length ?? 0;
        for (const measure of MEASURES) {
          if (weight[measure] > limits[measure])
            context.reportError(tooComplex(measure, weight[measure], limits[measure]));
        }
      }
    },
  });
}

const TOKEN_LIMIT = /Document contains more that (\d+) tokens/;

/** The number of tokens at which parsing stopped, where it did because of it. (The spelling is graphql-js's own.) */
export function stoppedAtTokens(error: { readonly message: string }): number | undefined {
  const [, limit] = TOKEN_LIMIT.exec(error.message) ?? [];
  return limit === undefined ? undefined : Number(limit);
}

/** The parser only says that it stopped; this says how many there are, as the other limits do. */
export function tooManyTokens(source: Source, limit: number): GraphQLFormattedError {
  const lexer = new Lexer(source);
  let actual = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) actual += 1;
  } catch {
    // What follows is no token: as many as there were is an answer, too.
  }
  const message = `the operation is too complex: tokens ${actual}, the limit is ${limit}`;
  return { message, extensions: { code: 'QUERY_TOO_COMPLEX', measure: 'tokens', limit, actual } };
}
