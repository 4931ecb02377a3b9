import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { DropReleaseInput, UpdateReleaseInput } from './release.input.js';
import { DropReleaseResult, Release, UpdateReleaseResult } from './release.object.js';
import { ReleaseEdits } from './release-edits.js';

@Resolver(() => Release)
export class ReleaseEditsResolver {
  constructor(private readonly edits: ReleaseEdits) {}

  @Mutation(() => UpdateReleaseResult, {
    description: 'Changes the title, reason or items of a release that is still a draft. Live documents do not change.',
  })
  @Requires('release:create')
  async updateRelease(@CurrentActor() actor: Actor, @Args('input') input: UpdateReleaseInput): Promise<Release> {
    const { id, title, reason, documents, remove, leaveOut } = input;
    const edit = { documents: documents ?? [], remove: remove ?? [], leaveOut: leaveOut ?? [] };
    return Release.of(
      await this.edits.update(actor, { id, title: title ?? undefined, reason: reason ?? undefined, ...edit }),
    );
  }

  @Mutation(() => DropReleaseResult, {
    description:
      'Drops a release that has not landed, and its schedule. It stays in the history. A release that is already dropped is returned unchanged.',
  })
  @Requires('release:create')
  async dropRelease(@CurrentActor() actor: Actor, @Args('input') input: DropReleaseInput): Promise<Release> {
    return Release.of(await this.edits.drop(actor, input.id, input.reason ?? ''));
  }
}
