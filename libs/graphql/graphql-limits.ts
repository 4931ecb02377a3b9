import type { DocumentLimits } from './document-problem.js';
import type { OperationLimits } from './limits-rule.js';
import type { CostLimit } from './operation-cost.js';

/** How much one operation of an API may ask for, over HTTP and over sockets alike. */
export interface GraphqlLimits extends DocumentLimits, OperationLimits {
  /** For APIs whose lists have pages of a chosen size. */
  readonly cost?: CostLimit;
}
