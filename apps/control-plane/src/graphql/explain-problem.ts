import type { Explain } from '@paddock/graphql';
import { ProblemError, ValidationProblem } from './problems.js';

/** A problem that no union of its field has as a member, as a top-level error. */
export const explainProblem: Explain = (cause) => {
  if (!(cause instanceof ProblemError)) return undefined;
  const { problem } = cause;
  const { message } = problem;
  if (!(problem instanceof ValidationProblem)) return { message, extensions: { code: problem.code } };
  return {
    message,
    extensions: { code: 'BAD_USER_INPUT', fields: problem.fields.map((field) => ({ ...field })) },
  };
};
