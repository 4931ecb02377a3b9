import { Args, ID, Info, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { NamePipe } from '../graphql/is-name.js';
import { isSelected } from '../graphql/lists/selected.js';
import { History } from './history.js';
import { Promotion } from './promotion.js';
import { Publish } from './publish.js';
import {
  CancelScheduleInput,
  CreateReleaseInput,
  PromoteReleaseInput,
  PublishReleaseInput,
  ReleasesArgs,
  ScheduleReleaseInput,
} from './release.input.js';
import {
  CancelScheduleResult,
  CreateReleaseResult,
  PromoteReleaseResult,
  PublishReleaseResult,
  Release,
  ReleaseConnection,
  ScheduleReleaseResult,
} from './release.object.js';
import { ReleaseReads } from './release-reads.js';
import { Releases } from './releases.js';
import { Schedule } from './schedule.js';

@Resolver(() => Release)
export class ReleaseResolver {
  constructor(
    private readonly reads: ReleaseReads,
    private readonly releases: Releases,
    private readonly publishing: Publish,
    private readonly schedules: Schedule,
    private readonly promotion: Promotion,
    private readonly history: History,
  ) {}

  @Query(() => Release, {
    nullable: true,
    description: 'A release; null where it does not exist or you may not read it.',
  })
  @Requires('release:read')
  async release(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => ID }, NamePipe) id: string,
  ): Promise<Release | null> {
    const row = await this.reads.find(actor, id);
    return row && Release.of(row);
  }

  @Query(() => ReleaseConnection, {
    name: 'releases',
    description:
      'Releases of an environment that contain a document which the caller may read: filtered, sorted and counted.',
  })
  @Requires('release:read')
  async list(
    @CurrentActor() actor: Actor,
    @Args() args: ReleasesArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ReleaseConnection> {
    return this.history.list(actor, args.filter(), args, Release.of, isSelected(info, 'totalCount'));
  }

  @Mutation(() => CreateReleaseResult, {
    description: 'Freezes drafts into revisions and pins them. Live documents do not change.',
  })
  @Requires('release:create')
  async createRelease(@CurrentActor() actor: Actor, @Args('input') input: CreateReleaseInput): Promise<Release> {
    return Release.of(await this.releases.create(actor, { ...input, remove: input.remove ?? [] }));
  }

  @Mutation(() => PublishReleaseResult, { description: 'Makes a release live: all of it or nothing.' })
  @Requires('release:publish')
  async publishRelease(@CurrentActor() actor: Actor, @Args('input') input: PublishReleaseInput): Promise<Release> {
    return Release.of(await this.publishing.publish(actor, input));
  }

  @Mutation(() => ScheduleReleaseResult, {
    description: 'Lands the release by itself at a time; a gate then pauses it.',
  })
  @Requires('release:publish')
  async scheduleRelease(@CurrentActor() actor: Actor, @Args('input') input: ScheduleReleaseInput): Promise<Release> {
    const { id, timeZone, at, atLocal } = input;
    return Release.of(
      await this.schedules.schedule(actor, { id, timeZone, at: at ?? undefined, atLocal: atLocal ?? undefined }),
    );
  }

  @Mutation(() => CancelScheduleResult, {
    description: 'Takes a scheduled release back to a draft, so that it does not land by itself.',
  })
  @Requires('release:publish')
  async cancelSchedule(@CurrentActor() actor: Actor, @Args('input') input: CancelScheduleInput): Promise<Release> {
    return Release.of(await this.schedules.cancel(actor, input.id));
  }

  @Mutation(() => PromoteReleaseResult, {
    description: 'Makes a release of the same revisions in another environment.',
  })
  @Requires('release:promote')
  async promoteRelease(@CurrentActor() actor: Actor, @Args('input') input: PromoteReleaseInput): Promise<Release> {
    return Release.of(await this.promotion.promote(actor, input));
  }
}
