import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires, SignedIn } from '../access/policy.js';
import { CreateSiteInput, CreateSiteResult, Site, UpdateSiteInput, UpdateSiteResult } from './site.object.js';
import { Sites } from './sites.js';

@Resolver()
export class SitesResolver {
  constructor(private readonly storefronts: Sites) {}

  @Query(() => [Site], { description: 'The storefronts of which the caller may read something.' })
  @SignedIn()
  async sites(@CurrentActor() actor: Actor): Promise<Site[]> {
    return (await this.storefronts.list(actor)).map(Site.of);
  }

  @Mutation(() => CreateSiteResult, { description: 'Creates a site.' })
  @Requires('settings:manage')
  async createSite(@CurrentActor() actor: Actor, @Args('input') input: CreateSiteInput): Promise<Site> {
    return Site.of(await this.storefronts.create(actor, input));
  }

  @Mutation(() => UpdateSiteResult, { description: 'Changes a site: all of its fields get the values of the input.' })
  @Requires('settings:manage')
  async updateSite(@CurrentActor() actor: Actor, @Args('input') input: UpdateSiteInput): Promise<Site> {
    return Site.of(await this.storefronts.update(actor, input));
  }
}
