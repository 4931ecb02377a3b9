import type { AdoptionBody, AdoptionField } from '#contracts';
import { type SampledTable, sampleOf } from './column-roles.js';
import { type Role, splitName } from './column-words.js';
import { isPicture, promoRoles, type Roles, telling } from './promo-roles.js';
import { fieldOf, groupTransform, keyPrefix, mappingOf, type Proposal, type ProposalOptions, share, titleOf, zeroDates } from './proposal.js';
import { statusTransform, statusValues, withoutDeleted } from './row-states.js';
import { type ColumnSchema, naturalKey } from './table-schema.js';

const WEIGHTS: Partial<Record<Role, number>> = { TITLE: 2, IMAGE: 2, URL: 2, FROM: 1.5, TO: 1.5, STATUS: 1, SORT: 1, GROUP: 1, MARKUP: 1 };
const FULL = 13;
/** What people call tables of promos. */
const PROMO_NAMES = /^(?:\w*banners?|slid(?:e|er|es|ers|eshow)|promos?|promotions?|ads?|adverts?|advertisements?|carousels?|teasers?|campaigns?|offers?|heroe?s?|anuncios?|publicidades?|werbung|bandeaux?)$/;

/** A table whose rows have what promos have: a title, a picture, a target, times, a status. */
export function proposePromos(sampled: SampledTable, options: ProposalOptions): Proposal[] {
  const { schema } = sampled;
  const declared = naturalKey(schema);
  const key = declared ?? keyInSample(sampled);
  const roles = promoRoles(sampled);
  const spoken = telling(sampled, roles);
  const score = scoreOf(spoken);
  const speaking = [roles.IMAGE, roles.URL, roles.MARKUP, roles.FROM ?? roles.TO].filter(Boolean).length;
  // Blocks of content have a title, markup and a status, and nothing else.
  const isContent = roles.MARKUP !== undefined && spoken.STATUS !== undefined;
  // A table of that name is what it says, with a picture or a target alone.
  const named = splitName(schema.name).some((word) => PROMO_NAMES.test(word));
  if (!key || !roles.TITLE || (speaking < (named ? 1 : 2) && !isContent) || score < (isContent || named ? 4 : 5)) return [];
  const { fields, reasons, warnings, fixed, where } = promoFields(sampled, roles, options);
  if (!declared) warnings.push(`no key of ${schema.name} names its rows: ${key.join(', ')} is different in all of the ${sampled.rows.length} sampled; choose what is different in all of them`);
  const documents = { kind: 'promo' as const, keyPrefix: keyPrefix(schema.name) };
  const mapping = mappingOf(options, schema, key, { name: titleOf(schema.name), documents, fields, ...(fixed.length > 0 ? { fixed } : {}), ...(where.length > 0 ? { where } : {}) });
  const promos: Proposal = { confidence: confidence(score), reasons: [`${schema.name} looks like promos`, ...reasons], warnings, mapping };
  const slots = roles.GROUP ? [proposeSlots(sampled, roles.GROUP, mapping, options)] : [];
  return [promos, ...slots];
}

/** The first short column of which no sampled row has the same as another. */
function keyInSample({ schema, rows }: SampledTable): string[] | undefined {
  const found = schema.columns.find(({ family, maxLength }, at) => {
    const values = rows.flatMap((row) => row[at]?.toString('hex').toLowerCase() ?? []);
    return (family === 'NUMBER' || (family === 'TEXT' && (maxLength ?? 0) <= 255)) && values.length > 0 && new Set(values).size === rows.length;
  });
  return found && [found.name];
}

export function scoreOf(roles: Roles): number {
  return Object.entries(WEIGHTS).reduce((sum, [role, weight]) => sum + (role in roles ? weight : 0), 0);
}

export function confidence(score: number): number {
  return Math.max(5, Math.min(98, Math.round((score / FULL) * 100)));
}

export function promoFields(sampled: SampledTable, roles: Roles, options: ProposalOptions, of = '') {
  const fields: AdoptionField[] = [];
  const fixed: { field: string; value: string }[] = [];
  const { where, reasons, warnings } = withoutDeleted(sampled.schema, of);
  const add = (column: ColumnSchema, field: Omit<AdoptionField, 'column' | 'encoding'>, why: string) => {
    fields.push(fieldOf(sampled, column, field, `${of}${column.name}`));
    reasons.push(`${of}${column.name} ${why}`);
  };
  const { TITLE, IMAGE, URL: link, MARKUP, GROUP, SORT, STATUS } = roles;
  if (TITLE) add(TITLE, { field: 'title', transform: { type: sampleOf(sampled, TITLE).some((text) => /&\w+;/.test(text)) ? 'HTML_TEXT' : 'TEXT' } }, 'is the title');
  if (IMAGE) {
    add(IMAGE, { field: 'image.url', transform: { type: 'IMAGE', prefix: '/images/' } }, `names pictures: ${share(sampleOf(sampled, IMAGE), isPicture)} end like one`);
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
    const seconds = column.family === 'NUMBER';
    const none = seconds ? ['0'] : zeroDates(sampled, column);
    add(column, { field: `schedule.${end}`, transform: { type: seconds ? 'UNIX_TIME' : 'LOCAL_TIME', timeZone: options.timeZone, ...(none.length > 0 ? { none } : {}) } }, `says when it ${end === 'from' ? 'starts' : 'ends'}${none.length > 0 ? `; ${none.join(', ')} means never` : ''}`);
  }
  if (roles.TO?.dataType === 'date') warnings.push(`${roles.TO.name} holds days: each ends as that day begins; where the back office means all of that day, end it a day later`);
  if (roles.FROM ?? roles.TO) warnings.push(`times are read on the clocks of ${options.timeZone}`);
  if (STATUS) {
    const values = options.valuesOf(sampled.schema.name, STATUS.name) ?? [...new Set(sampleOf(sampled, STATUS))];
    const pair = statusValues(values, STATUS);
    const others = values.filter((text) => text !== '' && !pair?.includes(text));
    if (pair) {
      const [shown, hidden] = pair;
      add(STATUS, { field: 'shown', transform: statusTransform(pair) }, `says whether it is shown (${shown}) or not (${hidden})`);
      // Words name states of their own, as WordPress has for revisions; a number that is neither is a mistake that a dry run lists.
      if (others.length > 0 && STATUS.family === 'TEXT') where.push({ column: STATUS.name, operator: 'IN', values: [...pair] });
    }
    if (!pair) warnings.push(`${STATUS.name} may say which rows are shown, but nobody here knows what ${some(others) || 'its values'} mean: add a field shown`);
    else if (others.length > 0) warnings.push(`rows whose ${STATUS.name} is ${some(others)} are ${STATUS.family === 'TEXT' ? 'left out' : 'neither shown nor hidden'}`);
  }
  if (SORT) add(SORT, { field: 'priority', transform: { type: 'PRIORITY', top: 1000 } }, 'is a sort order: small comes first');
  if (GROUP) add(GROUP, { field: 'tags', transform: groupTransform(options, sampled.schema.name, GROUP) }, 'groups rows, as slots of a layout do');
  return { fields, reasons, warnings, fixed, where };
}

const some = (values: readonly string[]): string => `${values.slice(0, 5).join(', ')}${values.length > 5 ? ', …' : ''}`;

/** The page on which the groups are slots, each filled by the promos of its tag. */
function proposeSlots(sampled: SampledTable, group: ColumnSchema, { key, where }: AdoptionBody, options: ProposalOptions): Proposal {
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
      // No slot for promos that are not taken.
      ...(where ? { where } : {}),
    }),
  };
}
