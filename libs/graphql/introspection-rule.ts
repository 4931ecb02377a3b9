import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { fragmentsIn, tooComplex, Weigher } from './weigher.js';

/**
 * How much of the schema one operation may read. The standard query of graphql-js, which explorers and code generators
 * send, has depth 15 and about 250 fields with its fragments in place.
 */
const INTROSPECTION_LIMITS = { introspectionDepth: 16, introspectionAliases: 5, introspectionFields: 500 } as const;
const MEASURES = ['introspectionDepth', 'introspectionAliases', 'introspectionFields'] as const;

/** Is it one of the fields by which the schema is read? */
export function readsSchema({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

/**
 * A validation rule for `__schema` and `__type`. They are left out of the limits of ordinary operations, because what
 * they cost depends on the schema alone; this rule bounds them instead. Code `QUERY_TOO_COMPLEX`.
 */
export function introspectionRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const fragments = fragmentsIn(document);
      const weigher = new Weigher(fragments);
      for (const operation of document.definitions) {
        if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
        const weights = schemaFields(operation.selectionSet, fragments).map((field) => ({
          ...weigher.weigh(field.selectionSet),
          alias: field.alias ? 1 : 0,
        }));
        const actual = {
          introspectionDepth: Math.max(0, ...weights.map(({ depth }) => depth + 1)),
          introspectionAliases: sum(weights.map(({ aliases, alias }) => aliases + alias)),
          introspectionFields: sum(weights.map(({ fields }) => fields + 1)),
        };
        for (const measure of MEASURES) {
          const limit = INTROSPECTION_LIMITS[measure];
          if (actual[measure] > limit) context.reportError(tooComplex(measure, actual[measure], limit));
        }
      }
    },
  };
}

/** The schema fields at the root of an operation, those in fragments included. Each fragment is followed once. */
function schemaFields(
  set: SelectionSetNode | undefined,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  followed = new Set<string>(),
): FieldNode[] {
  return (set?.selections ?? []).flatMap((node) => {
    if (node.kind === Kind.FIELD) return readsSchema(node) ? [node] : [];
    if (node.kind === Kind.INLINE_FRAGMENT) return schemaFields(node.selectionSet, fragments, followed);
    const name = node.name.value;
    if (followed.has(name)) return [];
    followed.add(name);
    return schemaFields(fragments.get(name)?.selectionSet, fragments, followed);
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
