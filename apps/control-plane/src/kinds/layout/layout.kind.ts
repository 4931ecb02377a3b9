import type { LayoutBody, LayoutItem, LayoutSlot } from '@paddock/contracts';
import type { ConfigKind, NamedReference, Reference } from '../../documents/config-kind.js';
import { propsProblems } from '../component/props.js';
import { parseBody } from '../parse-body.js';
import { placementOf } from '../targeting/placement.js';
import { LayoutInput } from './layout.input.js';

/** What stands where on a page. */
export const layoutKind: ConfigKind<LayoutBody> = {
  name: 'layout',
  schemaVersion: 1,
  replacedBySite: true,

  parse: (input) => parseBody(LayoutInput, input),

  label: (layout) => layout.page,

  references: ({ slots }) => slots.flatMap(slotReferences),

  checkAgainst: ({ slots }, resolve) =>
    slots.flatMap((slot, slotIndex) =>
      slot.items.flatMap((item, index) => {
        const path = itemPath(slotIndex, index);
        const component = componentReference(item, path);
        return component ? propsProblems(resolve(component), item.props, `${path}.props`) : [];
      }),
    ),

  reach({ page, slots }) {
    const items = slots.flatMap((slot) => slot.items);
    const audiences = items.flatMap((item) => item.audience ?? []);
    return {
      // One item for all visitors is enough: then all visitors see a part of it.
      audiences: audiences.length === items.length ? audiences : [],
      tags: [],
      places: slots.map((slot, index) => ({ page, slot: slot.name, targets: slotReferences(slot, index) })),
      claims: [`page:${page}`],
    };
  },

  placements: ({ slots }) =>
    slots.flatMap(({ items }, slotIndex) => items.map((item, index) => placementOf(itemPath(slotIndex, index), item))),
};

const itemPath = (slotIndex: number, index: number): string => `slots[${slotIndex}].items[${index}]`;

function slotReferences(slot: LayoutSlot, slotIndex: number): Reference[] {
  return slot.items.flatMap((item, index) => itemReferences(item, itemPath(slotIndex, index)));
}

function itemReferences(item: LayoutItem, path: string): Reference[] {
  const component = componentReference(item, path);
  return [
    ...(item.promo === undefined ? [] : [{ kind: 'promo', key: item.promo, path: `${path}.promo` } as const]),
    ...(item.promos?.tags ?? []).map(
      (tag, index) => ({ kind: 'promo', tag, path: `${path}.promos.tags[${index}]` }) as const,
    ),
    ...(component ? [component] : []),
  ];
}

function componentReference({ component }: LayoutItem, path: string): NamedReference | undefined {
  return component === undefined ? undefined : { kind: 'component', key: component, path: `${path}.component` };
}
