import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { DEFAULT_PAGE, MAX_PAGE } from './page-args.js';

/** How much one operation may ask for. What each number counts is said in {@link Weight}. */
export const LIMITS = { depth: 8, aliases: 30, rootFields: 10, directives: 30, cost: 20_000 } as const;
export const MAX_TOKENS = 2_000;

/** Assumed length of a list that has no `first`. */
const PLAIN_LIST = 10;

/** What an operation amounts to with its fragments put in place. */
export interface Weight {
  /** Fields within fields, the leaf included. */
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
  /** Fields to be answered at most: each counts once, and those within a list as often as the list may be long. */
  cost: number;
}

const NOTHING: Weight = { depth: 0, aliases: 0, rootFields: 0, directives: 0, cost: 0 };

/** The first limit that an operation breaks, and by how much. */
export interface Excess {
  measure: keyof Weight;
  limit: number;
  actual: number;
}

export function findExcess(weight: Weight): Excess | undefined {
  for (const measure of ['depth', 'aliases', 'rootFields', 'directives', 'cost'] as const) {
    if (weight[measure] > LIMITS[measure]) return { measure, limit: LIMITS[measure], actual: weight[measure] };
  }
  return undefined;
}

/**
 * Weighs an operation. Every fragment is weighed once however often it is spread, so a document of fragments that
 * double each other costs no more time than its length; cycles (which validation refuses) weigh nothing.
 */
export function weigh(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>> = {},
): Weight {
  const weighed = new Map<string, Weight | 'in progress'>();

  function fragment(name: string): Weight {
    const known = weighed.get(name);
    if (known) return known === 'in progress' ? NOTHING : known;
    const definition = fragments.get(name);
    if (!definition) return NOTHING; // validation says so
    weighed.set(name, 'in progress');
    const weight = selectionSet(definition.selectionSet, schema.getType(definition.typeCondition.name.value));
    weighed.set(name, weight);
    return weight;
  }

  function selectionSet(set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): Weight {
    return (set?.selections ?? []).map((node) => selection(node, parent)).reduce(plus, NOTHING);
  }

  function selection(node: SelectionNode, parent: GraphQLNamedType | undefined): Weight {
    const directives = node.directives?.length ?? 0;
    if (node.kind === Kind.FIELD) return field(node, parent, directives);
    const within =
      node.kind === Kind.FRAGMENT_SPREAD
        ? fragment(node.name.value)
        : selectionSet(node.selectionSet, node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent);
    return { ...within, directives: within.directives + directives };
  }

  function field(node: FieldNode, parent: GraphQLNamedType | undefined, directives: number): Weight {
    // Another rule judges introspection.
    if (node.name.value === '__schema' || node.name.value === '__type') return { ...NOTHING, rootFields: 1 };
    const definition = fieldOf(parent, node.name.value);
    const within = selectionSet(node.selectionSet, definition && getNamedType(definition.type));
    return {
      depth: within.depth + 1,
      aliases: within.aliases + (node.alias ? 1 : 0),
      rootFields: 1,
      directives: within.directives + directives,
      cost: 1 + within.cost * timesOf(node, definition, variables),
    };
  }

  const weight = selectionSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return { ...weight, directives: weight.directives + (operation.directives?.length ?? 0) };
}

function plus(a: Weight, b: Weight): Weight {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    rootFields: a.rootFields + b.rootFields,
    directives: a.directives + b.directives,
    cost: a.cost + b.cost,
  };
}

function fieldOf(parent: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

/** How many answers a field may have: its `first` or `last` if it takes one. The lists within a page are counted by that page. */
function timesOf(
  node: FieldNode,
  definition: GraphQLField<unknown, unknown> | undefined,
  variables: Readonly<Record<string, unknown>>,
): number {
  const paged = definition?.args.find((argument) => argument.name === 'first');
  if (paged) return asked(node, variables) ?? DEFAULT_PAGE;
  const type = definition && (isNonNullType(definition.type) ? definition.type.ofType : definition.type);
  if (!isListType(type) || ['edges', 'nodes'].includes(node.name.value)) return 1;
  return PLAIN_LIST;
}

function asked(node: FieldNode, variables: Readonly<Record<string, unknown>>): number | undefined {
  const sizes = (node.arguments ?? [])
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .map(({ value }) => {
      if (value.kind === Kind.VARIABLE) return variables[value.name.value];
      if (value.kind === Kind.NULL) return undefined;
      return value.kind === Kind.INT ? Number(value.value) : MAX_PAGE;
    })
    .filter((size) => typeof size === 'number');
  // More than a page, and both at once, are refused when the arguments are checked.
  return sizes.length > 0 ? Math.min(Math.max(...sizes, 1), MAX_PAGE) : undefined;
}
