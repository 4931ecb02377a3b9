import { ArgsType, Field, Int } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsDate, IsEnum, IsInt, IsOptional, Min, ValidateNested } from 'class-validator';
import { type KindName, MAX_KEY_LENGTH } from '@paddock/contracts';
import { Kind } from '../documents/kind.enum.js';
import { IsName } from '../graphql/is-name.js';
import { PageArgs } from '../graphql/page-args.js';
import { VisitorInput } from './visitor.input.js';

@ArgsType()
export class StateAtArgs extends PageArgs {
  @Field()
  @IsName({ max: 40 })
  environment: string;

  @Field(() => Int, { nullable: true, description: 'After this release. Either `seq` or `at`; neither means now.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  seq?: number | null;

  @Field(() => Date, {
    nullable: true,
    description: 'At this instant; not before the environment existed, and not in the future.',
  })
  @IsOptional()
  @IsDate()
  at?: Date | null;

  @Field(() => Kind, { nullable: true })
  @IsOptional()
  @IsEnum(Kind)
  kind?: KindName | null;

  @Field(() => String, { nullable: true })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH })
  site?: string | null;

  @Field(() => VisitorInput, {
    nullable: true,
    description: 'Only what applied to this visitor, by the code with which the edge answers.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => VisitorInput)
  visitor?: VisitorInput | null;
}
