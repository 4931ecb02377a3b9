import { Field, InterfaceType, ObjectType } from '@nestjs/graphql';
import { InvalidQuery, type QueryProblem } from '../queries/query-problems.js';

/** An expected problem that the caller can correct. */
@InterfaceType()
export abstract class Problem {
  @Field({ description: 'Stable and machine-readable.' }) code: string;
  @Field({ description: 'For people.' }) message: string;
}

@ObjectType({ description: 'One mistake in the input.' })
export class FieldProblem {
  @Field({ description: 'Where, from the input object down: `filter.and[0].eq.field`.' }) path: string;
  @Field({ description: 'Stable and machine-readable: `UNKNOWN_DIMENSION`.' }) code: string;
  @Field({ description: 'What was found and what was expected.' }) message: string;
}

@ObjectType({
  implements: () => Problem,
  description: 'The input has mistakes: all of them, each with its path. Nothing was read or stored.',
})
export class ValidationProblem extends Problem {
  @Field(() => [FieldProblem], { description: 'Every mistake in the input.' }) fields: FieldProblem[];
}

export function toValidationProblem(problems: readonly QueryProblem[]): ValidationProblem {
  const message = problems.map(({ path, message: text }) => `${path}: ${text}`).join('; ');
  return Object.assign(new ValidationProblem(), {
    code: 'VALIDATION',
    message,
    fields: problems.map((problem) => Object.assign(new FieldProblem(), problem)),
  });
}

/** Converts errors about the caller's input to the union member that describes them. */
export async function orProblem<T>(answer: () => Promise<T>): Promise<T | ValidationProblem> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof InvalidQuery) return toValidationProblem(error.problems);
    throw error;
  }
}
