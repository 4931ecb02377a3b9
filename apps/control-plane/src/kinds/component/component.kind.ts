import type { ComponentBody } from '@paddock/contracts';
import type { ConfigKind } from '../../documents/config-kind.js';
import { parseBody } from '../parse-body.js';
import { ComponentInput } from './component.input.js';

/** A component that a frontend can render. Its engineers register it, so that no one publishes a promo that no frontend understands. */
export const componentKind: ConfigKind<ComponentBody> = {
  name: 'component',
  schemaVersion: 1,
  replacedBySite: true,
  parse: (input) => parseBody(ComponentInput, input),
  label: (component) => component.name,
  references: () => [],
  checkAgainst: () => [],
  reach: () => ({ audiences: [], tags: [], places: [], claims: [] }),
};
