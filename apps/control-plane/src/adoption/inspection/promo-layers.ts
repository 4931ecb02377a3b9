import { type AdoptionFilter, type AdoptionJoin } from '@paddock/contracts';
import { columnFor, type SampledTable, sampleOf } from './column-roles.js';
import { type Role, splitName } from './column-words.js';
import { joinConditions, noConditions, type RowConditions, valuesSeen } from './conditions.js';
import { withInnerColumns } from './inner-columns.js';
import { detailLayers } from './detail-layers.js';
import { pictureLayer } from './picture-layer.js';
import { promoRoles, type Roles, telling } from './promo-roles.js';
import type { ProposalOptions } from './proposal.js';
import { keyOf, type Relation } from './relations.js';
import { rowConditions } from './row-conditions.js';
import { statusValues } from './row-states.js';
import { codeOfLanguage, languageScope, type Scope, shopScope } from './scopes.js';
import { joinOfTexts, textsOf } from './text-tables.js';
import type { ColumnSchema } from './table-schema.js';

/** A table that says something about the rows: their own, their texts, a picture, the group that they are in. */
export interface Layer {
  sampled: SampledTable;
  /** What is put before names of its columns: nothing, or `texts.`. */
  of: string;
  joins: AdoptionJoin[];
  roles: Roles;
}

/** A table of promos with everything that belongs to it. */
export interface Layers {
  own: Layer;
  texts: Layer | undefined;
  picture: Layer | undefined;
  group: Layer | undefined;
  details: Layer[];
  /** Which of the rows are taken. */
  conditions: RowConditions;
  /** Joins that are conditions alone. */
  scopes: AdoptionJoin[];
  languages: { chosen: string; code: string | undefined; all: string[] } | undefined;
  shops: { chosen: string; all: string[] } | undefined;
}

