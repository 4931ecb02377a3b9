import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { readerOf } from '../access/reading.js';
import { Database } from '../database/database.js';
import { RequestScope } from '../graphql/request-scope.js';
import { databaseNow } from './environments.js';
import { pauseReason } from './pause-reason.js';
import { Planner } from './planner.js';
import { Release, ReleaseItem, ReleasePlan } from './release.object.js';
import { ReleaseLoaders } from './release-loaders.js';
import { Releases } from './releases.js';

@Resolver(() => Release)
export class ReleaseFieldsResolver {
  constructor(
    private readonly db: Database,
    private readonly loaders: ReleaseLoaders,
    private readonly planner: Planner,
    private readonly releases: Releases,
    private readonly authors: Authors,
  ) {}

  @ResolveField(() => Author, { description: 'Who created the release.' })
  author(@Parent() { authorId }: Release, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(authorId);
  }

  @ResolveField(() => Author, {
    nullable: true,
    description: 'Who made it live: by a publish or rollback, or by the schedule that fired.',
  })
  async landedBy(@Parent() { landedById }: Release, @Context() scope: RequestScope): Promise<Author | null> {
    return landedById === null ? null : this.authors.byId.of(scope).load(landedById);
  }

  @ResolveField(() => Author, {
    nullable: true,
    description: 'Who scheduled it; null where it was never scheduled, or its schedule was cancelled.',
  })
  async scheduledBy(@Parent() { scheduledById }: Release, @Context() scope: RequestScope): Promise<Author | null> {
    return scheduledById === null ? null : this.authors.byId.of(scope).load(scheduledById);
  }

  @ResolveField(() => [ReleaseItem], {
    description: 'The items that the caller may read; `hasHiddenItems` says whether there are others.',
  })
  async items(@Parent() release: Release, @Context() scope: RequestScope): Promise<ReleaseItem[]> {
    return (await this.loaders.items.of(scope).load(release.id)).items.map(ReleaseItem.of);
  }

  @ResolveField(() => Boolean, {
    description:
      'Whether it has items that the caller may not read; `items`, `plan` and receipts then leave something out.',
  })
  async hasHiddenItems(@Parent() release: Release, @Context() scope: RequestScope): Promise<boolean> {
    return (await this.loaders.items.of(scope).load(release.id)).hidden;
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'What held a scheduled release up when it was due, as far as the caller may read it.',
  })
  pausedBecause(@Parent() { paused, environment }: Release, @Context() scope: RequestScope): string | null {
    return paused === null ? null : pauseReason(paused, environment, readerOf(scope));
  }

  @ResolveField(() => Release, { nullable: true, description: 'The release that this one takes back.' })
  async reverts(@Parent() release: Release, @Context() scope: RequestScope): Promise<Release | null> {
    const row = release.revertsId ? await this.loaders.byId.of(scope).load(release.revertsId) : undefined;
    return row ? Release.of(row) : null;
  }

  @ResolveField(() => ReleasePlan, {
    nullable: true,
    description: 'Its plan if it landed now; null once it has landed or was dropped.',
  })
  async plan(@Parent() release: Release, @Context() scope: RequestScope): Promise<ReleasePlan | null> {
    if (release.state === 'LANDED' || release.state === 'DROPPED') return null;
    const row = await this.releases.findOrThrow(this.db.manager, release.id);
    await this.planner.observe([release.id]);
    const { plan } = await this.planner.ready(this.db.manager, row, await databaseNow(this.db.manager));
    return ReleasePlan.of(this.planner.seenBy(readerOf(scope), plan));
  }
}
