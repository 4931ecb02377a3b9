export { type DocumentLimits, documentProblem } from './document-problem.js';
export { JsonScalar } from './json-scalar.js';
export { limitsRule, type OperationLimits } from './limits-rule.js';
export { presentError } from './present-error.js';
export { publicMessage } from './public-message.js';
export { refuseCostlyDocuments } from './refuse-costly-documents.js';
export { statuses } from './statuses.js';
export { stoppedAtMistakes, tooManyMistakes } from './too-many-mistakes.js';
export { variableProblems } from './variable-problems.js';
