import type { AdoptionField } from '#contracts';
import { columnFor, type SampledTable } from './column-roles.js';
import { fieldOf, groupTransform, keyPrefix, mappingOf, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import { naturalKey } from './table-schema.js';

/** A table that says which boxes stand where on a page: a place, a name, an order. */
export function proposeLayouts(sampled: SampledTable, options: ProposalOptions): Proposal[] {
  const { schema } = sampled;
  const key = naturalKey(schema);
  const place = columnFor('GROUP', schema);
  const box = schema.columns.find((column) => column.family === 'TEXT' && /(?:box|block|module|widget|component|item|element)(?:_?name|_?code|_?file)?$/i.test(column.name)) ?? columnFor('NAME', schema, [place]);
  const order = columnFor('SORT', schema, [place, box]);
  const speaksOfPlaces = /layout|box|block|widget|slot|region|sidebar|placement/i.test(schema.name);
  if (!key || !place || !box || !order || !speaksOfPlaces) return [];
  const page = columnFor('PAGE', schema, [place, box]);
  const status = columnFor('STATUS', schema, [place, box, order]);
  const name: AdoptionField = fieldOf(sampled, box, { field: 'item.component', transform: { type: 'KEY' } });
  const fields: AdoptionField[] = [
    fieldOf(sampled, place, { field: 'slot', transform: groupTransform(options, schema.name, place) }),
    name,
    { field: 'order', column: order.name, transform: { type: 'NUMBER' } },
    ...(status ? [{ field: 'item.shown', column: status.name, transform: { type: 'STATUS' as const } }] : []),
    ...(page ? [{ field: 'page', column: page.name, transform: { type: 'KEY' as const } }] : []),
  ];
  const reasons = [
    `${schema.name} looks like layouts`,
    `${place.name} says where, ${box.name} what, ${order.name} in which order`,
    ...(page ? [`${page.name} tells pages apart: each becomes a layout`] : []),
    ...(status ? [`${status.name} says whether it is shown`] : []),
  ];
  const layout: Proposal = {
    ...{ confidence: page && status ? 85 : 70, reasons },
    warnings: ['the boxes are components: adopt or register them first, or the release is refused for broken references'],
    mapping: mappingOf(options, schema, key, {
      ...{ name: titleOf(schema.name), documents: { kind: 'layout', keyPrefix: keyPrefix(schema.name), gatherBy: page ? [page.name] : [] }, fields },
      ...(page ? {} : { fixed: [{ field: 'page', value: 'home' }] }),
    }),
  };
  const components: Proposal = {
    ...{ confidence: 65, warnings: ['their props are not in the table: describe them before frontends rely on them'] },
    reasons: [`every ${box.name} is something that frontends render: a component`],
    mapping: mappingOf(options, schema, key, {
      name: `${titleOf(schema.name)}: components`,
      documents: { kind: 'component', keyPrefix: '', gatherBy: [box.name] },
      fields: [{ ...name, field: 'name', transform: { type: 'TEXT' } }],
    }),
  };
  return [layout, components];
}
