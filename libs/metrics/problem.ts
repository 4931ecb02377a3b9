/** One mistake in a definition: where it stands, a stable code, and what was found. */
export interface DefinitionProblem {
  /** From the body down: `simple.filter.and[1].eq.field`. */
  path: string;
  code: ProblemCode;
  message: string;
}

export const PROBLEM_CODES = [
  'REQUIRED',
  'WRONG_TYPE',
  'UNKNOWN_FIELD',
  'NOT_ALLOWED',
  'TOO_LONG',
  'TOO_MANY',
  'OUT_OF_RANGE',
  'INVALID_NAME',
  'INVALID_VERSION',
  'INVALID_DURATION',
  'INVALID_DATE',
  'INVALID_EXPRESSION',
  'INVALID_SCHEMA',
  'INCOMPATIBLE',
  'DUPLICATE',
  'EXACTLY_ONE',
  'UNKNOWN_EVENT',
  'UNKNOWN_EVENT_FIELD',
  'UNKNOWN_METRIC',
  'UNKNOWN_DIMENSION',
  'UNKNOWN_TIME_ZONE',
  'METRIC_CYCLE',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** The result of reading a body: the body with known members only, or every mistake in it. */
export type Parsed<T> = { ok: true; body: T } | { ok: false; problems: DefinitionProblem[] };
