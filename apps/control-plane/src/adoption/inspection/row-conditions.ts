import type { SampledTable } from './column-roles.js';
import { splitName, wordsOf } from './column-words.js';
import { joinConditions, listed, noConditions, type RowConditions, valuesSeen } from './conditions.js';
import { accessConditions } from './protected-rows.js';
import type { ProposalOptions } from './proposal.js';
import type { RiskQuestion } from './risk.js';
import { withoutDeleted } from './row-states.js';

/** Rows that are deleted, protected, meant for the back office alone or of another type; `of` is what the table is called in reasons. */
export function rowConditions(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
  of = '',
): RowConditions {
  const deleted = withoutDeleted(sampled.schema, of);
  return joinConditions([
    { ...noConditions(), ...deleted },
    accessConditions(sampled, tables, options),
    typeConditions(sampled, options),
    publication(sampled),
  ]);
}

/** Words of a type of rows that no page shows by itself. */
const NOT_CONTENT = new Set(
  (
    'revision revisions autosave menu menus nav navigation navlink style styles css theme template templates attachment attachments media file files cache log logs field fields form forms order orders ' +
    'refund coupon user users request changeset font fonts part parts variation schedule action webhook setting settings config option options comment link redirect separator heading alias component widget system mail email'
  ).split(' '),
);
const PROMO_TYPES =
  /^(?:\w*banners?|slid(?:e|er|es|ers|eshow)|promos?|promotions?|ads?|adverts?|advertisements?|carousels?|teasers?|campaigns?|offers?|heroe?s?)$/;
const TYPE_WORDS = new Set('type kind bundle class'.split(' '));
const BESIDE_TYPE = new Set('post content node entity item row record page object element entry'.split(' '));
const MAX_TYPES = 40;

/** Rows of several types in one table: posts, their revisions, menu items, styles. */
function typeConditions(sampled: SampledTable, options: ProposalOptions): RowConditions {
  const { schema } = sampled;
  const column = schema.columns.find(({ name, family, charset, maxLength, generated }) => {
    if (family !== 'TEXT' || charset === null || generated || (maxLength ?? 0) > 255) return false;
    const words = wordsOf(name, schema.name);
    return (
      words.some((word) => TYPE_WORDS.has(word)) && words.every((word) => TYPE_WORDS.has(word) || BESIDE_TYPE.has(word))
    );
  });
  const values = column ? valuesSeen(sampled, column, options) : [];
  if (!column || values.length < 2 || values.length > MAX_TYPES) return noConditions();
  const isPromo = (type: string) => splitName(type).some((word) => PROMO_TYPES.test(word));
  const isContent = (type: string) => !splitName(type).some((word) => NOT_CONTENT.has(word));
  // In a table of promos, every value of a type column stands for promos.
  const promos = isPromo(schema.name) ? [] : values.filter((type) => isPromo(type) && isContent(type));
  const kept = promos.length > 0 ? promos : values.filter(isContent);
  if (kept.length === 0) return noConditions();
  const others = values.filter((type) => !kept.includes(type));
  const question = { table: schema.name, column: column.name };
  const mixed: RiskQuestion[] =
    kept.length < 2
      ? []
      : [
          {
            ...question,
            code: 'SEVERAL_TYPES',
            effect: 'MIXED',
            avoided: false,
            where: [{ column: column.name, operator: 'IN', values: kept }],
            say: (rows) =>
              `${rows} of ${kept.length} types (${listed(kept)}) in ${column.name} become promos together: filter for those that belong on the page`,
          },
        ];
  if (others.length === 0) return { ...noConditions(), questions: mixed };
  return {
    ...noConditions(),
    where: [{ column: column.name, operator: 'IN', values: kept }],
    reasons: [`${column.name} tells types of rows apart: ${listed(kept)} ${kept.length === 1 ? 'is' : 'are'} taken`],
    questions: [
      ...mixed,
      {
        ...question,
        code: 'OTHER_TYPE',
        effect: 'LOST',
        avoided: true,
        where: [{ column: column.name, operator: 'NOT_IN', values: kept }],
        say: (rows) => `left out: ${rows} of other types in ${column.name} (${listed(others)})`,
      },
    ],
  };
}

/** A time of publication that some rows do not have: those are drafts. */
function publication(sampled: SampledTable): RowConditions {
  const { schema, rows } = sampled;
  const at = schema.columns.findIndex(
    ({ name, family, nullable }) =>
      family === 'TIME' &&
      nullable &&
      splitName(name)
        .filter((word) => !['at', 'on', 'date', 'time'].includes(word))
        .join(' ') === 'published',
  );
  const column = schema.columns[at];
  // A status says more, and a row that was taken back may keep the time at which it was published.
  if (
    !column ||
    !rows.some((row) => row[at] === null) ||
    schema.columns.some(({ name, family }) => family === 'TEXT' && splitName(name).includes('status'))
  )
    return noConditions();
  return {
    ...noConditions(),
    where: [{ column: column.name, operator: 'IS_NOT_NULL' }],
    reasons: [`${column.name} is NULL in drafts: they are left out`],
    questions: [
      {
        code: 'NOT_PUBLISHED',
        effect: 'LOST',
        avoided: true,
        table: schema.name,
        column: column.name,
        where: [{ column: column.name, operator: 'IS_NULL' }],
        say: (rows) => `left out: ${rows} without ${column.name}, which are drafts`,
      },
    ],
  };
}
