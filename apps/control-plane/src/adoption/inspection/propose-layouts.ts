import type { AdoptionField } from '@paddock/contracts';
import { columnFor, type SampledTable, sampleOf } from './column-roles.js';
import { joinConditions, listed, noConditions, type RowConditions, valuesSeen } from './conditions.js';
import {
  fieldOf,
  groupTransform,
  keyPrefix,
  mappingOf,
  type Proposal,
  type ProposalOptions,
  titleOf,
} from './proposal.js';
import type { RiskQuestion } from './risk.js';
import { rowConditions } from './row-conditions.js';
import { statusTransform, statusValues } from './row-states.js';
import { languageScope, shopScope } from './scopes.js';
import { type ColumnSchema, naturalKey, type TableSchema } from './table-schema.js';

/** A table that says which boxes stand where on a page: a place, a name, an order. */
export function proposeLayouts(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Proposal[] {
  const { schema } = sampled;
  const key = naturalKey(schema);
  const place = columnFor('GROUP', schema);
  const box =
    schema.columns.find(
      (column) =>
        column.family === 'TEXT' &&
        /(?:box|block|module|widget|component|item|element)(?:_?name|_?code|_?file)?$/i.test(column.name),
    ) ?? columnFor('NAME', schema, [place]);
  const order = columnFor('SORT', schema, [place, box]);
  const speaksOfPlaces = /layout|box|block|widget|slot|region|sidebar|placement/i.test(schema.name);
  if (!key || !place || !box || !order || !speaksOfPlaces) return [];
  const page =
    columnFor('PAGE', schema, [place, box]) ??
    columnFor(
      'PAGE',
      schema,
      [place, box, order, ...ids(schema)],
      ({ name, family }) => family === 'NUMBER' && /_?id$/i.test(name),
    );
  const status = columnFor('STATUS', schema, [place, box, order]);
  const states =
    status && statusValues(options.valuesOf(schema.name, status.name) ?? sampleOf(sampled, status), status);
  const name: AdoptionField = fieldOf(sampled, box, { field: 'item.component', transform: { type: 'KEY' } });
  const fields: AdoptionField[] = [
    fieldOf(sampled, place, { field: 'slot', transform: groupTransform(options, sampled, place) }),
    name,
    { field: 'order', column: order.name, transform: { type: 'NUMBER' } },
    ...(status && states ? [{ field: 'item.shown', column: status.name, transform: statusTransform(states) }] : []),
    ...(page
      ? [
          {
            field: 'page',
            column: page.name,
            transform: { type: 'KEY' as const, ...(page.family === 'NUMBER' ? { prefix: 'page-' } : {}) },
          },
        ]
      : []),
  ];
  const taken = boxConditions(sampled, [place, box, order, page, status], tables, options);
  const other = status && states ? otherStates(sampled, status, states, options) : noConditions();
  const conditions = joinConditions([taken, other]);
  const where = conditions.where.length > 0 ? { where: conditions.where } : {};
  const reasons = [
    `${schema.name} looks like layouts`,
    ...conditions.reasons,
    `${place.name} says where, ${box.name} what, ${order.name} in which order`,
    ...(page ? [`${page.name} tells pages apart: each becomes a layout`] : []),
    ...(status && states ? [`${status.name} says whether it is shown`] : []),
  ];
  const layout: Proposal = {
    ...{ confidence: page && states ? 85 : 70, reasons, questions: conditions.questions },
    warnings: [
      ...conditions.warnings,
      ...(status && !states
        ? [`${status.name} may decide what is shown, but the meaning of its values is unknown: add a field item.shown`]
        : []),
      'the boxes are components: adopt or register them first, or the release is refused for broken references',
      ...(page?.family === 'NUMBER'
        ? [
            `${page.name} has numbers: pages are called page-1, page-2 …; give them the names that frontends ask for by VALUES`,
          ]
        : []),
    ],
    mapping: mappingOf(options, schema, key, {
      ...{
        name: titleOf(schema.name),
        documents: { kind: 'layout', keyPrefix: keyPrefix(schema.name), gatherBy: page ? [page.name] : [] },
        fields,
      },
      ...where,
      ...(page ? {} : { fixed: [{ field: 'page', value: 'home' }] }),
    }),
  };
  const components: Proposal = {
    ...{
      confidence: 65,
      questions: [],
      warnings: ['their props are not in the table: describe them before frontends rely on them'],
    },
    reasons: [`every ${box.name} is something that frontends render: a component`],
    mapping: mappingOf(options, schema, key, {
      name: `${titleOf(schema.name)}: components`,
      ...where,
      documents: { kind: 'component', keyPrefix: '', gatherBy: [box.name] },
      fields: [{ ...name, field: 'name', transform: { type: 'TEXT' } }],
    }),
  };
  return [layout, components];
}

/** Conditions on boxes. Columns that name the content or the place of a box are never conditions, under any name. */
function boxConditions(
  sampled: SampledTable,
  roles: readonly (ColumnSchema | undefined)[],
  tables: readonly SampledTable[],
  options: ProposalOptions,
) {
  const named = new Set(roles.map((column) => column?.name));
  const kept = sampled.schema.columns.map(({ name }) => !named.has(name));
  const rest = {
    schema: { ...sampled.schema, columns: sampled.schema.columns.filter((_, at) => kept[at]) },
    rows: sampled.rows.map((row) => row.filter((_, at) => kept[at])),
  };
  return joinConditions([
    rowConditions(rest, tables, options),
    ...[languageScope(rest, tables, options), shopScope(rest, options)].flatMap((scope) =>
      scope && scope !== 'MISSING' ? scope.conditions : [],
    ),
  ]);
}

function otherStates(
  sampled: SampledTable,
  status: ColumnSchema,
  pair: readonly [string, string],
  options: ProposalOptions,
): RowConditions {
  const others = valuesSeen(sampled, status, options).filter((text) => text !== '' && !pair.includes(text));
  if (others.length === 0) return noConditions();
  const question: RiskQuestion = {
    code: 'OTHER_STATE',
    effect: 'LOST',
    avoided: true,
    table: sampled.schema.name,
    column: status.name,
    where: [{ column: status.name, operator: 'NOT_IN', values: [...pair] }],
    say: (rows: string) => `left out: ${rows} whose ${status.name} is ${listed(others)}`,
  };
  return {
    ...noConditions(),
    where: [{ column: status.name, operator: 'IN', values: [...pair] }],
    questions: [question],
  };
}

/** Columns that identify a row alone: they name no page, under any name. */
function ids({ primaryKey, columns }: TableSchema): ColumnSchema[] {
  return columns.filter(
    ({ name, autoIncrement }) => autoIncrement || (primaryKey.length === 1 && primaryKey[0] === name),
  );
}
