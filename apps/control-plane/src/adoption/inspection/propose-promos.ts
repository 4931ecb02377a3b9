import type { AdoptionField, AdoptionFilter, AdoptionJoin } from '#contracts';
import { columnFor, type Role, type SampledTable, sampleOf } from './column-roles.js';
import { fieldOf, groupTransform, keyPrefix, mappingOf, type Proposal, type ProposalOptions, share, titleOf, zeroDates } from './proposal.js';
import { type ColumnSchema, naturalKey } from './table-schema.js';

type Roles = Partial<Record<Role, ColumnSchema>>;

const WEIGHTS: Partial<Record<Role, number>> = { TITLE: 2, IMAGE: 2, URL: 2, FROM: 1.5, TO: 1.5, STATUS: 1, SORT: 1, GROUP: 1, MARKUP: 1 };
const FULL = 13;

/** A table whose rows have what promos have: a title, a picture, a target, times, a status. */
export function proposePromos(sampled: SampledTable, options: ProposalOptions): Proposal[] {
  const { schema } = sampled;
  const declared = naturalKey(schema);
  const key = declared ?? keyInSample(sampled);
  const roles = promoRoles(sampled);
  const score = scoreOf(roles);
  const speaking = [roles.IMAGE, roles.URL, roles.MARKUP, roles.FROM ?? roles.TO].filter(Boolean).length;
  // Blocks of content have a title, markup and a status, and nothing else.
  const isContent = roles.MARKUP !== undefined && roles.STATUS !== undefined;
  if (!key || !roles.TITLE || (speaking < 2 && !isContent) || score < (isContent ? 4 : 5)) return [];
  const { fields, reasons, warnings, fixed, where } = promoFields(sampled, roles, options);
  if (!declared) warnings.push(`no key of ${schema.name} names its rows: ${key.join(', ')} is different in all of the ${sampled.rows.length} sampled; choose what is different in all of them`);
  const documents = { kind: 'promo' as const, keyPrefix: keyPrefix(schema.name) };
  const mapping = mappingOf(options, schema, key, { name: titleOf(schema.name), documents, fields, ...(fixed.length > 0 ? { fixed } : {}), ...(where.length > 0 ? { where } : {}) });
  const promos: Proposal = { confidence: confidence(score), reasons: [`${schema.name} looks like promos`, ...reasons], warnings, mapping };
  const slots = roles.GROUP ? [proposeSlots(sampled, roles.GROUP, key, options)] : [];
  return [promos, ...slots];
}

/** A table with a second one that holds its texts, a row per language: `ezpages` and `ezpages_content`. */
export function proposeTranslated(sampled: SampledTable, texts: SampledTable, options: ProposalOptions): Proposal[] {
  const key = sampled.schema.primaryKey;
  const language = columnFor('LANGUAGE', texts.schema);
  const title = columnFor('TITLE', texts.schema);
  if (key.length === 0 || !language || !title || !key.every((name) => texts.schema.columns.some((column) => column.name === name))) return [];
  const own = promoRoles(sampled);
  const { TITLE: _, MARKUP: __, ...rest } = own;
  const theirs = textRoles(texts, title, rest);
  const score = scoreOf({ ...rest, TITLE: title, ...theirs });
  if (!theirs.MARKUP && ![rest, theirs].some(({ URL: link, IMAGE }) => link ?? IMAGE)) return [];
  const { fields, reasons, warnings, fixed, where } = promoFields(sampled, rest, options);
  const ofTexts = promoFields(texts, theirs, options, `${texts.schema.name}.`);
  const ref = (column: ColumnSchema) => `${texts.schema.name}.${column.name}`;
  const [first = '1'] = sampleOf(texts, language).toSorted();
  const join: AdoptionJoin = { table: texts.schema.name, on: key.map((name) => ({ column: name, joined: name })), where: [{ column: language.name, operator: 'IN', values: [first] }] };
  const joinedFields: AdoptionField[] = [fieldOf(texts, title, { field: 'title', transform: { type: 'HTML_TEXT' } }, ref(title)), ...ofTexts.fields];
  const allFixed = [...fixed, ...ofTexts.fixed];
  const mapping = mappingOf(options, sampled.schema, key, {
    ...{ name: titleOf(sampled.schema.name), join, documents: { kind: 'promo', keyPrefix: keyPrefix(sampled.schema.name) } },
    ...{ fields: [...joinedFields, ...fields], ...(allFixed.length > 0 ? { fixed: allFixed } : {}), ...(where.length > 0 ? { where } : {}) },
  });
  const why = [`${texts.schema.name} holds the texts of ${sampled.schema.name}, a row per ${language.name}`, `${ref(title)} is the title`, ...ofTexts.reasons];
  return [{ confidence: confidence(score - 1), reasons: [...why, ...reasons], warnings: [`only ${language.name} ${first} is taken; adopt other languages by mappings of their own sites`, ...warnings, ...ofTexts.warnings], mapping }];
}

