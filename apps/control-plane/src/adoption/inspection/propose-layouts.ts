import type { AdoptionField } from '#contracts';
import { columnFor, type SampledTable, sampleOf } from './column-roles.js';
import { fieldOf, groupTransform, keyPrefix, mappingOf, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import { statusTransform, statusValues, withoutDeleted } from './row-states.js';
import { type ColumnSchema, naturalKey, type TableSchema } from './table-schema.js';

/** A table that says which boxes stand where on a page: a place, a name, an order. */
export function proposeLayouts(sampled: SampledTable, options: ProposalOptions): Proposal[] {
  const { schema } = sampled;
  const key = naturalKey(schema);
  const place = columnFor('GROUP', schema);
  const box = schema.columns.find((column) => column.family === 'TEXT' && /(?:box|block|module|widget|component|item|element)(?:_?name|_?code|_?file)?$/i.test(column.name)) ?? columnFor('NAME', schema, [place]);
  const order = columnFor('SORT', schema, [place, box]);
  const speaksOfPlaces = /layout|box|block|widget|slot|region|sidebar|placement/i.test(schema.name);
  if (!key || !place || !box || !order || !speaksOfPlaces) return [];
  const page = columnFor('PAGE', schema, [place, box]) ?? columnFor('PAGE', schema, [place, box, order, ...ids(schema)], ({ name, family }) => family === 'NUMBER' && /_?id$/i.test(name));
  const status = columnFor('STATUS', schema, [place, box, order]);
  const states = status && statusValues(options.valuesOf(schema.name, status.name) ?? sampleOf(sampled, status), status);
  const name: AdoptionField = fieldOf(sampled, box, { field: 'item.component', transform: { type: 'KEY' } });
  const fields: AdoptionField[] = [
    fieldOf(sampled, place, { field: 'slot', transform: groupTransform(options, schema.name, place) }),
    name,
    { field: 'order', column: order.name, transform: { type: 'NUMBER' } },
    ...(status && states ? [{ field: 'item.shown', column: status.name, transform: statusTransform(states) }] : []),
    ...(page ? [{ field: 'page', column: page.name, transform: { type: 'KEY' as const, ...(page.family === 'NUMBER' ? { prefix: 'page-' } : {}) } }] : []),
  ];
  const deleted = withoutDeleted(schema);
  const where = deleted.where.length > 0 ? { where: deleted.where } : {};
  const reasons = [
    `${schema.name} looks like layouts`,
    ...deleted.reasons,
    `${place.name} says where, ${box.name} what, ${order.name} in which order`,
    ...(page ? [`${page.name} tells pages apart: each becomes a layout`] : []),
    ...(status && states ? [`${status.name} says whether it is shown`] : []),
  ];
  const layout: Proposal = {
    ...{ confidence: page && states ? 85 : 70, reasons },
    warnings: [
      ...deleted.warnings,
      ...(status && !states ? [`${status.name} may say what is shown, but nobody here knows what its values mean: add a field item.shown`] : []),
      'the boxes are components: adopt or register them first, or the release is refused for broken references',
      ...(page?.family === 'NUMBER' ? [`${page.name} has numbers: pages are called page-1, page-2 …; give them the names that frontends ask for by VALUES`] : []),
    ],
    mapping: mappingOf(options, schema, key, {
      ...{ name: titleOf(schema.name), documents: { kind: 'layout', keyPrefix: keyPrefix(schema.name), gatherBy: page ? [page.name] : [] }, fields },
      ...where,
      ...(page ? {} : { fixed: [{ field: 'page', value: 'home' }] }),
    }),
  };
  const components: Proposal = {
    ...{ confidence: 65, warnings: ['their props are not in the table: describe them before frontends rely on them'] },
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

/** Columns that name a row by themselves: no page, whatever they are called. */
function ids({ primaryKey, columns }: TableSchema): ColumnSchema[] {
  return columns.filter(({ name, autoIncrement }) => autoIncrement || (primaryKey.length === 1 && primaryKey[0] === name));
}
