import { type AdoptionField, type AdoptionFilter, SHORT_CODES } from '@paddock/contracts';
import { toKey } from '../mapping/keys.js';
import { shortCodesIn } from '../mapping/short-codes.js';
import { type SampledTable, sampleOf } from './column-roles.js';
import { type Role, splitName, WORDS } from './column-words.js';
import { valuesSeen } from './conditions.js';
import { isDisplayTime } from './display-times.js';
import { houseEscapes, isEscapedMarkup } from './house-escapes.js';
import { type Layer, type Layers, layersOf } from './promo-layers.js';
import { isPicture, type Roles, telling } from './promo-roles.js';
import {
  fieldOf,
  groupTransform,
  keyPrefix,
  mappingOf,
  type Proposal,
  type ProposalOptions,
  share,
  titleOf,
  zeroDates,
} from './proposal.js';
import { proposePlaces } from './propose-places.js';
import type { RiskQuestion } from './risk.js';
import { statusTransform, statusValues } from './row-states.js';
import { type ColumnSchema, naturalKey } from './table-schema.js';

const WEIGHTS: Partial<Record<Role, number>> = {
  TITLE: 2,
  IMAGE: 2,
  URL: 2,
  FROM: 1.5,
  TO: 1.5,
  STATUS: 1,
  SORT: 1,
  GROUP: 1,
  MARKUP: 1,
};
const FULL = 13;
/** Paths of pictures that begin at the root of the site, without the slash. */
const FROM_ROOT = /^(?:images?|img|media|uploads?|assets|files|storage|static|public|content|sites|wp-content)\//i;
/** What people call tables of promos. */
const PROMO_NAMES =
  /^(?:\w*banners?|slid(?:e|er|es|ers|eshow)|promos?|promotions?|ads?|adverts?|advertisements?|carousels?|teasers?|campaigns?|offers?|heroe?s?|anuncios?|publicidades?|werbung|bandeaux?)$/;

