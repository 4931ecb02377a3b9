import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/** Was this field asked for, directly below the one that is being resolved? Counts cost, so they are made on demand. */
export function isSelected(info: GraphQLResolveInfo, path: string): boolean {
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return below(info, sets, path.split('.'));
}

function below(
  info: GraphQLResolveInfo,
  sets: readonly SelectionSetNode[],
  [name, ...rest]: readonly string[],
): boolean {
  if (name === undefined) return true;
  const found = sets.flatMap((set) => fieldsOf(info, set)).filter((field) => field.name.value === name);
  return (
    found.length > 0 &&
    below(
      info,
      found.flatMap(({ selectionSet }) => selectionSet ?? []),
      rest,
    )
  );
}

/** The fields of a selection, with its fragments put in place. Validation has refused fragments that spread themselves. */
function fieldsOf(info: GraphQLResolveInfo, { selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    const set = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : info.fragments[node.name.value]?.selectionSet;
    return set ? fieldsOf(info, set) : [];
  });
}
