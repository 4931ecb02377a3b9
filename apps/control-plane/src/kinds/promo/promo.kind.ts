import type { PromoBody } from '@paddock/contracts';
import type { ConfigKind } from '../../documents/config-kind.js';
import { placementOf } from '../targeting/placement.js';
import { propsNeedComponent, propsProblems } from '../component/props.js';
import { parseBody } from '../parse-body.js';
import { PromoInput } from './promo.input.js';

/** A piece of content that layouts place on pages, by its key or by its tags. */
export const promoKind: ConfigKind<PromoBody> = {
  name: 'promo',
  schemaVersion: 1,
  replacedBySite: true,

  parse: (input) => parseBody(PromoInput, input, ({ component, props }) => propsNeedComponent(component, props)),

  label: (promo) => promo.title,

  references: ({ component }) =>
    component === undefined ? [] : [{ kind: 'component', key: component, path: 'component' }],

  checkAgainst({ component, props }, resolve) {
    if (component === undefined) return [];
    return propsProblems(resolve({ kind: 'component', key: component, path: 'component' }), props, 'props');
  },

  reach: ({ audience, tags }) => ({ audiences: audience ? [audience] : [], tags: tags ?? [], places: [], claims: [] }),

  placements: (promo) => [placementOf('', promo)],
};
