import { Args, Field, InputType, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmptyObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { type KindName, KINDS } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { Document } from '../documents/document.object.js';
import { Drafts, type DraftToSave } from '../documents/drafts.js';
import { graphqlMember } from '../documents/kind.enum.js';
import { StaleProblem } from '../documents/stale.problem.js';
import { IsName } from '../graphql/is-name.js';
import { FieldProblem, Gate } from '../graphql/problems.js';
import { resultUnion } from '../graphql/result-union.js';
import { DraftTrial } from '../releases/draft-trial.js';
import { DocumentBodyInput } from './body.input.js';

@InputType()
export class SaveDraftInput {
  @Field({ description: 'Names the document within its kind and site: `summer-festival`.' })
  @IsString()
  key: string;

  @Field(() => String, { nullable: true, description: 'The site that it belongs to; leave it out for all sites.' })
  @IsOptional()
  @IsString()
  site?: string | null;

  @Field(() => Int, { nullable: true, description: 'Of the draft that you saw; leave it out for a new document.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  lockVersion?: number | null;

  @Field(() => DocumentBodyInput, { description: 'The whole body; exactly one kind.' })
  @ValidateNested()
  @IsNotEmptyObject()
  @Type(() => DocumentBodyInput)
  body: DocumentBodyInput;
}

@InputType({ description: 'A draft that is tried and not stored.' })
export class ValidateInput extends SaveDraftInput {
  @Field(() => String, {
    nullable: true,
    description: 'Also returns the gates of a release of the draft alone, published now in this environment.',
  })
  @IsOptional()
  @IsName({ max: 40 })
  environment?: string | null;
}

@ObjectType({ description: 'The result of saving a draft, and of publishing it, without storing anything.' })
export class Validation {
  @Field({ description: 'There are neither problems nor gates.' }) ok: boolean;
  @Field(() => [FieldProblem], { description: 'Every mistake that `saveDraft` would refuse.' })
  problems: FieldProblem[];
  @Field(() => [Gate], {
    description:
      'Every reason why a release of it may not land; empty while there are problems, and without an environment.',
  })
  gates: Gate[];
}

const SaveDraftResult = resultUnion('SaveDraft', [Document, StaleProblem]);

@Resolver()
export class SaveDraftResolver {
  constructor(
    private readonly drafts: Drafts,
    private readonly trial: DraftTrial,
  ) {}

  @Query(() => Validation, {
    description: 'Tries a draft: what `saveDraft` would say, and what publishing it would say.',
  })
  @Requires('document:write')
  async validate(@CurrentActor() actor: Actor, @Args('input') input: ValidateInput): Promise<Validation> {
    const { problems, gates } = await this.trial.run(actor, draftOf(input), input.environment ?? undefined);
    const shown = gates.map((gate) => Gate.of(gate));
    return Object.assign(new Validation(), { ok: problems.length + gates.length === 0, problems, gates: shown });
  }

  @Mutation(() => SaveDraftResult, {
    description: 'Creates a document or replaces its draft. Live documents do not change.',
  })
  @Requires('document:write')
  async saveDraft(@CurrentActor() actor: Actor, @Args('input') input: SaveDraftInput): Promise<Document> {
    return Document.of(await this.drafts.save(actor, draftOf(input)));
  }
}

function draftOf(input: SaveDraftInput): DraftToSave {
  const { kind, member } = memberOf(input.body);
  return {
    ...{ kind, key: input.key, site: input.site ?? undefined, lockVersion: input.lockVersion ?? undefined },
    ...{ body: input.body[member], bodyPath: `body.${member}` },
  };
}

/** Which member of the `@oneOf` input is there; GraphQL itself has seen to it that it is exactly one. */
function memberOf(body: DocumentBodyInput): { kind: KindName; member: keyof DocumentBodyInput } {
  const kind = KINDS.find((name) => body[graphqlMember(name)] !== undefined);
  if (!kind) throw new Error('a body without a kind came through the schema');
  return { kind, member: graphqlMember(kind) };
}
