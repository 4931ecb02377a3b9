import {
  type AdoptionBody,
  type AdoptionField,
  type AdoptionFilter,
  type AdoptionJoin,
  joinsOf,
} from '@paddock/contracts';
import { FieldProblem } from '../../graphql/problems.js';
import { type ColumnSchema, columnNamed, isUniqueIn, type TableSchema } from '../inspection/table-schema.js';
import { isReadableCharset, isWritableCharset } from './charsets.js';
import { joinPath } from './mapping-problems.js';
import { transformOf } from './transforms.js';

/** A column that a mapping reads. */
export interface AdoptedColumn {
  /** `column`, or `name.column` of a joined table. */
  ref: string;
  joined: boolean;
  /** Of a joined column: which of the joins it belongs to. */
  join?: number;
  schema: ColumnSchema;
}

/** A joined table of a mapping. */
export interface CompiledJoin {
  readonly join: AdoptionJoin;
  /** What it is called in `name.column`. */
  readonly name: string;
  readonly table: TableSchema;
  /** Columns of the other side, in the order of `join.on`. */
  readonly from: readonly AdoptedColumn[];
  /** Is it joined? Otherwise it is a condition: rows must have a partner, and may have several. */
  readonly read: boolean;
}

/** A row as it was read: the cells of {@link CompiledMapping.columns}, in that order, byte for byte. */
export type Row = readonly (Buffer | null)[];

/** A mapping that fits the tables as they are now. */
export interface CompiledMapping {
  readonly body: AdoptionBody;
  readonly table: TableSchema;
  readonly joins: readonly CompiledJoin[];
  /** The row's key, then every other column that the mapping reads, in the order of names: what row hashes cover. */
  readonly columns: readonly AdoptedColumn[];
  /** How many of `columns` are the key. */
  readonly keyLength: number;
  readonly fields: readonly { field: AdoptionField; at: number; column: AdoptedColumn }[];
  /** Where in `columns` those stand that documents are gathered by. */
  readonly gatherAt: readonly number[] | undefined;
}