export function layersOf(
  table: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Layers | undefined {
  const expanded = withInnerColumns(table, options);
  const key = new Set(table.schema.primaryKey);
  const language = languageScope(table, tables, options);
  if (language === 'MISSING') return undefined;
  const shop = shopScope(table, options);
  const conditions = [rowConditions(table, tables, options), language?.conditions, shop?.conditions];
  const texts = textsLayer(table, tables, options);
  if (texts === 'MISSING') return undefined;
  const found = promoRoles(expanded);
  const own: Layer = {
    sampled: expanded,
    of: '',
    joins: [],
    roles: texts ? withoutRoles(found, texts.layer.roles.TITLE ? ['TITLE', 'MARKUP'] : []) : found,
  };
  for (const column of [language?.column, shop?.column]) own.roles = withoutColumn(own.roles, column);
  if (texts)
    texts.layer.roles = withoutRoles(
      texts.layer.roles,
      ['IMAGE', 'URL', 'MARKUP', 'TITLE'].filter((role): role is Role => role in own.roles),
    );
  const picture = pictureLayer(own, tables, options);
  if (picture) own.roles = withoutRoles(own.roles, ['IMAGE']);
  const details = detailLayers(
    { sampled: expanded, roles: { ...own.roles, ...texts?.layer.roles, ...picture?.roles } },
    tables,
    options,
  );
  const group = groupLayer(own, tables, options, key);
  const side = sideShop(table, tables, options);
  const inner = [...expanded.languages.keys()];
  return {
    ...{ own, texts: texts?.layer, picture, group: group?.layer, details },
    conditions: joinConditions([
      ...conditions.flatMap((one) => one ?? []),
      ...(texts ? [texts.conditions] : []),
      ...(group ? [group.conditions] : []),
      ...(side ? [side.conditions] : []),
      innerLanguages(table, expanded.languages, expanded.language),
      cutLists(table, expanded.lists.size),
      ...(texts ? [cutLists(texts.layer.sampled, texts.lists)] : []),
    ]),
    scopes: side ? [side.join] : [],
    languages:
      languagesOf(
        [
          ...(language ? [{ scope: language, of: table }] : []),
          ...(texts?.language ? [{ scope: texts.language, of: texts.layer.sampled }] : []),
        ],
        tables,
        options,
      ) ??
      (inner.length > 0
        ? { chosen: expanded.language ?? '', code: expanded.language?.replace('_', '-'), all: inner }
        : undefined),
    shops: shop ?? texts?.shop ?? side?.scope,
  };
}

function languagesOf(
  scopes: readonly { scope: Scope; of: SampledTable }[],
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Layers['languages'] {
  const [first] = scopes;
  const codeOf = (value: string) => first && codeOfLanguage(value, first.of, first.scope.column, tables, options);
  return (
    first && {
      chosen: first.scope.chosen,
      code: codeOf(first.scope.chosen),
      all: first.scope.all.map((value) => codeOf(value) ?? value),
    }
  );
}

function withoutRoles(roles: Roles, names: readonly Role[]): Roles {
  return Object.fromEntries(Object.entries(roles).filter(([role]) => !names.some((name) => name === role)));
}

function withoutColumn(roles: Roles, column: ColumnSchema | undefined): Roles {
  return Object.fromEntries(Object.entries(roles).filter(([, other]) => other.name !== column?.name));
}

/** A list inside a value has several members, as a slider has slides: one row makes one promo of the first. */
function cutLists({ schema }: SampledTable, sampled: number): RowConditions {
  if (sampled === 0) return noConditions();
  return {
    ...noConditions(),
    questions: [
      {
        code: 'STRUCTURED_VALUE',
        effect: 'LOST',
        avoided: false,
        table: schema.name,
        column: null,
        where: [],
        sampled,
        say: (rows) => `lost: all but the first member of lists inside values, in ${rows} of the sample`,
      },
    ],
  };
}

/** Rows of other languages that stand inside the values. */
function innerLanguages(
  { schema }: SampledTable,
  languages: ReadonlyMap<string, number>,
  chosen: string | undefined,
): RowConditions {
  if (languages.size < 2) return noConditions();
  const all = [...languages.keys()];
  const reason = `values of ${schema.name} hold ${all.join(', ')}: ${chosen} is taken`;
  return {
    ...noConditions(),
    reasons: [reason],
    questions: [
      {
        code: 'OTHER_LANGUAGE',
        effect: 'LOST',
        avoided: true,
        table: schema.name,
        column: null,
        where: [],
        say: (rows) =>
          `left out: texts of other languages in ${rows} that hold several in one value (${all.join(', ')})`,
      },
    ],
  };
}

/** The texts of the rows in another table, one row per language. */
function textsLayer(
  table: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
):
  | { layer: Layer; conditions: RowConditions; language: Scope | undefined; shop: Scope | undefined; lists: number }
  | 'MISSING'
  | undefined {
  const texts = textsOf(table, tables, options.relations);
  const on = texts && joinOfTexts(table.schema, texts.schema, options.relations);
  if (!texts || !on) return undefined;
  const language = languageScope(texts, tables, options, { ofTexts: true });
  if (!language || language === 'MISSING') return language;
  const shop = shopScope(texts, options);
  const expanded = withInnerColumns(texts, options);
  const roles: Roles = {};
  const reserved = [
    language.column,
    shop?.column,
    ...on.map(({ joined }) => texts.schema.columns.find(({ name }) => name === joined)),
  ];
  for (const role of ['TITLE', 'IMAGE', 'URL', 'MARKUP'] as const) {
    const column = columnFor(role, expanded.schema, [...reserved, ...Object.values(roles)]);
    if (column) roles[role] = column;
  }
  if (!roles.TITLE && !roles.MARKUP) return undefined;
  const theirs = joinConditions([
    rowConditions(texts, tables, options, `${texts.schema.name}.`),
    language.conditions,
    ...(shop ? [shop.conditions] : []),
  ]);
  const join: AdoptionJoin = { table: texts.schema.name, on, where: single(language, shop, theirs.where) };
  const lacking: RowConditions = {
    ...noConditions(),
    reasons: [
      `${texts.schema.name} holds the texts of ${table.schema.name}, a row per ${language.column.name}`,
      ...theirs.reasons,
    ],
    warnings: [
      `only ${language.column.name} ${language.chosen} is taken; adopt other languages by mappings of their own: name one in inspectSource`,
      ...theirs.warnings,
    ],
    questions: [
      ...theirs.questions,
      {
        code: 'NO_TEXT',
        effect: 'LOST',
        avoided: true,
        table: table.schema.name,
        column: null,
        where: [],
        without: { ...join, required: true },
        say: (rows) =>
          `left out: ${rows} without a text in ${texts.schema.name} for ${language.column.name} ${language.chosen}`,
      },
    ],
  };
  return {
    layer: { sampled: expanded, of: `${texts.schema.name}.`, joins: [join], roles },
    conditions: lacking,
    language,
    shop,
    lists: expanded.lists.size,
  };
}

/** In a joined table each row has one partner at most: rows for every language or shop are no second one. */
function single(language: Scope, shop: Scope | undefined, where: readonly AdoptionFilter[]): AdoptionFilter[] {
  const scopes = [language, ...(shop ? [shop] : [])];
  const rest = where.filter(({ column }) => !scopes.some((scope) => scope.column.name === column));
  return [
    ...scopes.map(({ column, chosen }): AdoptionFilter => ({ column: column.name, operator: 'IN', values: [chosen] })),
    ...rest,
  ];
}

/** Tables that say to which shops rows belong: `block_store`, `banner_channels`. */
function sideShop(
  table: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): { join: AdoptionJoin; conditions: RowConditions; scope: Scope } | undefined {
  const key = keyOf(table.schema);
  if (!key) return undefined;
  for (const side of tables) {
    const relation = options.relations.find((one) => one.table === side.schema.name && one.to === table.schema.name);
    const bySameName =
      side.schema.columns.some(({ name }) => name === key.name) &&
      side.schema.name.startsWith(table.schema.name.replace(/s$/, ''));
    const joined = relation?.column ?? (bySameName && !/^(?:id|uid)$/i.test(key.name) ? key.name : undefined);
    const scope =
      joined === undefined || side.schema.name === table.schema.name || side.schema.columns.length > 5
        ? undefined
        : shopScope(side, options);
    if (!scope || joined === undefined || columnFor('TITLE', side.schema)) continue;
    const where: AdoptionFilter[] = scope.conditions.where;
    const join: AdoptionJoin = { table: side.schema.name, on: [{ column: key.name, joined }], where, required: true };
    const question = {
      code: 'OTHER_SHOP',
      effect: 'LOST',
      avoided: true,
      table: table.schema.name,
      column: null,
      where: [],
      without: join,
      say: (rows: string) => `left out: ${rows} that do not belong to shop ${scope.chosen} by ${side.schema.name}`,
    } as const;
    return {
      join,
      scope,
      conditions: {
        ...noConditions(),
        reasons: [`${side.schema.name} says to which shops rows belong: ${scope.column.name} ${scope.chosen} is taken`],
        questions: [question],
      },
    };
  }
  return undefined;
}

const GROUPS = new Set(
  'group groups category categories section sections position positions slot slots zone zones placement placements slider sliders slideshow slideshows carousel carousels location locations region regions area areas block blocks collection collections page pages banner banners campaign campaigns gallery galleries set sets'.split(
    ' ',
  ),
);
const NO_GROUPS =
  /^(?:users?|authors?|admins?|customers?|clients?|products?|brands?|manufacturers?|tax(?:es)?|currency|currencies|country|countries|orders?|languages?|locales?|langs?|shops?|stores?|sites?|websites?|channels?|files?|media|images?|assets?|attachments?|uploads?|permissions?|roles?|tags?)$/;

/** May rows of this table be groups of those of the other? */
export function isGroup({ schema }: SampledTable, of: SampledTable): boolean {
  const words = splitName(schema.name);
  if (words.some((word) => NO_GROUPS.test(word))) return false;
  const shared = splitName(of.schema.name).filter((word) => word.length > 3);
  return words.some((word) => GROUPS.has(word) || shared.includes(word));
}

/** The parent of the rows, whose name is their group and whose status decides about them. */
function groupLayer(
  own: Layer,
  tables: readonly SampledTable[],
  options: ProposalOptions,
  key: ReadonlySet<string>,
): { layer: Layer; conditions: RowConditions } | undefined {
  const { schema } = own.sampled;
  const relation = options.relations.find((one) => {
    const parent = tables.find((table) => table.schema.name === one.to);
    return (
      one.table === schema.name &&
      one.to !== schema.name &&
      (!key.has(one.column) || key.size > 1) &&
      parent !== undefined &&
      isGroup(parent, own.sampled) &&
      textsOf(parent, tables, options.relations)?.schema.name !== schema.name
    );
  });
  const parent = tables.find((table) => table.schema.name === relation?.to);
  if (!relation || !parent) return undefined;
  const title = columnFor('TITLE', parent.schema) ?? columnFor('NAME', parent.schema);
  const status = columnFor('STATUS', parent.schema, [title]);
  const states = status && statusValues(valuesSeen(parent, status, options), status);
  const theirs = rowConditions(parent, tables, options, `${parent.schema.name}.`);
  const ownStatus = telling(own.sampled, own.roles).STATUS;
  const shown =
    status && states && ownStatus ? [{ column: status.name, operator: 'IN' as const, values: [states[0]] }] : [];
  const where = [...theirs.where, ...shown];
  const join: AdoptionJoin = {
    table: parent.schema.name,
    on: [{ column: relation.column, joined: relation.toColumn }],
    ...(where.length > 0 ? { where, required: true } : {}),
  };
  const roles: Roles = {
    ...(title && !own.roles.GROUP && titlesDiffer(parent, title) ? { GROUP: title } : {}),
    ...(status && states && !ownStatus ? { STATUS: status } : {}),
  };
  if (Object.keys(roles).length === 0 && where.length === 0) return undefined;
  return {
    layer: { sampled: parent, of: `${parent.schema.name}.`, joins: [join], roles },
    conditions: {
      ...noConditions(),
      reasons: [
        `${relation.column} names the row of ${parent.schema.name} that a row belongs to`,
        ...theirs.reasons.map((reason) => `${parent.schema.name}: ${reason}`),
      ],
      questions: groupQuestions(schema.name, relation, parent, {
        where,
        join,
        hidden: status && states && !ownStatus ? { column: status.name, value: states[0] } : undefined,
      }),
    },
  };
}

function groupQuestions(
  table: string,
  relation: Relation,
  parent: SampledTable,
  {
    where,
    join,
    hidden,
  }: { where: AdoptionFilter[]; join: AdoptionJoin; hidden: { column: string; value: string } | undefined },
): RowConditions['questions'] {
  const base = { effect: 'LOST', avoided: true, table, column: relation.column } as const;
  return [
    ...(where.length > 0
      ? [
          {
            ...base,
            code: 'HIDDEN_GROUP' as const,
            where: [],
            without: join,
            say: (rows: string) => `left out: ${rows} below rows of ${parent.schema.name} that are not shown`,
          },
        ]
      : []),
    ...(hidden
      ? [
          {
            ...base,
            code: 'HIDDEN_GROUP' as const,
            where: [],
            without: {
              ...join,
              required: true,
              where: [{ column: hidden.column, operator: 'IN' as const, values: [hidden.value] }],
            },
            say: (rows: string) => `hidden: ${rows} below rows of ${parent.schema.name} that are not shown`,
          },
        ]
      : []),
  ];
}

/** Two groups of one name would be one. */
function titlesDiffer(parent: SampledTable, title: ColumnSchema): boolean {
  const titles = sampleOf(parent, title);
  return new Set(titles.map((text) => text.toLowerCase())).size === titles.length;
}
