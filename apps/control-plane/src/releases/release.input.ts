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
import { IsName } from '../graphql/is-name.js';
import { IsText } from '../graphql/is-text.js';
import { ListArgs } from '../graphql/lists/list-args.js';
import { type Order, OrderBy, orderInput } from '../graphql/lists/order.js';
import type { ReleaseState as ReleaseStateName } from './release.entity.js';
import { RELEASE_ORDER, type ReleaseFilter, type ReleaseOrderField } from './release-list.js';
import { ReleaseState } from './release.object.js';

const MAX_ID = 60;
const MAX_ITEMS = 10_000;

@InputType()
export class CreateReleaseInput {
  @Field({ description: 'The environment in which the release is to land.' })
  @IsName({ max: 40 })
  environment: string;

  @Field({ description: 'Its purpose; shown in histories. 1 to 300 characters.' })
  @IsText({ min: 1, max: 300 })
  title: string;

  @Field(() => [ID], { description: 'Documents whose drafts are frozen and pinned.' })
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  documents: string[];

  @Field(() => [ID], { nullable: true, description: 'Documents to remove from the environment.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  remove?: string[] | null;
}

@InputType()
export class UpdateReleaseInput {
  @Field(() => ID, { description: 'A release in the state DRAFT.' })
  @IsName({ max: MAX_ID })
  id: string;

  @Field(() => String, { nullable: true, description: 'A new title, 1 to 300 characters. Absent: it stays.' })
  @IsOptional()
  @IsText({ min: 1, max: 300 })
  title?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why the release was made, 0 to 1,000 characters. Absent: it stays.',
  })
  @IsOptional()
  @IsText({ min: 0, max: 1_000 })
  reason?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Documents whose current drafts are frozen and pinned. A document that is already in the release is pinned again with its current draft.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  documents?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Documents to remove from the environment.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  remove?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'Documents that the release shall not concern any more. At least one must stay.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  leaveOut?: string[] | null;
}

@InputType()
export class DropReleaseInput {
  @Field(() => ID, { description: 'A release in the state DRAFT, SCHEDULED or PAUSED.' })
  @IsName({ max: MAX_ID })
  id: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log. At most 1,000 characters.' })
  @IsOptional()
  @IsText({ min: 0, max: 1_000 })
  reason?: string | null;
}

@InputType()
export class PublishReleaseInput {
  @Field(() => ID, { description: 'The release to publish.' })
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
  @Field(() => ID, { description: 'The release to roll back.' })
  @IsName({ max: MAX_ID })
  id: string;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Documents that keep the state of later releases. Without it, the problem lists such documents; `[]` reverts them all.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsName({ max: MAX_ID, each: true })
  keep?: string[] | null;

  @Field({ description: '1 to 1,000 characters.' })
  @IsText({ min: 1, max: 1_000 })
  reason: string;

  @Field({ description: 'An idempotency key: a repeated request with the same key does not land twice.' })
  @IsString()
  idempotencyKey: string;
}

@InputType()
export class RollbackDocumentInput {
  @Field({ description: 'The environment in which to roll it back.' })
  @IsName({ max: 40 })
  environment: string;

  @Field(() => ID, { description: 'The document to roll back.' })
  @IsName({ max: MAX_ID })
  documentId: string;

  @Field(() => Int, { description: 'A revision that was live in this environment before.' })
  @IsInt()
  @Min(1)
  toRevision: number;

  @Field({ description: '1 to 1,000 characters.' })
  @IsText({ min: 1, max: 1_000 })
  reason: string;

  @Field({ description: 'An idempotency key: a repeated request with the same key does not land twice.' })
  @IsString()
  idempotencyKey: string;
}

@InputType()
export class ScheduleReleaseInput {
  @Field(() => ID, { description: 'The release to schedule.' })
  @IsName({ max: MAX_ID })
  id: string;

  @Field(() => Date, {
    nullable: true,
    description: 'When, as an instant with its offset; in the future. Either `at` or `atLocal`.',
  })
  @IsOptional()
  @IsDate()
  at?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'When, by the clocks of `timeZone`, as local time without offset: `2026-12-04T18:00`. A time that the clocks skip is ' +
      'refused with the next valid one; of a time that occurs twice, the first occurrence is meant.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(60)
  atLocal?: string | null;

  @Field({
    description: 'IANA name, such as `Europe/London`: the zone of `atLocal`, or the one in which `at` was meant.',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(60)
  timeZone: string;
}

@InputType()
export class CancelScheduleInput {
  @Field(() => ID, { description: 'The scheduled release.' })
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

const ReleaseOrder = orderInput('Release', RELEASE_ORDER);

@ArgsType()
export class ReleasesArgs extends ListArgs {
  @Field({ description: 'The environment whose releases are listed.' })
  @IsName({ max: 40 })
  environment: string;

  @Field(() => ReleaseState, { nullable: true, description: 'Releases in this state. `states` takes several.' })
  @IsOptional()
  @IsEnum(ReleaseState)
  state?: ReleaseStateName | null;

  @Field(() => [ReleaseState], { nullable: true, description: 'Releases in one of these states.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsEnum(ReleaseState, { each: true })
  states?: ReleaseStateName[] | null;

  @Field(() => [ID], { nullable: true, description: 'Releases made by one of these users or API tokens.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsName({ max: MAX_ID, each: true })
  author?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the title or the reason.' })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  text?: string | null;

  @Field(() => ID, { nullable: true, description: 'Releases that change this document.' })
  @IsOptional()
  @IsName({ max: MAX_ID })
  document?: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'Releases that landed at this instant or later; of those that have not landed, that were made then.',
  })
  @IsOptional()
  @IsDate()
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Releases that landed, or were made, before this instant.' })
  @IsOptional()
  @IsDate()
  to?: Date | null;

  @OrderBy(ReleaseOrder, 'the newest first')
  orderBy?: Order<ReleaseOrderField>[] | null;

  filter(): ReleaseFilter {
    const { environment, state, author, text, document, from, to } = this;
    const several = this.states && this.states.length > 0 ? this.states : undefined;
    const states = state ? (several ?? [state]).filter((one) => one === state) : several;
    return {
      environment,
      ...(states ? { states } : {}),
      ...(author && author.length > 0 ? { authors: author } : {}),
      ...(text ? { text } : {}),
      ...(document ? { document } : {}),
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
    };
  }
}
