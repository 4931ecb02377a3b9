import { ArgsType, Field, Int } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DEFAULT_PAGE, MAX_PAGE } from '../page-args.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../problems.js';

/** A cursor holds the values that its row is ordered by, of which texts may be long. */
const MAX_CURSOR = 4_000;

/** A part of a list: so many rows, after or before a cursor. */
export interface PageRequest {
  /** How many rows the page has at most. */
  readonly size: number;
  /** Towards the end of the list, from `cursor` or the beginning; or towards the beginning, from `cursor` or the end. */
  readonly direction: 'FORWARDS' | 'BACKWARDS';
  readonly cursor: string | undefined;
}

/**
 * Which page of a list, forwards or backwards. Lists with filters extend it: Nest hands a class of arguments all of them,
 * so there may be only one such class per field.
 */
@ArgsType()
export class ListArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many rows from the beginning, or after \`after\`: 1 to ${MAX_PAGE}; ${DEFAULT_PAGE} when neither first nor last is given.`,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before; goes with `first`.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many rows from the end, or before \`before\`: 1 to ${MAX_PAGE}.`,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'The `startCursor` of the page behind; goes with `last`.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  before?: string | null;

  /** @throws ProblemError where the arguments contradict each other */
  request(): PageRequest {
    const backwards = typeof this.last === 'number' || typeof this.before === 'string';
    const problems = backwards ? [...contradiction('first', this.first), ...contradiction('after', this.after)] : [];
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    return backwards
      ? { size: this.last ?? DEFAULT_PAGE, direction: 'BACKWARDS', cursor: this.before ?? undefined }
      : { size: this.first ?? DEFAULT_PAGE, direction: 'FORWARDS', cursor: this.after ?? undefined };
  }
}

function contradiction(field: string, value: unknown): FieldProblem[] {
  if (value === undefined || value === null) return [];
  const message = `${field} leads forwards, and last or before backwards; send first and after, or last and before`;
  return [new FieldProblem(field, 'CONTRADICTION', message)];
}
