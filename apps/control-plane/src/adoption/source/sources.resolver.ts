import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { RemoveSourceInput, RemoveSourceResult, SaveSourceInput, SaveSourceResult, Source } from './source.object.js';
import { asProblem } from './source-problems.js';
import { Sources } from './sources.js';

@Resolver()
export class SourcesResolver {
  constructor(private readonly databases: Sources) {}

  @Query(() => [Source], { description: 'The foreign databases that may be adopted from.' })
  @Requires('settings:manage')
  async sources(@CurrentActor() actor: Actor): Promise<Source[]> {
    return (await this.databases.list(actor)).map(Source.of);
  }

  @Mutation(() => SaveSourceResult, {
    description: 'Makes a source or replaces it. Nothing is connected to yet: inspectSource does that.',
  })
  @Requires('settings:manage')
  async saveSource(@CurrentActor() actor: Actor, @Args('input') input: SaveSourceInput): Promise<Source> {
    return asProblem(async () =>
      Source.of(await this.databases.save(actor, { ...input, password: input.password ?? undefined })),
    );
  }

  @Mutation(() => RemoveSourceResult, {
    description: 'Removes a source. Tables that were adopted from it must be removed before.',
  })
  @Requires('settings:manage')
  async removeSource(@CurrentActor() actor: Actor, @Args('input') input: RemoveSourceInput): Promise<Source> {
    return Source.of(await this.databases.remove(actor, input.key));
  }
}
