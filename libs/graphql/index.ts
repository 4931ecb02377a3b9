export { JsonScalar } from './json-scalar.js';
export { limitsRule, type OperationLimits } from './limits-rule.js';
export { presentError } from './present-error.js';
export { publicMessage } from './public-message.js';
export { statuses } from './statuses.js';
export { variableProblems } from './variable-problems.js';
