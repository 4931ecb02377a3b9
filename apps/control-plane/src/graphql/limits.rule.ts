import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  type Source,
  TokenKind,
  type ValidationContext,
} from 'graphql';
import { type Excess, findExcess, MAX_TOKENS, weigh } from './limits.js';

/** Refuses what is too deep or too broad, before any resolver runs; `cost` waits for the variables. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const fragments = fragmentsOf(document);
      for (const operation of document.definitions.filter(
        (definition) => definition.kind === Kind.OPERATION_DEFINITION,
      )) {
        const excess = findExcess({ ...weigh(context.getSchema(), operation, fragments), cost: 0 });
        if (excess) context.reportError(tooComplex(excess, operation));
      }
    },
  };
}

/** The error of an operation that asks for too much with these variables. */
export function costProblem(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName);
  const excess = operation && findExcess(weigh(schema, operation, fragmentsOf(document), variables ?? {}));
  return excess ? tooComplex(excess, operation) : undefined;
}

/** The parser stops after {@link MAX_TOKENS}; this says so as the other limits do. */
export function tooManyTokens(source: Source): GraphQLError {
  return tooComplex({ measure: 'tokens', limit: MAX_TOKENS, actual: countTokens(source) });
}

/** Did parsing stop because of the number of tokens? (The spelling is graphql-js's own.) */
export function stoppedAtTokenLimit(error: { readonly message: string }): boolean {
  return error.message.includes(`Document contains more that ${MAX_TOKENS} tokens`);
}

type TooMuch = Excess | { measure: 'tokens'; limit: number; actual: number };

function tooComplex({ measure, limit, actual }: TooMuch, node?: OperationDefinitionNode): GraphQLError {
  const code = 'QUERY_TOO_COMPLEX';
  return new GraphQLError(`the operation is too complex: ${measure} ${actual}, the limit is ${limit}`, {
    ...(node ? { nodes: node } : {}),
    extensions: { code, validationErrorCode: code, measure, limit, actual, http: { status: 400 } },
  });
}

function countTokens(source: Source): number {
  const lexer = new Lexer(source);
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  } catch {
    // What follows is no token: as many as there were is an answer, too.
  }
  return count;
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}
