import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';

/** Why a drift cannot be settled that way, as the problem that the mutation returns. */
export function refused(path: string, code: string, message: string): ProblemError {
  return new ProblemError(new ValidationProblem([new FieldProblem(path, code, message)]));
}
