import { ArgsType, Field, Int } from '@nestjs/graphql';
import { IsInt, IsOptional, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import { isName } from './is-name.js';
import { FieldProblem, ProblemError, ValidationProblem } from './problems.js';

export const MAX_PAGE = 100;
/** Rows of a page when its size is not given. */
export const DEFAULT_PAGE = 20;
const MAX_CURSOR = 300;
const NO_CURSOR = 'is no cursor of this list; send the `endCursor` of the page before';

/** Refuses what no list has written: positions are ids, keys and numbers. */
function IsCursor(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isCursor',
      validator: {
        // What is too long is another rule's.
        validate: (value) => typeof value === 'string' && (value.length > MAX_CURSOR || isName(decode(value))),
        defaultMessage: () => NO_CURSOR,
      },
    },
    { context: { code: 'INVALID_CURSOR' } },
  );
}

function decode(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8');
}

/**
 * Which page of a list. Lists with filters extend it: Nest hands a class of arguments all of them, so there may be only
 * one such class per field.
 */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE, description: `How many, 1 to ${MAX_PAGE}.` })
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  first: number;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  @IsOptional()
  @IsCursor()
  @MaxLength(MAX_CURSOR)
  after?: string | null;

  /** Where the page starts, as the list's own code wrote it into the cursor; `undefined` for the first page. */
  get position(): string | undefined {
    return this.after ? decode(this.after) : undefined;
  }

  /**
   * The same for lists that are in the order of a number.
   * @throws ProblemError when it is the cursor of another list
   */
  get numberedPosition(): number | undefined {
    const { position } = this;
    if (position === undefined || /^\d{1,15}$/.test(position))
      return position === undefined ? undefined : Number(position);
    throw new ProblemError(new ValidationProblem([new FieldProblem('after', 'INVALID_CURSOR', NO_CURSOR)]));
  }

  /** How many rows to ask the database for: one more than the page has, which tells whether there is a next one. */
  get limit(): number {
    return this.first + 1;
  }
}
