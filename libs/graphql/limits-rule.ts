import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLFormattedError,
  Kind,
  Lexer,
  type SelectionSetNode,
  type Source,
  TokenKind,
  type ValidationContext,
} from 'graphql';

/** How much an operation may be, fragments put in place. */
export interface OperationLimits {
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
}

const MEASURES = ['depth', 'aliases', 'rootFields', 'directives'] as const satisfies (keyof OperationLimits)[];

type Weight = OperationLimits;

/** A validation rule that refuses what is too deep or too broad before any resolver runs; code `QUERY_TOO_COMPLEX` with `measure`, `limit` and `actual`. */
export function limitsRule(limits: OperationLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    Document({ definitions }) {
      const fragments = new Map<string, FragmentDefinitionNode>();
      for (const definition of definitions)
        if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
      const weigher = new Weigher(fragments);
      for (const definition of definitions) {
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

/** Weighs every fragment once, however often it is spread; cycles, which validation refuses, weigh nothing. */
class Weigher {
  private readonly weights = new Map<string, Weight>();

  constructor(private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>) {}

  weigh(set: SelectionSetNode | undefined): Weight {
    const total = { depth: 0, aliases: 0, rootFields: 0, directives: 0 };
    for (const node of set?.selections ?? []) {
      total.directives += node.directives?.length ?? 0;
      const within =
        node.kind === Kind.FRAGMENT_SPREAD ? this.fragment(node.name.value) : this.weigh(node.selectionSet);
      const isField = node.kind === Kind.FIELD;
      total.depth = Math.max(total.depth, within.depth + (isField ? 1 : 0));
      total.directives += within.directives;
      total.aliases += within.aliases + (isField && node.alias ? 1 : 0);
      total.rootFields += isField ? 1 : within.rootFields;
    }
    return total;
  }

  private fragment(name: string): Weight {
    const known = this.weights.get(name);
    if (known) return known;
    this.weights.set(name, { depth: 0, aliases: 0, rootFields: 0, directives: 0 });
    const weight = this.weigh(this.fragments.get(name)?.selectionSet);
    this.weights.set(name, weight);
    return weight;
  }
}

function tooComplex(measure: keyof Weight, actual: number, limit: number): GraphQLError {
  return new GraphQLError(`the operation is too complex: ${measure} ${actual}, the limit is ${limit}`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', measure, limit, actual, http: { status: 400 } },
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