/** Resolves a mapping's names against the tables, or says everything that does not fit. */
export function compileMapping(
  body: AdoptionBody,
  tables: readonly TableSchema[],
): { ok: true; mapping: CompiledMapping } | { ok: false; problems: FieldProblem[] } {
  const table = tables.find(({ name }) => name === body.table);
  const joined = joinsOf(body).map((join) => ({
    join,
    name: join.as ?? join.table,
    table: tables.find(({ name }) => name === join.table),
  }));
  const missing = [
    ...(table ? [] : [['table', body.table] as const]),
    ...joined.flatMap((one, at) => (one.table ? [] : [[`${joinPath(body, at)}.table`, one.join.table] as const])),
  ];
  const partners = joined.flatMap(({ table: partner, ...rest }) => (partner ? [{ ...rest, table: partner }] : []));
  if (!table || missing.length > 0) {
    return {
      ok: false,
      problems: missing.map(
        ([path, name]) =>
          new FieldProblem(
            path,
            'UNKNOWN_TABLE',
            `the source has no table ${JSON.stringify(name)}, or its user may not read it`,
          ),
      ),
    };
  }
  const find = (ref: string): AdoptedColumn | undefined => resolve(ref, table, partners);
  const problems = [
    ...columnProblems(body, table, partners, find),
    ...body.fields.flatMap((field, at) => fitProblems(field, `fields[${at}]`, find(field.column), body)),
    ...keyProblems(body, find),
    ...(body.mode === 'WRITE_BACK' && table.view
      ? [new FieldProblem('table', 'NOT_WRITABLE', `${table.name} is a view`)]
      : []),
    ...(body.mode === 'WRITE_BACK' && body.key.every((name) => columnNamed(table, name)) && !isUniqueIn(table, body.key)
      ? [
          new FieldProblem(
            'key',
            'NOT_INVERTIBLE',
            `no unique key of ${table.name} names its rows by ${body.key.join(', ')}, so one of them cannot be written without others`,
          ),
        ]
      : []),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const columns = adoptedColumns(body, find);
  const at = (ref: string) => columns.findIndex((column) => column.ref === find(ref)?.ref);
  // The same objects as in `columns`: maps of cells by column compare by identity.
  const fields = body.fields.flatMap((field) => {
    const column = columns[at(field.column)];
    return column ? [{ field, column, at: at(field.column) }] : [];
  });
  return {
    ok: true,
    mapping: {
      body,
      table,
      joins: compiledJoins(partners, columns, find),
      columns,
      keyLength: body.key.length,
      fields,
      gatherAt: body.documents.gatherBy?.map(at),
    },
  };
}

type Partner = Pick<CompiledJoin, 'join' | 'name' | 'table'>;

function compiledJoins(
  partners: readonly Partner[],
  columns: readonly AdoptedColumn[],
  find: (ref: string) => AdoptedColumn | undefined,
): CompiledJoin[] {
  const from = partners.map(({ join }) => join.on.flatMap(({ column }) => find(column) ?? []));
  const used = new Set([...columns, ...from.flat()].map(({ join }) => join));
  return partners.map((partner, at) => ({
    ...partner,
    from: from[at] ?? [],
    read: used.has(at) || !partner.join.required,
  }));
}

/** Does a name stand for a column of a join that comes at this place, or after it? Joins are made in order. */
function isLater(column: AdoptedColumn | undefined, at: number): boolean {
  return column?.join !== undefined && column.join >= at;
}

function resolve(ref: string, table: TableSchema, joined: readonly Partner[]): AdoptedColumn | undefined {
  const own =
    columnNamed(table, ref) ??
    (ref.startsWith(`${table.name}.`) ? columnNamed(table, ref.slice(table.name.length + 1)) : undefined);
  if (own) return { ref: own.name, joined: false, schema: own };
  for (const [join, { name, table: partner }] of joined.entries()) {
    const schema = ref.startsWith(`${name}.`) ? columnNamed(partner, ref.slice(name.length + 1)) : undefined;
    if (schema) return { ref, joined: true, join, schema };
  }
  return undefined;
}

function columnProblems(
  body: AdoptionBody,
  table: TableSchema,
  joined: readonly Partner[],
  find: (ref: string) => AdoptedColumn | undefined,
): FieldProblem[] {
  const { table: name, key, where = [], documents, fields } = body;
  const others = joined.map((partner) => `${partner.name}.column`).join(', ');
  const unknown = (path: string, column: string, of = name) =>
    new FieldProblem(path, 'UNKNOWN_COLUMN', `the table ${of} has no column ${JSON.stringify(column)}`);
  const inTables = (path: string, column: string) =>
    find(column)
      ? []
      : [unknown(path, column, joined.length > 0 ? `${name} (or a joined table, written ${others})` : name)];
  return [
    ...key.flatMap((column, at) => (columnNamed(table, column) ? [] : [unknown(`key[${at}]`, column)])),
    ...where.flatMap(({ column }, at) => inTables(`where[${at}].column`, column)),
    ...(documents.gatherBy ?? []).flatMap((column, at) => inTables(`documents.gatherBy[${at}]`, column)),
    ...fields.flatMap(({ column }, at) => inTables(`fields[${at}].column`, column)),
    ...joined.flatMap(({ join, table: partner }, index) => {
      const path = joinPath(body, index);
      return [
        ...join.on.flatMap((pair, at) => [
          ...(find(pair.column) && !isLater(find(pair.column), index)
            ? []
            : [
                unknown(
                  `${path}.on[${at}].column`,
                  pair.column,
                  index > 0 ? `${name} (or a join before this one)` : name,
                ),
              ]),
          ...(columnNamed(partner, pair.joined) ? [] : [unknown(`${path}.on[${at}].joined`, pair.joined, join.table)]),
        ]),
        ...(join.where ?? []).flatMap(({ column }, at) =>
          columnNamed(partner, column) ? [] : [unknown(`${path}.where[${at}].column`, column, join.table)],
        ),
      ];
    }),
  ];
}

function fitProblems(
  field: AdoptionField,
  path: string,
  column: AdoptedColumn | undefined,
  { mode }: AdoptionBody,
): FieldProblem[] {
  if (!column) return [];
  const { schema } = column;
  const transform = transformOf(field.transform.type);
  const charset = schema.charset ?? 'utf8mb4';
  // Text in a column of bytes is text where the mapping says what they are.
  const family = schema.family === 'BINARY' && field.encoding ? 'TEXT' : schema.family;
  const written = mode === 'WRITE_BACK' && !field.readOnly;
  return [
    ...(field.path !== undefined && family !== 'TEXT'
      ? [
          new FieldProblem(
            `${path}.path`,
            'TRANSFORM_DOES_NOT_FIT',
            `${column.ref} (${schema.columnType}) holds one value; path takes columns of text`,
          ),
        ]
      : []),
    ...(field.path !== undefined || transform.families.includes(family)
      ? []
      : [
          new FieldProblem(
            `${path}.transform`,
            'TRANSFORM_DOES_NOT_FIT',
            `${transform.type} does not take ${schema.columnType} (${column.ref}); it takes columns of ${transform.families.join(', ').toLowerCase()}`,
          ),
        ]),
    ...(schema.family === 'TEXT' && !isReadableCharset(charset)
      ? [
          new FieldProblem(
            `${path}.column`,
            'UNKNOWN_CHARSET',
            `${column.ref} has the character set ${charset}, which cannot be read`,
          ),
        ]
      : []),
    ...(written && schema.family === 'TEXT' && !isWritableCharset(charset)
      ? [
          new FieldProblem(
            `${path}.column`,
            'NOT_INVERTIBLE',
            `${column.ref} has the character set ${charset}, which cannot be written; mark it readOnly`,
          ),
        ]
      : []),
    ...(written && schema.generated
      ? [new FieldProblem(`${path}.column`, 'NOT_INVERTIBLE', `${column.ref} is a generated column; mark it readOnly`)]
      : []),
  ];
}

function keyProblems(
  { key, documents }: AdoptionBody,
  find: (ref: string) => AdoptedColumn | undefined,
): FieldProblem[] {
  return [
    ...key.map((column, at) => [`key[${at}]`, column] as const),
    ...(documents.gatherBy ?? []).map((column, at) => [`documents.gatherBy[${at}]`, column] as const),
  ].flatMap(([path, ref]) => {
    const schema = find(ref)?.schema;
    if (!schema || ['TEXT', 'NUMBER', 'TIME', 'BINARY'].includes(schema.family)) return [];
    return [new FieldProblem(path, 'UNFIT_KEY', `${ref} (${schema.columnType}) cannot be part of a key`)];
  });
}

function adoptedColumns(
  { key, where = [], documents, fields }: AdoptionBody,
  find: (ref: string) => AdoptedColumn | undefined,
): AdoptedColumn[] {
  const others = [
    ...fields.map(({ column }) => column),
    ...(documents.gatherBy ?? []),
    ...where.map(({ column }: AdoptionFilter) => column),
  ];
  const columns = new Map<string, AdoptedColumn>();
  for (const ref of key) {
    const column = find(ref);
    if (column) columns.set(column.ref, column);
  }
  for (const column of others.flatMap((ref) => find(ref) ?? []).toSorted((a, b) => (a.ref < b.ref ? -1 : 1)))
    columns.set(column.ref, columns.get(column.ref) ?? column);
  return [...columns.values()];
}