/** A table whose rows have what promos have: a title, a picture, a target, times, a status; by itself or with what other tables say about them. */
export function proposePromos(
  table: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Proposal[] {
  const { schema } = table;
  const declared = naturalKey(schema);
  const key = declared ?? keyInSample(table);
  const layers = layersOf(table, tables, options);
  if (!layers) return [];
  const parts = partsOf(layers);
  // A group says where rows belong, not what they are.
  const speakingParts = parts.filter((layer) => layer !== layers.group).toReversed();
  const roles: Roles = Object.assign({}, ...speakingParts.map((layer) => layer.roles));
  const spoken: Roles = Object.assign({}, ...speakingParts.map((layer) => telling(layer.sampled, layer.roles)));
  const score = scoreOf(spoken);
  const speaking = [roles.IMAGE, roles.URL, roles.MARKUP, roles.FROM ?? roles.TO].filter(Boolean).length;
  // Blocks of content have a title, markup and a status, and nothing else.
  const isContent = roles.MARKUP !== undefined && spoken.STATUS !== undefined;
  // A table of that name is what it says, with a picture or a target alone.
  const named = splitName(schema.name).some((word) => PROMO_NAMES.test(word));
  const hasTexts = layers.texts !== undefined && [roles.MARKUP, roles.URL, roles.IMAGE].some(Boolean);
  if (
    !key ||
    !roles.TITLE ||
    (speaking < (named ? 1 : 2) && !isContent && !hasTexts) ||
    (!hasTexts && score < (isContent || named ? 4 : 5))
  )
    return [];
  const made = parts.map((layer) => promoFields(layer, options));
  const { conditions, languages } = layers;
  const where = [...conditions.where, ...made.flatMap((part) => part.where)];
  const fixed = [...made.flatMap((part) => part.fixed), ...localeOf(languages, options)];
  const joins = [...parts.flatMap((layer) => layer.joins), ...layers.scopes];
  const [join, ...further] = joins;
  const warnings = [...conditions.warnings, ...made.flatMap((part) => part.warnings)];
  if (!declared)
    warnings.push(
      `no key of ${schema.name} names its rows: ${key.join(', ')} is different in all of the ${table.rows.length} sampled; choose what is different in all of them`,
    );
  const documents = {
    kind: 'promo' as const,
    keyPrefix: `${keyPrefix(schema.name)}${options.language !== undefined && languages ? `${toKey(languages.code ?? languages.chosen) ?? 'other'}-` : ''}`,
  };
  const mapping = mappingOf(options, schema, key, {
    ...{ name: titleOf(schema.name), documents, fields: made.flatMap((part) => part.fields) },
    ...(join ? { join } : {}),
    ...(further.length > 0 ? { joins: further } : {}),
    ...(fixed.length > 0 ? { fixed } : {}),
    ...(where.length > 0 ? { where } : {}),
  });
  const questions = [...conditions.questions, ...made.flatMap((part) => part.questions), ...otherTimes(table, parts)];
  const promos: Proposal = {
    ...{
      confidence: confidence(scoreOf({ ...layers.group?.roles, ...spoken }) - (layers.texts ? 1 : 0)),
      mapping,
      warnings,
      questions,
    },
    reasons: [
      ...(layers.texts ? [] : [`${schema.name} looks like promos`]),
      ...conditions.reasons,
      ...made.flatMap((part) => part.reasons),
    ],
    scope: {
      language: languages?.code,
      otherLanguages: (languages?.all ?? []).filter((language) => language !== (languages?.code ?? languages?.chosen)),
      shop: layers.shops?.chosen,
      otherShops: (layers.shops?.all ?? []).filter((shop) => shop !== layers.shops?.chosen),
    },
  };
  const group = parts.find((layer) => layer.roles.GROUP);
  return [
    promos,
    ...(group ? [proposeSlots(table, group, promos, options)] : proposePlaces(table, promos, tables, options)),
  ];
}

function hasBlank({ schema, rows }: SampledTable, column: ColumnSchema): boolean {
  const at = schema.columns.indexOf(column);
  return rows.some((row) => row[at] === null || row[at]?.length === 0);
}

/** Numbers of states are small; another number is a mistake, which a dry run lists. */
const isState = (value: string): boolean => /^-?[1-5]$/.test(value);

/** What gives fields, the most telling first: texts of a language say more than names inside the back office. */
function partsOf({ own, texts, picture, group, details }: Layers): Layer[] {
  return [texts, own, picture, ...details, group].flatMap((layer) => layer ?? []);
}

/** A language that was asked for by name is shown to those who read it. */
function localeOf(languages: Layers['languages'], { language }: ProposalOptions): { field: string; value: string }[] {
  return language !== undefined && languages?.code !== undefined
    ? [{ field: 'audience.locales', value: languages.code }]
    : [];
}

/** Times whose names say that something else happens then. */
function otherTimes({ schema }: SampledTable, parts: readonly Layer[]): RiskQuestion[] {
  const taken = new Set(parts.flatMap(({ roles }) => [roles.FROM?.name, roles.TO?.name]));
  return schema.columns.flatMap((column): RiskQuestion[] => {
    const words = splitName(column.name);
    const speaks =
      column.family === 'TIME' &&
      !taken.has(column.name) &&
      words.some((word) => WORDS.FROM.includes(word) || WORDS.TO.includes(word)) &&
      !isDisplayTime(column.name, schema.name);
    if (!speaks) return [];
    return [
      {
        code: 'OTHER_DATE',
        effect: 'LOST',
        avoided: true,
        table: schema.name,
        column: column.name,
        where: [{ column: column.name, operator: 'IS_NOT_EMPTY' }],
        say: (rows) =>
          `not read: ${column.name} in ${rows}; it seems to say when something else happens, not when the row is shown`,
      },
    ];
  });
}

/** The first short column whose values are unique in the sample. */
function keyInSample({ schema, rows }: SampledTable): string[] | undefined {
  const found = schema.columns.find(({ family, maxLength }, at) => {
    const values = rows.flatMap((row) => row[at]?.toString('hex').toLowerCase() ?? []);
    return (
      (family === 'NUMBER' || (family === 'TEXT' && (maxLength ?? 0) <= 255)) &&
      values.length > 0 &&
      new Set(values).size === rows.length
    );
  });
  return found && [found.name];
}

export function scoreOf(roles: Roles): number {
  return Object.entries(WEIGHTS).reduce((sum, [role, weight]) => sum + (role in roles ? weight : 0), 0);
}

export function confidence(score: number): number {
  return Math.max(5, Math.min(98, Math.round((score / FULL) * 100)));
}

export function promoFields(
  { sampled, roles, of }: Layer,
  options: ProposalOptions,
): Pick<Proposal, 'reasons' | 'warnings' | 'questions'> & {
  fields: AdoptionField[];
  fixed: { field: string; value: string }[];
  where: AdoptionFilter[];
} {
  const fields: AdoptionField[] = [];
  const fixed: { field: string; value: string }[] = [];
  const where: AdoptionFilter[] = [];
  const reasons: string[] = [];
  const warnings: string[] = [];
  const questions: RiskQuestion[] = [];
  const add = (column: ColumnSchema, field: Omit<AdoptionField, 'column' | 'encoding'>, why: string) => {
    fields.push(withoutCodes(fieldOf(sampled, column, field, of), sampleOf(sampled, column)));
    reasons.push(`${of}${column.name} ${why}`);
  };
  const { TITLE, IMAGE, URL: link, MARKUP, GROUP, SORT, STATUS } = roles;
  if (TITLE)
    add(
      TITLE,
      {
        field: 'title',
        transform: { type: of === '' && houseEscapes(sampled).escapes === 'no' ? 'TEXT' : 'HTML_TEXT' },
      },
      'is the title',
    );
  if (IMAGE) {
    const prefix = sampleOf(sampled, IMAGE).some((text) => FROM_ROOT.test(text)) ? '/' : '/images/';
    add(
      IMAGE,
      { field: 'image.url', transform: { type: 'IMAGE', prefix } },
      `names pictures: ${share(sampleOf(sampled, IMAGE), isPicture)} end like one`,
    );
    warnings.push(`pictures are taken to lie below ${prefix}: set the prefix of ${IMAGE.name}`);
  }
  if (link) {
    const http = sampleOf(sampled, link).filter((text) => /^http:/i.test(text)).length;
    const fromRoot = sampleOf(sampled, link).some(
      (text) => !/^(?:[a-z][a-z0-9+.-]*:|\/|#|\?|www\.|$)/i.test(text.trim()),
    );
    add(
      link,
      { field: 'cta.href', transform: { type: 'URL', ...(fromRoot ? { prefix: '/' } : {}) } },
      `holds addresses: ${share(sampleOf(sampled, link), (text) => /^(?:https?:|\/|[\w-]+\.)/i.test(text))} look like one`,
    );
    fixed.push({ field: 'cta.label', value: 'More' });
    if (http > 0)
      warnings.push(
        `${http} addresses begin with http:, which no promo may link to: each is left out, unless httpLinks upgrades them`,
      );
  }
  if (MARKUP) {
    if (sampleOf(sampled, MARKUP).some(isEscapedMarkup))
      add(
        MARKUP,
        { field: 'text', transform: { type: 'ESCAPED_HTML' } },
        'holds markup with character references, which are resolved before it is reduced to safe Markdown',
      );
    else
      add(
        MARKUP,
        { field: 'text', transform: { type: 'HTML' }, readOnly: true },
        'holds markup, which is reduced to safe Markdown',
      );
    const scripts = sampleOf(sampled, MARKUP).filter((text) => /<script/i.test(text)).length;
    if (scripts > 0) warnings.push(`${scripts} rows have scripts in ${MARKUP.name}, which never come through`);
  }
  for (const [role, end] of [
    ['FROM', 'from'],
    ['TO', 'to'],
  ] as const) {
    const column = roles[role];
    if (!column) continue;
    const seconds = column.family === 'NUMBER';
    const none = seconds ? ['0'] : zeroDates(sampled, column);
    add(
      column,
      {
        field: `schedule.${end}`,
        transform: {
          type: seconds ? 'UNIX_TIME' : 'LOCAL_TIME',
          timeZone: options.timeZone,
          ...(none.length > 0 ? { none } : {}),
        },
      },
      `says when it ${end === 'from' ? 'starts' : 'ends'}${none.length > 0 ? `; ${none.join(', ')} means never` : ''}`,
    );
  }
  if (roles.TO?.dataType === 'date')
    warnings.push(
      `${roles.TO.name} holds days: each ends as that day begins; where the back office means all of that day, end it a day later`,
    );
  if (roles.FROM ?? roles.TO) warnings.push(`times are read on the clocks of ${options.timeZone}`);
  if (STATUS) {
    const values = valuesSeen(sampled, STATUS, options);
    const pair = statusValues(values, STATUS);
    const others = values.filter((text) => text !== '' && !pair?.includes(text));
    const question = { table: sampled.schema.name, column: STATUS.name };
    if (pair) {
      const [shown, hidden] = pair;
      add(
        STATUS,
        { field: 'shown', transform: statusTransform(pair) },
        `says whether it is shown (${shown}) or not (${hidden})`,
      );
      // An empty status would be none, and a promo without one is shown.
      const blank = of === '' && !sampled.inner?.has(STATUS) && hasBlank(sampled, STATUS);
      // Other states are neither: revisions, what is archived, what lies in the bin.
      if (
        blank ||
        (others.length > 0 &&
          of === '' &&
          !sampled.inner?.has(STATUS) &&
          (STATUS.family === 'TEXT' || others.every(isState)))
      ) {
        where.push({ column: STATUS.name, operator: 'IN', values: [...pair] });
        questions.push({
          ...question,
          code: 'OTHER_STATE',
          effect: 'LOST',
          avoided: true,
          where: [{ column: STATUS.name, operator: 'NOT_IN', values: [...pair] }],
          say: (rows) => `left out: ${rows} whose ${STATUS.name} is ${some(others) || 'empty'}`,
        });
      }
    }
    if (!pair) {
      warnings.push(
        `${STATUS.name} may decide which rows are shown, but the meaning of ${some(others) || 'its values'} is unknown: add a field shown`,
      );
      questions.push({
        ...question,
        code: 'UNKNOWN_STATE',
        effect: 'EXPOSED',
        avoided: false,
        where: [],
        say: (rows) => `shown with any ${STATUS.name}: ${rows}`,
      });
    }
  }
  if (SORT)
    add(SORT, { field: 'priority', transform: { type: 'PRIORITY', top: 1000 } }, 'is a sort order: small comes first');
  if (GROUP)
    add(
      GROUP,
      { field: 'tags', transform: groupTransform(options, sampled, GROUP) },
      'groups rows, as slots of a layout do',
    );
  return { fields, reasons, warnings, questions, fixed, where };
}

/** A text with placeholders of the back office is taken without them, and never written back. */
function withoutCodes(field: AdoptionField, texts: readonly string[]): AdoptionField {
  const shortCodes = SHORT_CODES.filter((kind) => texts.some((text) => shortCodesIn(text).includes(kind)));
  if (shortCodes.length === 0 || !['TEXT', 'HTML_TEXT', 'HTML', 'URL'].includes(field.transform.type)) return field;
  return { ...field, transform: { ...field.transform, shortCodes }, readOnly: true };
}

const some = (values: readonly string[]): string => `${values.slice(0, 5).join(', ')}${values.length > 5 ? ', …' : ''}`;

/** The page on which the groups are slots, each filled by the promos of its tag. */
function proposeSlots(
  { schema }: SampledTable,
  { sampled, roles, of }: Layer,
  { mapping: promos }: Proposal,
  options: ProposalOptions,
): Proposal {
  const group = roles.GROUP;
  if (!group) throw new Error('slots are made of groups');
  const transform = groupTransform(options, sampled, group);
  const { key, where, join, joins } = promos;
  // A group that is not shown is no slot.
  const shown =
    of === ''
      ? []
      : promos.fields
          .filter(({ field, column }) => field === 'shown' && column.startsWith(of))
          .map((field) => ({ ...field, field: 'item.shown' }));
  return {
    ...{ confidence: 60, questions: [] },
    reasons: [
      `${of}${group.name} groups rows, as slots of a layout do: each group becomes a slot that shows the promos of its tag`,
    ],
    warnings: ['a site has one layout per page: where there is one for home already, add these slots to it instead'],
    mapping: mappingOf(options, schema, key, {
      name: `${titleOf(schema.name)}: slots`,
      documents: { kind: 'layout', keyPrefix: `${promos.documents.keyPrefix}home`, gatherBy: [] },
      fields: [
        fieldOf(sampled, group, { field: 'slot', transform }, of),
        fieldOf(sampled, group, { field: 'item.promos.tags', transform }, of),
        ...shown,
      ],
      fixed: [
        { field: 'page', value: 'home' },
        { field: 'item.promos.limit', value: 10 },
      ],
      // No slot for promos that are not taken.
      ...(where ? { where } : {}),
      ...(join ? { join } : {}),
      ...(joins ? { joins } : {}),
    }),
  };
}
