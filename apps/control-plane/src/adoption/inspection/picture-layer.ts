import type { AdoptionJoin } from '@paddock/contracts';
import { type SampledTable, sampleOf } from './column-roles.js';
import { splitName, WORDS } from './column-words.js';
import { mostFrequent } from './conditions.js';
import type { Layer } from './promo-layers.js';
import { isPicture } from './promo-roles.js';
import type { ProposalOptions } from './proposal.js';
import { keyOf, type Relation, tableOfValues } from './relations.js';
import type { ColumnSchema } from './table-schema.js';

const FILES = /^(?:files?|media|medias|images?|pictures?|assets?|attachments?|uploads?|blobs?|documents?|managed)$/;
const PICTURES = new Set([...WORDS.IMAGE, 'media', 'visual', 'background', 'asset', 'attachment', 'teaser']);

/** The table of files that a row refers to by a column, or by a table of references in between. */
export function pictureLayer(
  { sampled, roles }: Pick<Layer, 'sampled' | 'roles'>,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Layer | undefined {
  if (roles.IMAGE && sampleOf(sampled, roles.IMAGE).some(isPicture)) return undefined;
  return byColumn(sampled, tables, options.relations) ?? byReference(sampled, tables, options);
}

function byColumn(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  relations: readonly Relation[],
): Layer | undefined {
  const speaking = sampled.schema.columns.filter(
    ({ name, family }) => family !== 'TIME' && splitName(name).some((word) => PICTURES.has(word)),
  );
  const related = sampled.schema.columns.filter(({ name }) =>
    relations.some(
      (one) =>
        one.table === sampled.schema.name && one.column === name && splitName(one.to).some((word) => FILES.test(word)),
    ),
  );
  for (const column of new Set([...speaking, ...related])) {
    if (sampled.inner?.has(column)) continue;
    const relation = relations.find((one) => one.table === sampled.schema.name && one.column === column.name);
    const target = relation
      ? tables.find(({ schema }) => schema.name === relation.to)
      : tableOfValues(sampled, column, tables, (table) => pictureColumn(table) !== undefined)?.table;
    const picture = target && pictureColumn(target);
    const joined = relation?.toColumn ?? (target && keyOf(target.schema)?.name);
    if (!target || !picture || joined === undefined) continue;
    return layer(target, picture, [{ table: target.schema.name, on: [{ column: column.name, joined }] }]);
  }
  return undefined;
}

/** A table of references from files to rows of any table: a file, the id of the row, and in words what it is a row of. */
function byReference(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  { relations }: ProposalOptions,
): Layer | undefined {
  const key = keyOf(sampled.schema);
  if (!key) return undefined;
  const names = new Set(splitName(sampled.schema.name).flatMap((word) => [word, word.replace(/s$/, '')]));
  for (const references of tables) {
    const { schema } = references;
    const type = schema.columns.find(
      ({ name, family }) => family === 'TEXT' && /(?:^|_)(?:type|model|entity|class)$/i.test(name),
    );
    const id = schema.columns.find(({ name }) =>
      /^(?:related|record|entity|object|item|model|owner|attachable|foreign)_?id$/i.test(name),
    );
    const file = relations.find(
      (one) =>
        one.table === schema.name &&
        tables.some(
          (table) =>
            table.schema.name === one.to && splitName(one.to).some((word) => FILES.test(word)) && pictureColumn(table),
        ),
    );
    const target = tables.find((table) => table.schema.name === file?.to);
    const picture = target && pictureColumn(target);
    const mine = type
      ? mostFrequent(
          sampleOf(references, type).filter((value) =>
            splitName(value).some((word) => names.has(word) || names.has(word.replace(/s$/, ''))),
          ),
        )
      : undefined;
    if (!type || !id || !file || !target || !picture || mine === undefined || id.family !== key.family) continue;
    const field = schema.columns.find(
      (column) =>
        column !== type &&
        column.family === 'TEXT' &&
        /^(?:field|name|collection|attribute)(?:_name)?$/i.test(column.name),
    );
    const fields = field ? sampleOf(references, field) : [];
    const pictured = fields.filter((value) => splitName(value).some((word) => PICTURES.has(word)));
    const first = mostFrequent(pictured.length > 0 ? pictured : fields);
    const where = [
      { column: type.name, operator: 'IN' as const, values: [mine] },
      ...(field && first !== undefined ? [{ column: field.name, operator: 'IN' as const, values: [first] }] : []),
    ];
    return layer(target, picture, [
      { table: schema.name, on: [{ column: key.name, joined: id.name }], where },
      { table: target.schema.name, on: [{ column: `${schema.name}.${file.column}`, joined: file.toColumn }] },
    ]);
  }
  return undefined;
}

function layer(target: SampledTable, picture: ColumnSchema, joins: AdoptionJoin[]): Layer {
  return { sampled: target, of: `${target.schema.name}.`, joins, roles: { IMAGE: picture } };
}

/** The column of a table of files that frontends can show: an address or a path before a name alone. */
export function pictureColumn(table: SampledTable): ColumnSchema | undefined {
  const candidates = table.schema.columns.filter((column) => {
    if (column.family !== 'TEXT' || column.charset === null) return false;
    const texts = sampleOf(table, column).filter((text) => text !== '');
    const pictures = texts.filter((text) => isPicture(text) && !/^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(text));
    return pictures.length > 0 && pictures.length >= texts.length * 0.5;
  });
  const rank = ({ name }: ColumnSchema) =>
    ['url', 'path', 'disk', 'filename', 'file', 'key', 'guid', 'name'].findIndex((word) =>
      splitName(name).includes(word),
    );
  return candidates.toSorted((a, b) => (rank(a) < 0 ? 99 : rank(a)) - (rank(b) < 0 ? 99 : rank(b)))[0] ?? undefined;
}
