import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import {
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsEnum,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { type KindName, MAX_KEY_LENGTH } from '#contracts';
import { Kind } from '../documents/kind.enum.js';
import { IsName } from '../graphql/is-name.js';
import { IsText } from '../graphql/is-text.js';
import { PageArgs } from '../graphql/page-args.js';
import type { ReleaseState as ReleaseStateName } from './release.entity.js';
import { ReleaseState } from './release.object.js';

const MAX_ID = 60;
const MAX_ITEMS = 10_000;

@InputType()
export class CreateReleaseInput {
  @Field()
  @IsName({ max: 40 })
  environment: string;

  @Field({ description: 'What it is for; shown in histories. 1 to 300 characters.' })
  @IsText({ min: 1, max: 300 })
  title: string;

  @Field(() => [ID], { description: 'Documents whose drafts are frozen and pinned.' })
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  documents: string[];

  @Field(() => [ID], { nullable: true, description: 'Documents that shall no longer be live.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  remove?: string[] | null;
}

@InputType()
export class PublishReleaseInput {
  @Field(() => ID)
  @IsName({ max: MAX_ID })
  id: string;

  @Field({ description: '`plan.planHash` as you saw it.' })
  @IsName({ max: 100 })
  planHash: string;

  @Field({ description: 'Made by the caller, once per intended publish: sent again, it gets the same answer.' })
  @IsString()
  idempotencyKey: string;
}

@InputType()
export class RollbackReleaseInput {
  @Field(() => ID)
  @IsName({ max: MAX_ID })
  id: string;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Documents that stay as later releases made them. Leave it out to be shown such documents; `[]` reverts them all.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  keep?: string[] | null;

  @Field({ description: '1 to 1,000 characters.' })
  @IsText({ min: 1, max: 1_000 })
  reason: string;

  @Field()
  @IsString()
  idempotencyKey: string;
}

@InputType()
export class RollbackDocumentInput {
  @Field()
  @IsName({ max: 40 })
  environment: string;

  @Field(() => ID)
  @IsName({ max: MAX_ID })
  documentId: string;

  @Field(() => Int, { description: 'A revision that was live in this environment before.' })
  @IsInt()
  @Min(1)
  toRevision: number;

  @Field({ description: '1 to 1,000 characters.' })
  @IsText({ min: 1, max: 1_000 })
  reason: string;

  @Field()
  @IsString()
  idempotencyKey: string;
}

@InputType()
export class ScheduleReleaseInput {
  @Field(() => ID)
  @IsName({ max: MAX_ID })
  id: string;

  @Field({ description: 'In the future.' })
  @IsDate()
  at: Date;

  @Field({ description: 'IANA name, such as `Europe/London`: the zone in which the time was meant.' })
  @IsString()
  @MinLength(1)
  @MaxLength(60)
  timeZone: string;
}

@InputType()
export class CancelScheduleInput {
  @Field(() => ID)
  @IsName({ max: MAX_ID })
  id: string;
}

@InputType()
export class PromoteReleaseInput {
  @Field(() => ID, { description: 'A release that landed in another environment.' })
  @IsName({ max: MAX_ID })
  id: string;

  @Field({ description: 'The environment to promote it to.' })
  @IsName({ max: 40 })
  to: string;
}

@ArgsType()
export class ReleasesArgs extends PageArgs {
  @Field()
  @IsName({ max: 40 })
  environment: string;

  @Field(() => ReleaseState, { nullable: true })
  @IsOptional()
  @IsEnum(ReleaseState)
  state?: ReleaseStateName | null;
}

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

  @Field(() => Date, { nullable: true })
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
}
