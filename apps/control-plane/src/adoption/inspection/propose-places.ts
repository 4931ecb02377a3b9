import { columnFor, type SampledTable } from './column-roles.js';
import { isGroup } from './promo-layers.js';
import { fieldOf, groupTransform, mappingOf, type Proposal, type ProposalOptions, titleOf } from './proposal.js';
import { statusTransform, statusValues } from './row-states.js';
import { valuesSeen } from './conditions.js';
import { keyOf } from './relations.js';
import { naturalKey } from './table-schema.js';

/** The page on which groups are slots, where a table in between says which rows stand in which groups: a row may stand in several. */
export function proposePlaces(
  table: SampledTable,
  { mapping: promos }: Proposal,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): Proposal[] {
  const key = keyOf(table.schema);
  if (!key || promos.key.length !== 1 || promos.key[0] !== key.name) return [];
  for (const between of tables) {
    const refers = options.relations.filter((one) => one.table === between.schema.name);
    const mine = refers.find((one) => one.to === table.schema.name);
    const other = refers.find(
      (one) => one !== mine && tables.some((group) => group.schema.name === one.to && isGroup(group, table)),
    );
    const group = tables.find(({ schema }) => schema.name === other?.to);
    const name = group && (columnFor('TITLE', group.schema) ?? columnFor('NAME', group.schema));
    const link = naturalKey(between.schema);
    if (
      !mine ||
      !other ||
      !group ||
      !name ||
      !link ||
      between.schema.columns.length > 8 ||
      columnFor('TITLE', between.schema)
    )
      continue;
    const order = columnFor('SORT', between.schema);
    const status = columnFor('STATUS', group.schema, [name]);
    const states = status && statusValues(valuesSeen(group, status, options), status);
    const column = between.schema.columns.find((one) => one.name === mine.column);
    if (!column) continue;
    const of = `${group.schema.name}.`;
    return [
      {
        ...{ confidence: 60, questions: [] },
        reasons: [
          `${between.schema.name} says which rows of ${table.schema.name} stand in which ${group.schema.name}: each of those becomes a slot`,
        ],
        warnings: [
          'a site has one layout per page: where there is one for home already, add these slots to it instead',
        ],
        mapping: mappingOf(options, between.schema, link, {
          name: `${titleOf(table.schema.name)}: slots`,
          join: { table: group.schema.name, on: [{ column: other.column, joined: other.toColumn }], required: true },
          joins: [
            // Only what becomes a promo can stand in a slot.
            {
              table: table.schema.name,
              on: [{ column: mine.column, joined: mine.toColumn }],
              ...(promos.where ? { where: promos.where } : {}),
              required: true,
            },
            ...[...(promos.join ? [promos.join] : []), ...(promos.joins ?? [])]
              .filter(({ required }) => required)
              .map((join) => ({
                ...join,
                on: join.on.map((pair) => ({
                  ...pair,
                  column: pair.column.includes('.') ? pair.column : `${table.schema.name}.${pair.column}`,
                })),
              })),
          ],
          documents: { kind: 'layout', keyPrefix: `${promos.documents.keyPrefix}home`, gatherBy: [] },
          fields: [
            fieldOf(group, name, { field: 'slot', transform: groupTransform(options, group, name) }, of),
            {
              field: 'item.promo',
              column: column.name,
              transform: { type: 'KEY', prefix: promos.documents.keyPrefix },
            },
            ...(order ? [{ field: 'order', column: order.name, transform: { type: 'NUMBER' as const } }] : []),
            ...(status && states
              ? [fieldOf(group, status, { field: 'item.shown', transform: statusTransform(states) }, of)]
              : []),
          ],
          fixed: [{ field: 'page', value: 'home' }],
        }),
      },
    ];
  }
  return [];
}
