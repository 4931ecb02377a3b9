import type { AdoptionField } from '#contracts';
import { columnFor, type SampledTable } from './column-roles.js';
import { fieldOf, keyPrefix, mappingOf, MAX_NAMES, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import { withoutDeleted } from './row-states.js';
import { type ColumnSchema, naturalKey } from './table-schema.js';

/** Names of settings that no frontend may ever see. */
const SECRET = /pass(?:word|wd|phrase)?|secret|token|api_?key|private|credential|licen[cs]e|merchant|salt|hash|login|signature|webhook|auth(?!or)|encrypt|cipher|smtp|dsn|(?:^|[_.-])(?:pass|pwd|pin|sk|priv|cert)(?:$|[_.-])|sandbox_key|service_?account/i;

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
  const groups = groupsOf(sampled, name, options);
  const names = options.allValuesOf(schema.name, name.name) ?? [];
  const secrets = names.filter((text) => SECRET.test(text));
  const fields: AdoptionField[] = [
    fieldOf(sampled, name, { field: 'setting.name', transform: { type: 'TEXT' } }),
    fieldOf(sampled, value, { field: 'setting.value', transform: { type: 'TEXT' } }),
    ...(title ? [fieldOf(sampled, title, { field: 'setting.title', transform: { type: 'HTML_TEXT' } })] : []),
    ...(description ? [fieldOf(sampled, description, { field: 'setting.description', transform: { type: 'HTML_TEXT' } })] : []),
  ];
  const deleted = withoutDeleted(schema);
  const where = [...(secrets.length > 0 ? [{ column: name.name, operator: 'NOT_IN' as const, values: secrets }] : []), ...deleted.where];
  return [
    {
      confidence: named ? 80 : 55,
      reasons: [
        `${schema.name} looks like settings: ${name.name} names them, ${value.name} holds their values`,
        ...deleted.reasons,
        ...(groups.length > 0 ? [`${groups.map((column) => column.name).join(', ')} groups them: each group becomes a component whose props they are`] : ['all of them become one component, whose props they are']),
        ...(secrets.length > 0 ? [`${secrets.length} names look like secrets and are filtered out: ${secrets.slice(0, 5).join(', ')}${secrets.length > 5 ? ', …' : ''}`] : []),
      ],
      warnings: [
        ...deleted.warnings,
        ...(names.length >= MAX_NAMES ? [`${schema.name} has more than ${MAX_NAMES} names: those beyond were not looked at for secrets`] : []),
        'whatever is adopted is published: check that no setting is a secret, and filter for those that frontends need',
      ],
      mapping: mappingOf(options, schema, key, {
        name: titleOf(schema.name),
        documents: { kind: 'component', keyPrefix: keyPrefix(schema.name), gatherBy: groups.map((column) => column.name) },
        fields,
        fixed: [{ field: 'name', value: titleOf(schema.name) }],
        ...(where.length > 0 ? { where } : {}),
      }),
    },
  ];
}

const GROUP = /(?:^|_)(?:group|section|category|module|namespace|scope)(?:_?id)?$/i;
const OWNER = /(?:^|_)(?:store|shop|site|website|brand|tenant|lang|language|locale)(?:_?id)?$/i;

/** What tells settings apart: whose they are, what makes their names unique, and their group. */
function groupsOf(sampled: SampledTable, name: ColumnSchema, options: ProposalOptions): ColumnSchema[] {
  const { schema } = sampled;
  const others = schema.columns.filter((column) => column !== name && !column.autoIncrement && column.family !== 'TIME');
  const beside = new Set([schema.primaryKey, ...schema.uniqueKeys.map(({ columns }) => columns)].filter((columns) => columns.includes(name.name)).flat());
  const several = (column: ColumnSchema) => (options.valuesOf(schema.name, column.name) ?? []).length > 1;
  const owners = others.filter((column) => (OWNER.test(column.name) || beside.has(column.name)) && several(column));
  const group = others.find((column) => GROUP.test(column.name)) ?? others.find((column) => /^code$/i.test(column.name) && beginsAll(sampled, column, name));
  return [...new Set([...owners, ...(group ? [group] : [])])];
}

/** `config` beside `config_name`: a column that repeats what the names begin with is their group, and no type of value. */
function beginsAll({ schema, rows }: SampledTable, column: ColumnSchema, name: ColumnSchema): boolean {
  const [group, named] = [schema.columns.indexOf(column), schema.columns.indexOf(name)];
  return rows.length > 0 && rows.every((row) => Boolean(row[group]?.length) && row[named]?.toString().startsWith(row[group]?.toString() ?? ''));
}
