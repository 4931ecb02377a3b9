import type { AdoptionField } from '#contracts';
import { columnFor, type SampledTable } from './column-roles.js';
import { fieldOf, keyPrefix, mappingOf, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import { naturalKey } from './table-schema.js';

/** Names of settings that no frontend may ever see. */
const SECRET = /pass(?:word|wd|phrase)?|secret|token|api_?key|private|credential|licen[cs]e|merchant|salt|hash|login|signature|webhook|auth(?!or)/i;

/** A table of names and values: what configuration looks like everywhere. */
export function proposeSettings(sampled: SampledTable, options: ProposalOptions): Proposal[] {
  const { schema } = sampled;
  const key = naturalKey(schema);
  const unique = new Set([schema.primaryKey, ...schema.uniqueKeys.map(({ columns }) => columns)].flat());
  const name = columnFor('NAME', { ...schema, columns: schema.columns.filter((column) => unique.has(column.name)) }) ?? columnFor('NAME', schema);
  const value = columnFor('VALUE', schema, [name]);
  const named = /config|setting|option|param|preference|registry|variable|meta/i.test(schema.name);
  if (!key || !name || !value || (!named && !unique.has(name.name)) || schema.columns.length > 20) return [];
  const title = columnFor('TITLE', schema, [name, value]);
  const description = columnFor('DESCRIPTION', schema, [name, value, title]);
  const group = schema.columns.find((column) => /(?:^|_)(?:group|section|category|module|namespace|scope)(?:_?id)?$/i.test(column.name));
  const secrets = (options.valuesOf(schema.name, name.name) ?? []).filter((text) => SECRET.test(text));
  const fields: AdoptionField[] = [
    fieldOf(sampled, name, { field: 'setting.name', transform: { type: 'TEXT' } }),
    fieldOf(sampled, value, { field: 'setting.value', transform: { type: 'TEXT' } }),
    ...(title ? [fieldOf(sampled, title, { field: 'setting.title', transform: { type: 'HTML_TEXT' } })] : []),
    ...(description ? [fieldOf(sampled, description, { field: 'setting.description', transform: { type: 'HTML_TEXT' } })] : []),
  ];
  return [
    {
      confidence: named ? 80 : 55,
      reasons: [
        `${schema.name} looks like settings: ${name.name} names them, ${value.name} holds their values`,
        ...(group ? [`${group.name} groups them: each group becomes a component whose props they are`] : ['all of them become one component, whose props they are']),
        ...(secrets.length > 0 ? [`${secrets.length} names look like secrets and are filtered out: ${secrets.slice(0, 5).join(', ')}${secrets.length > 5 ? ', …' : ''}`] : []),
      ],
      warnings: ['whatever is adopted is published: check that no setting is a secret, and filter for those that frontends need'],
      mapping: mappingOf(options, schema, key, {
        name: titleOf(schema.name),
        documents: { kind: 'component', keyPrefix: keyPrefix(schema.name), gatherBy: group ? [group.name] : [] },
        fields,
        fixed: [{ field: 'name', value: titleOf(schema.name) }],
        ...(secrets.length > 0 ? { where: [{ column: name.name, operator: 'NOT_IN' as const, values: secrets }] } : {}),
      }),
    },
  ];
}
