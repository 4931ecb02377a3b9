import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

/** Deeper than this nothing is selected; no path to a document's content is as long. */
const MAX_DEPTH = 10;
/** A path may come by a type so often: once more than in a tree, so that a release leads to the one that it reverts. */
const MAX_VISITS: Readonly<Record<string, number>> = { Release: 2 };

/** Arguments of fields below the root, by `Type.field`; one selection for each. A required argument without one is an error. */
export type FieldArguments = Readonly<Record<string, readonly string[]>>;

/**
 * Everything that a field can answer: all fields of its type and of what they lead to, whatever they are, until types
 * repeat. A field that is added to the API is selected from then on.
 */
export class WholeSelection {
  /** Every `Type.field` that was selected. */
  readonly selected = new Set<string>();
  private aliases = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly args: FieldArguments,
    /** Types of which there is nothing: only their names are selected. */
    private readonly absent: ReadonlySet<string> = new Set(),
  ) {}

  /** `{ … }` below a field of this type; empty for a leaf. */
  of(type: GraphQLNamedType, visited: readonly string[] = []): string {
    if (isLeafType(type)) return '';
    if (this.absent.has(type.name)) return '{ __typename }';
    if (isAbstractType(type)) {
      const members = isUnionType(type)
        ? type.getTypes()
        : isInterfaceType(type)
          ? this.schema.getPossibleTypes(type)
          : [];
      const parts = members.map((member) => [member.name, this.of(member, visited)] as const);
      return `{ __typename ${parts.flatMap(([name, fields]) => (fields === '' ? [] : [`... on ${name} ${fields}`])).join(' ')} }`;
    }
    if (!isObjectType(type) || visited.length >= MAX_DEPTH) return '';
    if (visited.filter((name) => name === type.name).length >= (MAX_VISITS[type.name] ?? 1)) return '';
    const fields = Object.values(type.getFields()).flatMap((field) =>
      this.field(type.name, field, [...visited, type.name]),
    );
    return fields.length > 0 ? `{ __typename ${fields.join(' ')} }` : '';
  }

  private field(parent: string, field: GraphQLField<unknown, unknown>, visited: readonly string[]): string[] {
    const type = getNamedType(field.type);
    const name = `${parent}.${field.name}`;
    const below = this.of(type, visited);
    if (below === '' && !isLeafType(type)) return [];
    const given = this.args[name];
    if (given === undefined && field.args.some(isRequiredArgument)) throw new Error(`say which arguments ${name} gets`);
    this.selected.add(name);
    // Fields of one name may differ in type between members of a union; an alias each keeps them apart.
    return (given ?? ['']).map((values) => `f${(this.aliases += 1)}: ${field.name}${values} ${below}`);
  }
}
