export { audienceProblems, MAX_AUDIENCE_LIST, type UncheckedAudience } from './audience-problems.js';
export { type AudiencePredicate, compileAudience } from './compile-audience.js';
export { isJurisdiction, jurisdictionMistake } from './jurisdictions.js';
export { isLocale, isWellFormedLocale, localeMistake } from './locales.js';
export { type Instants, localInstant, scheduleInstants, scheduleProblems } from './schedule.js';
export type { TargetingProblem } from './targeting-problem.js';
export type { Visitor } from './visitor.js';
