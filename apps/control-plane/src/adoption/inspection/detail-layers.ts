import type { AdoptionJoin } from '@paddock/contracts';
import { columnFor, type SampledTable, sampleOf } from './column-roles.js';
import { type Role, splitName, WORDS } from './column-words.js';
import { pictureColumn } from './picture-layer.js';
import type { Layer } from './promo-layers.js';
import { isPicture, type Roles } from './promo-roles.js';
import type { ProposalOptions } from './proposal.js';
import { keyOf, valuesIn } from './relations.js';
import { isSecretName } from './secrets.js';
import { type ColumnSchema, columnNamed } from './table-schema.js';

/** More of them would make statements that no server likes. */
const MAX_DETAILS = 4;

/** What other tables hold of a row, a field each: rows of names and values, or a table for every field. */
export function detailLayers(
  own: Pick<Layer, 'sampled' | 'roles'>,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Layer[] {
  const found: Layer[] = [];
  for (const layer of [...namedValues(own, tables, options), ...fieldTables(own, tables, options)]) {
    const [role] = Object.keys(layer.roles);
    if (role !== undefined && !(role in own.roles) && !found.some(({ roles }) => role in roles)) found.push(layer);
  }
  return found.slice(0, MAX_DETAILS);
}

/** Rows of names and values that belong to rows of another table: the names say which field a value is. */
function namedValues(
  { sampled }: Pick<Layer, 'sampled'>,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Layer[] {
  const key = keyOf(sampled.schema);
  if (!key) return [];
  return tables.flatMap((table): Layer[] => {
    const relation = options.relations.find((one) => one.table === table.schema.name && one.to === sampled.schema.name);
    const fk = relation && columnNamed(table.schema, relation.column);
    const name = columnFor('NAME', table.schema, [fk]);
    const value = columnFor('VALUE', table.schema, [fk, name]);
    if (!relation || !fk || !name || !value || table.schema.columns.length > 6) return [];
    const names = (options.allValuesOf(table.schema.name, name.name) ?? sampleOf(table, name)).filter(
      (text) => /^[a-z]/i.test(text) && !isSecretName(text),
    );
    return names.flatMap((text): Layer[] => {
      const role = roleOf(text);
      const rows = {
        ...table,
        rows: table.rows.filter((row) => row[table.schema.columns.indexOf(name)]?.toString('utf8') === text),
      };
      const texts = sampleOf(rows, value).filter((one) => one !== '');
      if (!role || texts.length === 0) return [];
      const as = text.slice(0, 60);
      const join: AdoptionJoin = {
        table: table.schema.name,
        as,
        on: [{ column: key.name, joined: fk.name }],
        where: [{ column: name.name, operator: 'IN', values: [text] }],
      };
      if (role === 'URL')
        return texts.every((one) => /^(?:https?:|\/|#|\?)/i.test(one))
          ? [{ sampled: rows, of: `${as}.`, joins: [join], roles: { URL: value } }]
          : [];
      if (texts.every(isPicture)) return [{ sampled: rows, of: `${as}.`, joins: [join], roles: { IMAGE: value } }];
      return referredPicture(texts, [sampled, ...tables], join, `${as}.${value.name}`);
    });
  });
}

/** A value that is the id of a picture: in a table of files, or in the very table where everything stands. */
function referredPicture(
  ids: readonly string[],
  tables: readonly SampledTable[],
  join: AdoptionJoin,
  column: string,
): Layer[] {
  for (const table of tables) {
    const key = keyOf(table.schema);
    if (!key || table.inner) continue;
    const at = table.schema.columns.findIndex(({ name }) => name === key.name);
    const rows = table.rows.filter((row) => ids.includes(row[at]?.toString('latin1') ?? ''));
    const picture = rows.length > 0 ? pictureColumn({ ...table, rows }) : undefined;
    if (!picture) continue;
    const as = `${join.as} file`;
    return [
      {
        sampled: { ...table, rows },
        of: `${as}.`,
        joins: [join, { table: table.schema.name, as, on: [{ column, joined: key.name }] }],
        roles: { IMAGE: picture },
      },
    ];
  }
  return [];
}

function roleOf(name: string): Role | undefined {
  const words = splitName(name);
  if (
    words.some(
      (word) =>
        ['alt', 'width', 'height', 'type', 'text', 'label', 'target', 'color', 'style'].includes(word) &&
        word !== words[0],
    )
  )
    return undefined;
  if (
    words.some((word) =>
      ['image', 'picture', 'photo', 'thumbnail', 'img', 'media', 'visual', 'background'].includes(word),
    )
  )
    return 'IMAGE';
  return words.some((word) => ['url', 'link', 'href', 'uri'].includes(word)) ? 'URL' : undefined;
}

/** A table for every field: `node__body` beside `node_field_data`, by the id and the language of the row. */
function fieldTables(
  { sampled }: Pick<Layer, 'sampled'>,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Layer[] {
  const [keyName] = sampled.schema.primaryKey;
  const key = sampled.schema.columns.find(({ name }) => name === keyName);
  const language = columnFor('LANGUAGE', sampled.schema);
  if (!key) return [];
  const ids = valuesIn(sampled, key);
  return tables.flatMap((table): Layer[] => {
    const [base = '', field = ''] = table.schema.name.split('__');
    const id = columnNamed(table.schema, 'entity_id');
    if (
      field === '' ||
      !id ||
      !sampled.schema.name.startsWith(base) ||
      ![...valuesIn(table, id)].some((value) => ids.has(value))
    )
      return [];
    const theirs = columnFor('LANGUAGE', table.schema);
    const first = ['delta', 'deleted']
      .filter((name) => columnNamed(table.schema, name))
      .map((column) => ({ column, operator: 'IN' as const, values: ['0'] }));
    const on = [
      { column: key.name, joined: id.name },
      ...(language && theirs ? [{ column: language.name, joined: theirs.name }] : []),
    ];
    const join: AdoptionJoin = { table: table.schema.name, on, where: first };
    const of = `${table.schema.name}.`;
    const own = table.schema.columns.filter(({ name }) => name.startsWith(`${field}_`));
    const words = splitName(field);
    const file = own.find(({ name }) => name.endsWith('_target_id'));
    const value = own.find(({ name, family }) => family === 'TEXT' && /_(?:value|uri)$/.test(name));
    if (file && words.some((word) => WORDS.IMAGE.includes(word) || word === 'media')) {
      const pictures = options.relations.find((one) => one.table === table.schema.name && one.column === file.name)?.to;
      const target = tables.find(
        ({ schema, ...rest }) =>
          (pictures === undefined ? /file|media/i.test(schema.name) : schema.name === pictures) &&
          keyOf(schema) &&
          pictureColumn({ schema, ...rest }),
      );
      const picture = target && pictureColumn(target);
      const joined = target && keyOf(target.schema)?.name;
      if (!target || !picture || joined === undefined) return [];
      return [
        {
          sampled: target,
          of: `${target.schema.name}.`,
          joins: [join, { table: target.schema.name, on: [{ column: `${of}${file.name}`, joined }] }],
          roles: { IMAGE: picture },
        },
      ];
    }
    return value
      ? [{ sampled: table, of, joins: [join], roles: rolesOf(words, value, table) }].filter(
          ({ roles }) => Object.keys(roles).length > 0,
        )
      : [];
  });
}

function rolesOf(words: readonly string[], column: ColumnSchema, table: SampledTable): Roles {
  const texts = sampleOf(table, column);
  if (words.some((word) => WORDS.MARKUP.includes(word)) && (column.maxLength ?? 0) > 255) return { MARKUP: column };
  return words.some((word) => WORDS.URL.includes(word)) && texts.every((text) => /^(?:https?:|\/)/i.test(text))
    ? { URL: column }
    : {};
}
