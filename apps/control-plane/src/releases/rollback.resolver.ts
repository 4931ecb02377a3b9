import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { NamePipe } from '../graphql/is-name.js';
import { RollbackDocumentInput, RollbackReleaseInput } from './release.input.js';
import { Release, ReleasePlan, RollbackDocumentResult, RollbackReleaseResult } from './release.object.js';
import { Rollback } from './rollback.js';

@Resolver(() => Release)
export class RollbackResolver {
  constructor(private readonly rollback: Rollback) {}

  @Query(() => ReleasePlan, {
    description: 'The plan of a rollback; later releases that it overlaps are gates.',
  })
  @Requires('release:read')
  async rollbackPlan(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => ID }, NamePipe) id: string,
    @Args('keep', { type: () => [ID], nullable: true }, NamePipe) keep: string[] | null,
  ): Promise<ReleasePlan> {
    return ReleasePlan.of(await this.rollback.plan(actor, id, keep ?? undefined));
  }

  @Mutation(() => RollbackReleaseResult, {
    description: 'Lands a new release that reverses the effect of this one.',
  })
  @Requires('release:publish')
  async rollbackRelease(@CurrentActor() actor: Actor, @Args('input') input: RollbackReleaseInput): Promise<Release> {
    return Release.of(await this.rollback.release(actor, { ...input, keep: input.keep ?? undefined }));
  }

  @Mutation(() => RollbackDocumentResult, {
    description: 'Lands a release that returns one document to a revision that was live before.',
  })
  @Requires('release:publish')
  async rollbackDocument(@CurrentActor() actor: Actor, @Args('input') input: RollbackDocumentInput): Promise<Release> {
    return Release.of(await this.rollback.document(actor, input));
  }
}
