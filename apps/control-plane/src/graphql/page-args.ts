import { ArgsType, Field, Int } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

export const MAX_PAGE = 100;

/**
 * Which page of a list. Lists with filters extend it: Nest hands a class of arguments all of them, so there may be only
 * one such class per field.
 */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: `How many, 1 to ${MAX_PAGE}.` })
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  first: number;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  after?: string | null;

  /** Where the page starts, as the list's own code wrote it into the cursor; `undefined` for the first page. */
  get position(): string | undefined {
    return this.after ? Buffer.from(this.after, 'base64url').toString('utf8') : undefined;
  }

  /** How many rows to ask the database for: one more than the page has, which tells whether there is a next one. */
  get limit(): number {
    return this.first + 1;
  }
}