/** What a table of texts has besides the title, and the own table has not. */
function textRoles(texts: SampledTable, title: ColumnSchema, own: Roles): Roles {
  const roles: Roles = {};
  for (const role of ['IMAGE', 'URL', 'MARKUP'] as const) {
    const column = own[role] ? undefined : columnFor(role, texts.schema, [title, ...Object.values(roles)]);
    if (column) roles[role] = column;
  }
  return roles;
}

/** The first short column of which no sampled row has the same as another. */
function keyInSample({ schema, rows }: SampledTable): string[] | undefined {
  const found = schema.columns.find(({ family, maxLength }, at) => {
    const values = rows.flatMap((row) => row[at]?.toString('hex').toLowerCase() ?? []);
    return (family === 'NUMBER' || (family === 'TEXT' && (maxLength ?? 0) <= 255)) && values.length > 0 && new Set(values).size === rows.length;
  });
  return found && [found.name];
}

function promoRoles({ schema }: SampledTable): Roles {
  const roles: Roles = {};
  for (const role of ['TITLE', 'IMAGE', 'URL', 'FROM', 'TO', 'SORT', 'GROUP', 'STATUS', 'MARKUP'] as const) {
    const column = columnFor(role, schema, Object.values(roles));
    // A group by number is a foreign key as often as a place on a page.
    if (column && !(role === 'GROUP' && column.family === 'NUMBER')) roles[role] = column;
  }
  return roles;
}

function scoreOf(roles: Roles): number {
  return Object.entries(WEIGHTS).reduce((sum, [role, weight]) => sum + (role in roles ? weight : 0), 0);
}

function confidence(score: number): number {
  return Math.max(5, Math.min(98, Math.round((score / FULL) * 100)));
}

