import type { AdoptionField } from '@paddock/contracts';
import { columnFor, type SampledTable } from './column-roles.js';
import { fieldOf, keyPrefix, mappingOf, MAX_NAMES, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import type { RiskQuestion } from './risk.js';
import { withoutDeleted } from './row-states.js';
import { isSecretSetting } from './secrets.js';
import { type ColumnSchema, naturalKey } from './table-schema.js';

/** A table of names and values: what configuration looks like everywhere. */
export function proposeSettings(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Proposal[] {
  const { schema } = sampled;
  // Names and values of something that is shown by itself belong to it, and are no settings.
  const described = options.relations
    .filter(({ table }) => table === schema.name)
    .flatMap(({ to }) => tables.filter((table) => table.schema.name === to));
  if (described.some((table) => columnFor('MARKUP', table.schema) ?? columnFor('IMAGE', table.schema))) return [];
  const key = naturalKey(schema);
  const unique = new Set([schema.primaryKey, ...schema.uniqueKeys.map(({ columns }) => columns)].flat());
  const name =
    columnFor('NAME', { ...schema, columns: schema.columns.filter((column) => unique.has(column.name)) }) ??
    columnFor('NAME', schema);
  const value = columnFor('VALUE', schema, [name]);
  const named = /config|setting|option|param|preference|registry|variable|meta/i.test(schema.name);
  if (!key || !name || !value || (!named && !unique.has(name.name)) || schema.columns.length > 20) return [];
  const title = columnFor('TITLE', schema, [name, value]);
  const description = columnFor('DESCRIPTION', schema, [name, value, title]);
  const groups = groupsOf(sampled, name, options);
  const names = options.allValuesOf(schema.name, name.name) ?? [];
  const inside = options.settingsOf(schema.name, name.name, value.name);
  const byValue = (inside?.secret ?? []).filter((text) => !isSecretSetting(text));
  const secrets = [...names.filter(isSecretSetting), ...byValue];
  const fields: AdoptionField[] = [
    fieldOf(sampled, name, { field: 'setting.name', transform: { type: 'TEXT' } }),
    fieldOf(sampled, value, { field: 'setting.value', transform: { type: 'TEXT' } }),
    ...(title ? [fieldOf(sampled, title, { field: 'setting.title', transform: { type: 'HTML_TEXT' } })] : []),
    ...(description
      ? [fieldOf(sampled, description, { field: 'setting.description', transform: { type: 'HTML_TEXT' } })]
      : []),
  ];
  const deleted = withoutDeleted(schema);
  const question = { effect: 'EXPOSED', avoided: true, table: schema.name, column: name.name } as const;
  const bySecretName = names.filter(isSecretSetting);
  const questions: RiskQuestion[] = [
    ...deleted.questions,
    ...(bySecretName.length > 0
      ? [
          {
            ...question,
            code: 'SECRET_SETTING' as const,
            where: [{ column: name.name, operator: 'IN' as const, values: bySecretName }],
            say: (rows: string) => `left out: ${rows} whose names speak of secrets`,
          },
        ]
      : []),
    ...(byValue.length > 0
      ? [
          {
            ...question,
            code: 'SECRET_VALUE' as const,
            where: [{ column: name.name, operator: 'IN' as const, values: byValue }],
            say: (rows: string) => `left out: ${rows} with a secret inside ${value.name}`,
          },
        ]
      : []),
    ...((inside?.structured ?? []).length > 0
      ? [
          {
            ...question,
            effect: 'LOST' as const,
            avoided: false,
            code: 'STRUCTURED_VALUE' as const,
            where: [{ column: name.name, operator: 'IN' as const, values: [...(inside?.structured ?? [])] }],
            say: (rows: string) => `taken as one text: ${rows} that hold several values in it (JSON or serialised)`,
          },
        ]
      : []),
  ];
  const where = [
    ...(secrets.length > 0 ? [{ column: name.name, operator: 'NOT_IN' as const, values: secrets }] : []),
    ...deleted.where,
  ];
  return [
    {
      ...{ confidence: named ? 80 : 55, questions },
      reasons: [
        `${schema.name} looks like settings: ${name.name} names them, ${value.name} holds their values`,
        ...deleted.reasons,
        ...(groups.length > 0
          ? [
              `${groups.map((column) => column.name).join(', ')} groups them: each group becomes a component whose props they are`,
            ]
          : ['all of them become one component, whose props they are']),
        ...(secrets.length > 0
          ? [
              `${secrets.length} names look like secrets and are filtered out: ${secrets.slice(0, 5).join(', ')}${secrets.length > 5 ? ', …' : ''}`,
            ]
          : []),
      ],
      warnings: [
        ...deleted.warnings,
        ...(names.length >= MAX_NAMES
          ? [`${schema.name} has more than ${MAX_NAMES} names: those beyond were not looked at for secrets`]
          : []),
        'every adopted setting is published: check that none is a secret, and filter for those that frontends need',
      ],
      mapping: mappingOf(options, schema, key, {
        name: titleOf(schema.name),
        documents: {
          kind: 'component',
          keyPrefix: keyPrefix(schema.name),
          gatherBy: groups.map((column) => column.name),
        },
        fields,
        fixed: [{ field: 'name', value: titleOf(schema.name) }],
        ...(where.length > 0 ? { where } : {}),
      }),
    },
  ];
}

const GROUP = /(?:^|_)(?:group|section|category|module|namespace|scope)(?:_?id)?$/i;
const OWNER = /(?:^|_)(?:store|shop|site|website|channel|market|brand|tenant|lang|language|locale|scope)(?:_?id)?$/i;

/** What tells settings apart: whose they are, what makes their names unique, and their group. */
function groupsOf(sampled: SampledTable, name: ColumnSchema, options: ProposalOptions): ColumnSchema[] {
  const { schema } = sampled;
  const others = schema.columns.filter(
    (column) => column !== name && !column.autoIncrement && column.family !== 'TIME',
  );
  const beside = new Set(
    [schema.primaryKey, ...schema.uniqueKeys.map(({ columns }) => columns)]
      .filter((columns) => columns.includes(name.name))
      .flat(),
  );
  const hasNull = (column: ColumnSchema) => sampled.rows.some((row) => row[schema.columns.indexOf(column)] === null);
  const several = (column: ColumnSchema) =>
    (options.valuesOf(schema.name, column.name) ?? []).length + (hasNull(column) ? 1 : 0) > 1;
  const differing = differBesideName(sampled, name);
  const owners = others.filter(
    (column) => (OWNER.test(column.name) || beside.has(column.name) || differing.has(column.name)) && several(column),
  );
  const group =
    others.find((column) => GROUP.test(column.name)) ??
    others.find((column) => /^code$/i.test(column.name) && beginsAll(sampled, column, name));
  return [...new Set([...owners, ...(group ? [group] : [])])];
}

/** What of short columns differs among rows of one name: that is what tells those rows apart. */
function differBesideName({ schema, rows }: SampledTable, name: ColumnSchema): Set<string> {
  const at = schema.columns.indexOf(name);
  const same = [...Map.groupBy(rows, (row) => row[at]?.toString('hex') ?? '')]
    .filter(([text, of]) => text !== '' && of.length > 1)
    .map(([, of]) => of);
  const short = schema.columns.filter(
    (column) =>
      column !== name &&
      !column.autoIncrement &&
      (column.family === 'NUMBER' || (column.family === 'TEXT' && (column.maxLength ?? 0) <= 64)) &&
      !schema.primaryKey.every((key) => key === column.name),
  );
  return new Set(
    short
      .filter((column) =>
        same.some(
          (of) => new Set(of.map((row) => row[schema.columns.indexOf(column)]?.toString('hex'))).size === of.length,
        ),
      )
      .map((column) => column.name),
  );
}

/** `config` beside `config_name`: a column that repeats what the names begin with is their group, and no type of value. */
function beginsAll({ schema, rows }: SampledTable, column: ColumnSchema, name: ColumnSchema): boolean {
  const [group, named] = [schema.columns.indexOf(column), schema.columns.indexOf(name)];
  return (
    rows.length > 0 &&
    rows.every((row) => Boolean(row[group]?.length) && row[named]?.toString().startsWith(row[group]?.toString() ?? ''))
  );
}
