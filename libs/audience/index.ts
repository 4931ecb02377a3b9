export {
  audienceProblems,
  isJurisdiction,
  isLocale,
  MAX_AUDIENCE_LIST,
  type UncheckedAudience,
} from './audience-problems.js';
export { type AudiencePredicate, compileAudience } from './compile-audience.js';
export { type Instants, scheduleInstants, scheduleProblems } from './schedule.js';
export type { TargetingProblem } from './targeting-problem.js';
export type { Visitor } from './visitor.js';