function promoFields(sampled: SampledTable, roles: Roles, options: ProposalOptions, of = '') {
  const fields: AdoptionField[] = [];
  const reasons: string[] = [];
  const warnings: string[] = [];
  const fixed: { field: string; value: string }[] = [];
  const where: AdoptionFilter[] = [];
  const add = (column: ColumnSchema, field: Omit<AdoptionField, 'column' | 'encoding'>, why: string) => {
    fields.push(fieldOf(sampled, column, field, `${of}${column.name}`));
    reasons.push(`${of}${column.name} ${why}`);
  };
  const { TITLE, IMAGE, URL: link, MARKUP, GROUP, SORT, STATUS } = roles;
  if (TITLE) add(TITLE, { field: 'title', transform: { type: sampleOf(sampled, TITLE).some((text) => /&\w+;/.test(text)) ? 'HTML_TEXT' : 'TEXT' } }, 'is the title');
  if (IMAGE) {
    add(IMAGE, { field: 'image.url', transform: { type: 'IMAGE', prefix: '/images/' } }, `names pictures: ${share(sampleOf(sampled, IMAGE), (text) => /\.(?:gif|jpe?g|png|webp|svg|avif)$/i.test(text))} end like one`);
    warnings.push(`pictures are taken to lie below /images/: set the prefix of ${IMAGE.name}`);
  }
  if (link) {
    const http = sampleOf(sampled, link).filter((text) => /^http:/i.test(text)).length;
    const fromRoot = sampleOf(sampled, link).some((text) => !/^(?:[a-z][a-z0-9+.-]*:|\/|#|\?|www\.|$)/i.test(text.trim()));
    add(link, { field: 'cta.href', transform: { type: 'URL', ...(fromRoot ? { prefix: '/' } : {}) } }, `holds addresses: ${share(sampleOf(sampled, link), (text) => /^(?:https?:|\/|[\w-]+\.)/i.test(text))} look like one`);
    fixed.push({ field: 'cta.label', value: 'More' });
    if (http > 0) warnings.push(`${http} addresses begin with http:, which no promo may link to`);
  }
  if (MARKUP) {
    add(MARKUP, { field: 'text', transform: { type: 'HTML' }, readOnly: true }, 'holds markup, which is reduced to safe Markdown');
    const scripts = sampleOf(sampled, MARKUP).filter((text) => /<script/i.test(text)).length;
    if (scripts > 0) warnings.push(`${scripts} rows have scripts in ${MARKUP.name}, which never come through`);
  }
  for (const [role, end] of [['FROM', 'from'], ['TO', 'to']] as const) {
    const column = roles[role];
    if (!column) continue;
    const none = zeroDates(sampled, column);
    add(column, { field: `schedule.${end}`, transform: { type: 'LOCAL_TIME', timeZone: options.timeZone, ...(none.length > 0 ? { none } : {}) } }, `says when it ${end === 'from' ? 'starts' : 'ends'}${none.length > 0 ? `; ${none.join(', ')} means never` : ''}`);
  }
  if (roles.FROM ?? roles.TO) warnings.push(`times are read on the clocks of ${options.timeZone}`);
  if (STATUS) {
    const values = options.valuesOf(sampled.schema.name, STATUS.name) ?? [...new Set(sampleOf(sampled, STATUS))];
    const pair = statusValues(values);
    const others = values.filter((text) => text !== '' && !pair?.includes(text));
    if (pair) {
      const [shown, hidden] = pair;
      add(STATUS, { field: 'shown', transform: { type: 'STATUS', ...(shown === '1' ? {} : { shown }), ...(hidden === '0' ? {} : { hidden }) } }, `says whether it is shown (${shown}) or not (${hidden})`);
      // Words name states of their own, as WordPress has for revisions; a number that is neither is a mistake that a dry run lists.
      if (others.length > 0 && STATUS.family === 'TEXT') where.push({ column: STATUS.name, operator: 'IN', values: [...pair] });
    }
    if (others.length > 0) warnings.push(pair ? `rows whose ${STATUS.name} is ${some(others)} are ${STATUS.family === 'TEXT' ? 'left out' : 'neither shown nor hidden'}` : `${STATUS.name} may say which rows are shown, but nobody here knows what ${some(others)} mean: add a field shown`);
  }
  if (SORT) add(SORT, { field: 'priority', transform: { type: 'PRIORITY', top: 1000 } }, 'is a sort order: small comes first');
  if (GROUP) add(GROUP, { field: 'tags', transform: groupTransform(options, sampled.schema.name, GROUP) }, 'groups rows, as slots of a layout do');
  return { fields, reasons, warnings, fixed, where };
}

const some = (values: readonly string[]): string => `${values.slice(0, 5).join(', ')}${values.length > 5 ? ', …' : ''}`;

const STATUSES: readonly (readonly [shown: string, hidden: string])[] = [
  ...[['1', '0'], ['Y', 'N'], ['y', 'n'], ['yes', 'no'], ['Yes', 'No'], ['on', 'off'], ['active', 'inactive'], ['enabled', 'disabled'], ['true', 'false'], ['T', 'F']] as const,
  ...[['publish', 'draft'], ['published', 'draft'], ['published', 'unpublished'], ['visible', 'hidden'], ['live', 'draft'], ['A', 'D']] as const,
];

/** What the values say; `undefined` where they say nothing that is known. */
function statusValues(texts: readonly string[]): readonly [shown: string, hidden: string] | undefined {
  const distinct = new Set(texts.filter((value) => value !== ''));
  if (distinct.size === 0) return ['1', '0'];
  // `draft` alone goes with more than one word for what is shown.
  return STATUSES.find((pair) => pair.every((value) => distinct.has(value))) ?? STATUSES.find(([shown]) => distinct.has(shown)) ?? STATUSES.find(([, hidden]) => distinct.has(hidden));
}

/** The page on which the groups are slots, each filled by the promos of its tag. */
function proposeSlots(sampled: SampledTable, group: ColumnSchema, key: readonly string[], options: ProposalOptions): Proposal {
  const { schema } = sampled;
  const transform = groupTransform(options, schema.name, group);
  return {
    confidence: 60,
    reasons: [`${group.name} groups rows, as slots of a layout do: each group becomes a slot that shows the promos of its tag`],
    warnings: ['a site has one layout per page: where there is one for home already, add these slots to it instead'],
    mapping: mappingOf(options, schema, key, {
      name: `${titleOf(schema.name)}: slots`,
      documents: { kind: 'layout', keyPrefix: `${keyPrefix(schema.name)}home`, gatherBy: [] },
      fields: [
        fieldOf(sampled, group, { field: 'slot', transform }),
        fieldOf(sampled, group, { field: 'item.promos.tags', transform }),
      ],
      fixed: [{ field: 'page', value: 'home' }, { field: 'item.promos.limit', value: 10 }],
    }),
  };
}
