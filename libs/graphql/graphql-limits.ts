import type { DocumentLimits } from './document-problem.js';
import type { OperationLimits } from './limits-rule.js';
import type { CostLimit } from './operation-cost.js';

/** Limits of one operation, over HTTP and over sockets alike. */
export interface GraphqlLimits extends DocumentLimits, OperationLimits {
  /** For APIs whose lists have pages of a chosen size. */
  readonly cost?: CostLimit;
}
