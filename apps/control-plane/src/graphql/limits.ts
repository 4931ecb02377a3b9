import type { GraphqlLimits } from '@paddock/graphql';
import { DEFAULT_PAGE, MAX_PAGE } from './page-args.js';

/** How much one operation may ask for; docs/api.md lists the figures. */
export const LIMITS: GraphqlLimits = {
  tokens: 2_000,
  depth: 8,
  aliases: 30,
  rootFields: 10,
  directives: 30,
  cost: { most: 20_000, defaultPage: DEFAULT_PAGE, maxPage: MAX_PAGE },
};
