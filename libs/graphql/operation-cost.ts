import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getOperationAST,
  type GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { readsSchema } from './introspection-rule.js';
import { fragmentsIn, tooComplex } from './weigher.js';

/** How many fields one operation may have answered, and how lists are counted. */
export interface CostLimit {
  /** Each field counts once, and the fields of a list as often as the list may be long. */
  readonly most: number;
  /** The length of a page whose field takes `first`, when it is not given. */
  readonly defaultPage: number;
  /** The longest page. */
  readonly maxPage: number;
}

/** Assumed length of a list that has no `first`. */
const PLAIN_LIST = 10;

type Variables = Readonly<Record<string, unknown>>;

/** The error of an operation that costs too much with these variables; code `QUERY_TOO_COMPLEX`, measure `cost`. */
export function costProblem(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operationName, variables }: { operationName?: string | null | undefined; variables?: Variables | null | undefined },
  limit: CostLimit,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const counter = new CostCounter(schema, fragmentsIn(document), variables ?? {}, limit);
  const cost = counter.of(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return cost > limit.most ? tooComplex('cost', cost, limit.most, operation) : undefined;
}

/**
 * Counts each fragment once however often it is spread, so a document of fragments that double each other takes no more
 * time than its length. Cycles, which validation refuses, cost nothing.
 */
class CostCounter {
  private readonly counted = new Map<string, number>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: Variables,
    private readonly limit: CostLimit,
  ) {}

  of(set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): number {
    return (set?.selections ?? []).reduce((total, node) => total + this.selection(node, parent), 0);
  }

  private selection(node: SelectionNode, parent: GraphQLNamedType | undefined): number {
    if (node.kind === Kind.FRAGMENT_SPREAD) return this.fragment(node.name.value);
    if (node.kind === Kind.FIELD) return this.field(node, parent);
    return this.of(node.selectionSet, node.typeCondition ? this.schema.getType(node.typeCondition.name.value) : parent);
  }

  private fragment(name: string): number {
    const known = this.counted.get(name);
    if (known !== undefined) return known;
    this.counted.set(name, 0);
    const definition = this.fragments.get(name);
    const type = definition && this.schema.getType(definition.typeCondition.name.value);
    const cost = this.of(definition?.selectionSet, type);
    this.counted.set(name, cost);
    return cost;
  }

  private field(node: FieldNode, parent: GraphQLNamedType | undefined): number {
    // The rule for introspection judges these.
    if (readsSchema(node)) return 0;
    const definition = fieldOf(parent, node.name.value);
    const within = this.of(node.selectionSet, definition && getNamedType(definition.type));
    return 1 + within * this.timesOf(node, definition);
  }

  /** How many answers a field may have: its `first` or `last` if it takes one. A page counts the lists within it. */
  private timesOf(node: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): number {
    if (definition?.args.some(({ name }) => name === 'first')) return this.pageOf(node);
    const type = definition && (isNonNullType(definition.type) ? definition.type.ofType : definition.type);
    if (!isListType(type) || ['edges', 'nodes'].includes(node.name.value)) return 1;
    return PLAIN_LIST;
  }

  private pageOf(node: FieldNode): number {
    const { defaultPage, maxPage } = this.limit;
    const sizes = (node.arguments ?? [])
      .filter(({ name }) => name.value === 'first' || name.value === 'last')
      .map(({ value }) => {
        if (value.kind === Kind.VARIABLE) return this.variables[value.name.value];
        if (value.kind === Kind.NULL) return undefined;
        return value.kind === Kind.INT ? Number(value.value) : maxPage;
      })
      .filter((size) => typeof size === 'number');
    // More than a page, and both at once, are refused when the arguments are checked.
    return sizes.length > 0 ? Math.min(Math.max(...sizes, 1), maxPage) : defaultPage;
  }
}

function fieldOf(parent: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}
