import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { IsEnum, IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import { type KindName, MAX_KEY_LENGTH } from '#contracts';
import { IsName } from '../graphql/is-name.js';
import { PageArgs } from '../graphql/page-args.js';
import { Kind } from './kind.enum.js';

@ArgsType()
export class DocumentsArgs extends PageArgs {
  @Field(() => Kind, { nullable: true })
  @IsOptional()
  @IsEnum(Kind)
  kind?: KindName | null;

  @Field(() => String, { nullable: true, description: 'A site, or `*` for the documents of all sites.' })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH })
  site?: string | null;

  @Field(() => String, { nullable: true, description: 'Part of the label, or the beginning of the key.' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  search?: string | null;
}

@InputType()
export class RestoreRevisionInput {
  @Field(() => ID)
  @IsName({ max: 60 })
  documentId: string;

  @Field(() => Int, { description: 'Number of the revision that becomes the draft again.' })
  @IsInt()
  @Min(1)
  revision: number;

  @Field(() => Int, { description: 'Of the draft that is replaced.' })
  @IsInt()
  @Min(1)
  lockVersion: number;
}
