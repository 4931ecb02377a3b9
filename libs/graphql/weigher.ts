import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** How much a selection asks for, with its fragments in place. */
export interface Weight {
  /** Fields within fields, the leaf included. */
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
  fields: number;
}

/** Weighs every fragment once, however often it is spread; cycles, which validation refuses, weigh nothing. */
export class Weigher {
  private readonly weights = new Map<string, Weight>();

  /** @param isLeaf fields whose selections another rule weighs */
  constructor(
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly isLeaf: (field: FieldNode) => boolean = () => false,
  ) {}

  weigh(set: SelectionSetNode | undefined): Weight {
    const total = nothing();
    for (const node of set?.selections ?? []) {
      const within =
        node.kind === Kind.FRAGMENT_SPREAD
          ? this.fragment(node.name.value)
          : node.kind === Kind.FIELD && this.isLeaf(node)
            ? nothing()
            : this.weigh(node.selectionSet);
      const isField = node.kind === Kind.FIELD;
      total.depth = Math.max(total.depth, within.depth + (isField ? 1 : 0));
      total.directives += within.directives + (node.directives?.length ?? 0);
      total.aliases += within.aliases + (isField && node.alias ? 1 : 0);
      total.rootFields += isField ? 1 : within.rootFields;
      total.fields += within.fields + (isField ? 1 : 0);
    }
    return total;
  }

  private fragment(name: string): Weight {
    const known = this.weights.get(name);
    if (known) return known;
    this.weights.set(name, nothing());
    const weight = this.weigh(this.fragments.get(name)?.selectionSet);
    this.weights.set(name, weight);
    return weight;
  }
}

/** The fragments of a document by their names. */
export function fragmentsIn({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
}

/** The code of operations that ask for too much. */
export const TOO_COMPLEX = 'QUERY_TOO_COMPLEX';

/** The error of an operation that asks for too much: which measure, how much, and the limit. */
export function tooComplex(measure: string, actual: number, limit: number, node?: ASTNode): GraphQLError {
  return new GraphQLError(`the operation is too complex: ${measure} ${actual}, the limit is ${limit}`, {
    nodes: node ?? null,
    // Apollo gives all errors of validation one code, and leaves `validationErrorCode` beside it.
    extensions: { code: TOO_COMPLEX, validationErrorCode: TOO_COMPLEX, measure, limit, actual, http: { status: 400 } },
  });
}

function nothing(): Weight {
  return { depth: 0, aliases: 0, rootFields: 0, directives: 0, fields: 0 };
}
