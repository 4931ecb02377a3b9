import { Args, Field, InputType, Int, Mutation, Resolver } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmptyObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { type KindName, KINDS } from '#contracts';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { Document } from '../documents/document.object.js';
import { Drafts } from '../documents/drafts.js';
import { graphqlMember } from '../documents/kind.enum.js';
import { StaleProblem } from '../documents/stale.problem.js';
import { resultUnion } from '../graphql/result-union.js';
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

  @Field(() => DocumentBodyInput)
  @ValidateNested()
  @IsNotEmptyObject()
  @Type(() => DocumentBodyInput)
  body: DocumentBodyInput;
}

const SaveDraftResult = resultUnion('SaveDraft', [Document, StaleProblem]);

@Resolver()
export class SaveDraftResolver {
  constructor(private readonly drafts: Drafts) {}

  @Mutation(() => SaveDraftResult, {
    description: 'Creates a document or replaces its draft. Changes nothing that is live.',
  })
  @Requires('document:write')
  async saveDraft(@CurrentActor() actor: Actor, @Args('input') input: SaveDraftInput): Promise<Document> {
    const { kind, member } = memberOf(input.body);
    const row = await this.drafts.save(actor, {
      ...{ kind, key: input.key, site: input.site ?? undefined, lockVersion: input.lockVersion ?? undefined },
      ...{ body: input.body[member], bodyPath: `body.${member}` },
    });
    return Document.of(row);
  }
}

/** Which member of the `@oneOf` input is there; GraphQL itself has seen to it that it is exactly one. */
function memberOf(body: DocumentBodyInput): { kind: KindName; member: keyof DocumentBodyInput } {
  const kind = KINDS.find((name) => body[graphqlMember(name)] !== undefined);
  if (!kind) throw new Error('a body without a kind came through the schema');
  return { kind, member: graphqlMember(kind) };
}
